# SPDX-License-Identifier: Apache-2.0
"""Tests run on a copy of the sources in which one file may be broken; results are kept by content.

::

    checkout ──▶ [ copies: sources, tests ] ── a file replaced ──▶ pytest, step by step ──▶ results
                        └ one cache of proofs and builds for all copies, none of it the checkout's
"""

import ast
import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.util import cache_from_source
from pathlib import Path

from octopus_hw.files import write
from octopus_sim.cache import content_hash

__all__ = ["Copy", "Outcome", "Snapshot"]

#: What a copy has of the checkout.
_PARTS = ("octopus_hw", "sim", "tests", "examples", "pyproject.toml", "README.md")
#: Short lines would cut errors off; plugins take longer to load than most tests to run.
_ENVIRONMENT = {"COLUMNS": "400", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
_PACKAGES = {"octopus_hw": "", "octopus_sim": "sim", "octopus_lab": "sim", "tests": ""}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one step of tests.

    Attributes
    ----------
    failed
        The first test that failed; empty if all passed.
    message
        Its error in a line.
    seconds, cpu
        Time, and processor time with all its children.
    """

    failed: str
    message: str
    seconds: float
    cpu: float


class Snapshot:
    """The sources as they were when the run began.

    Parameters
    ----------
    root
        The checkout.
    work
        Where copies, their cache and the results are kept.
    """

    def __init__(self, root: Path, work: Path) -> None:
        self.work = work
        self.directory = work / "sources"
        _mirror(root, self.directory)

    def text(self, file: str) -> str:
        """Return a source's text."""
        return (self.directory / file).read_text(encoding="utf-8")

    def key(self, step: str, replaced: dict[str, str]) -> str:
        """Name for a step's result: it depends on the tests, all that they import, and the data files."""
        seen = self.reached(step)
        texts = [f"{file}\n{replaced.get(file) or self.text(file)}" for file in seen]
        return content_hash(step, self._data, *texts)

    @cache  # noqa: B019 - one snapshot lives as long as the command
    def reached(self, step: str) -> list[str]:
        """List the sources that a step's tests import, directly or not, and the tests."""
        start = [argument.partition("::")[0] for argument in shlex.split(step) if argument.startswith("tests")]
        left = [*start, "tests/conftest.py"]
        reached: set[str] = set()
        while left:
            file = left.pop()
            if file not in reached:
                reached.add(file)
                left += self._imports(file)
        return sorted(reached)

    @cache  # noqa: B019
    def _imports(self, file: str) -> tuple[str, ...]:
        names = _imported(self.text(file), file)
        return tuple({found for name in names for found in self._modules(name)})

    def _modules(self, name: str) -> Iterator[str]:
        """Find the files of a module and of the packages around it."""
        parts = name.split(".")
        if parts[0] not in _PACKAGES:
            return
        for count in range(1, len(parts) + 1):
            stem = "/".join(filter(None, [_PACKAGES[parts[0]], *parts[:count]]))
            for file in (f"{stem}.py", f"{stem}/__init__.py"):
                if (self.directory / file).is_file():
                    yield file

    @cached_property
    def _data(self) -> str:
        """Everything that is no Python, but for what tells of mutants and readers."""
        parts = [self.directory / part for part in ("octopus_hw", "sim", "tests", "examples")]
        files = sorted(path for part in parts for path in part.rglob("*") if path.is_file() and path.suffix != ".py")
        return content_hash(*(f"{path.relative_to(self.directory)}\n{path.read_bytes()!r}" for path in files))


class Copy:
    """A copy of the snapshot in which tests run, one at a time."""

    def __init__(self, snapshot: Snapshot, number: int) -> None:
        self.snapshot = snapshot
        self.directory = snapshot.work / f"copy-{number}"
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        _mirror(snapshot.directory, self.directory)
        shared = snapshot.work / "cache"
        shared.mkdir(exist_ok=True)
        (self.directory / "build").mkdir(exist_ok=True)
        if not (self.directory / "build" / "cache").is_symlink():
            (self.directory / "build" / "cache").symlink_to(shared)

    def outcome(self, step: str, replaced: dict[str, str], limit: float) -> Outcome:
        """Run a step's tests, unless its result is known; files may be replaced by other texts.

        A step that takes more than `limit` seconds of processor time has failed: something goes on for ever.

        Raises
        ------
        KeyboardInterrupt
            It was told to `stop`.
        """
        kept = self.snapshot.work / "results" / f"{self.snapshot.key(step, replaced)}.json"
        if kept.is_file():
            return Outcome(**json.loads(kept.read_text(encoding="utf-8")))
        for file, text in replaced.items():
            self._write(file, text)
        try:
            outcome = self._run(step, limit)
        finally:
            for file in replaced:
                self._write(file, self.snapshot.text(file))
        write(kept, json.dumps(asdict(outcome)))
        return outcome

    def stop(self) -> None:
        """End what runs, from another thread: its result is worth nothing, and no other step will begin."""
        self._stopped = True
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _write(self, file: str, text: str) -> None:
        path = self.directory / file
        path.write_text(text, encoding="utf-8")
        # Compiled code is told apart by size and second: too coarse here.
        Path(cache_from_source(str(path))).unlink(missing_ok=True)

    def _run(self, step: str, limit: float) -> Outcome:
        log, begun = self.directory / "log.txt", time.monotonic()
        command = ["sh", "-c", 'ulimit -t "$0" && exec "$@"', str(max(1, round(limit)))]
        command += [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", *shlex.split(step)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | _ENVIRONMENT
        with log.open("w") as file:
            self._process = process = subprocess.Popen(
                command, cwd=self.directory, env=environment, stdout=file, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        if self._stopped:
            self.stop()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status = os.waitstatus_to_exitcode(status)
        self._process = None
        if self._stopped:
            raise KeyboardInterrupt
        seconds, cpu = time.monotonic() - begun, usage.ru_utime + usage.ru_stime
        failed, message = _first_failure(log.read_text(encoding="utf-8"))
        if status in (-signal.SIGXCPU, -signal.SIGKILL):
            failed, message = step, f"not over after {limit:.0f} s"
        elif status and not failed:
            failed, message = step, f"pytest's exit status {status}"
        elif not status:
            failed = message = ""
        return Outcome(failed=failed, message=message, seconds=round(seconds, 2), cpu=round(cpu, 2))


def _first_failure(log: str) -> tuple[str, str]:
    found = re.search(r"^(?:FAILED|ERROR) (.*?)(?: - (.*))?$", log, re.MULTILINE)
    return (found[1], (found[2] or "").strip()) if found else ("", "")


def _imported(text: str, file: str) -> set[str]:
    """Name the modules that a source imports, perhaps with names in them."""
    names: set[str] = set()
    package = file.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
            base = base if node.level else node.module or ""
            names |= {f"{base}.{alias.name}" for alias in node.names}
    return names


def _mirror(source: Path, target: Path) -> None:
    """Make the parts of two directories equal; what is equal keeps its time."""
    wanted = set()
    for part in _PARTS:
        top = source / part
        for path in [top] if top.is_file() else top.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                wanted.add(path.relative_to(source))
    for part in _PARTS:
        for path in list((target / part).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.relative_to(target) not in wanted:
                path.unlink()
    for name in wanted:
        old, new = target / name, (source / name).read_bytes()
        if not old.is_file() or old.read_bytes() != new:
            old.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, old)
            Path(cache_from_source(str(old))).unlink(missing_ok=True)
