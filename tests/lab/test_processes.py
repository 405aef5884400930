# SPDX-License-Identifier: Apache-2.0
import signal
import subprocess
import sys

from octopus_lab.processes import deaf_to_interrupts


def test_only_what_is_started_within_is_deaf() -> None:
    interrupt = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('goes on')"
    handler = signal.getsignal(signal.SIGINT)
    with deaf_to_interrupts():
        done = subprocess.run([sys.executable, "-c", interrupt], capture_output=True, text=True)
    assert done.stdout == "goes on\n"
    assert signal.getsignal(signal.SIGINT) is handler
    assert "goes on" not in subprocess.run([sys.executable, "-c", interrupt], capture_output=True, text=True).stdout
