# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

from octopus_lab.measure.usage import cpu_seconds, peak_mib


def test_children_count_too() -> None:
    before = cpu_seconds()
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", busy], check=True)
    assert 0.3 <= cpu_seconds() - before < 10
    assert peak_mib() > 10
