# SPDX-License-Identifier: Apache-2.0
"""What reaches the host: number, value and words of each instance whose end reports (docs/timing.md#results).

::

    words of o ─▶ results_of ──┐
                               ├─▶ result_differences: lines to print; none, if every word is as it should be
    interpreter ─▶ interpreted ┘
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Kind, Message
from octopus_hw.image.image import Image
from octopus_hw.owg.interpret import Execution
from octopus_hw.owg.workload import Instance
from octopus_sim.replies import replies_of

__all__ = [
    "Outcome", "interpreted", "is_served", "reporting", "result_count", "result_differences", "results_of",
    "write_results",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What one instance came to."""

    instance: int
    value: int
    words: NDArray[np.uint32]

    def difference(self, other: "Outcome") -> str:
        """Say in what another, of the same instance, differs first; nothing if in nothing."""
        if self.value != other.value:
            return f"value {self.value}, not {other.value}"
        if len(self.words) != len(other.words):
            return f"{len(self.words)} words, not {len(other.words)}"
        for at in np.flatnonzero(self.words != other.words):
            return f"word {at} is {self.words[at]:08x}, not {other.words[at]:08x}"
        return ""


def reporting(image: Image) -> tuple[bool, ...]:
    """Say of each stream, in the order of a tile's rows, whether its end reports."""
    return tuple(_reports(image.flows, entry) for entry in image.tiles[0].streams["entry"].tolist())


def result_count(image: Image) -> int:
    """Return how many results a run has."""
    reports = np.array(reporting(image))
    return sum(int(tile.streams["count"][reports].sum()) for tile in image.tiles)


def is_served(image: Image) -> bool:
    """Say whether a run needs its host: for rows, or for results."""
    return bool(image.inputs) or result_count(image) > 0


def results_of(words: Iterable[int]) -> tuple[Outcome, ...]:
    """Return the results among the words of `o`, in the order of their instances."""
    results = [reply.words for reply in replies_of(words) if reply.message == Message.RESULT]
    outcomes = (
        Outcome(instance=instance, value=value & 0xFFFF, words=np.array(data, np.uint32))
        for instance, value, *data in results
    )
    return tuple(sorted(outcomes, key=lambda outcome: outcome.instance))


def interpreted(runs: Iterable[tuple[Instance, Execution]]) -> Iterator[Outcome]:
    """Return what the interpreter says that instances come to; nothing of those whose words it did not follow."""
    for instance, run in runs:
        if run.words is not None:
            yield Outcome(instance=instance.number, value=run.value, words=run.words)


def result_differences(came: Iterable[Outcome], due: Iterable[Outcome]) -> list[str]:
    """Return what is wrong with each result that is; nothing, if every instance, value and word is as it should be."""
    wanted = {outcome.instance: outcome for outcome in due}
    found, seen = [], set()
    for outcome in came:
        name = f"result of instance {outcome.instance}"
        if outcome.instance in seen or outcome.instance not in wanted:
            found.append(f"{name}: came {'twice' if outcome.instance in seen else 'and is none of the workload'}")
        elif told := outcome.difference(wanted[outcome.instance]):
            found.append(f"{name}: {told}")
        seen.add(outcome.instance)
    return found + [f"result of instance {instance}: did not come" for instance in wanted if instance not in seen]


def write_results(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write ``results.npz``: `instance`, `value`, and `words`, a row for each, filled up with 0 to the longest."""
    rows = list(outcomes)
    words = np.zeros((len(rows), max((len(row.words) for row in rows), default=0)), np.uint32)
    for row, outcome in zip(words, rows, strict=True):
        row[: len(outcome.words)] = outcome.words
    instance = np.array([row.instance for row in rows], np.uint32)
    value = np.array([row.value for row in rows], np.uint16)
    with path.open("wb") as file:
        np.savez(file, instance=instance, value=value, words=words)


def _reports(flows: NDArray[np.void], entry: int) -> bool:
    """Say whether a result leaves by one of the rows that an entry row leads to."""
    seen: set[int] = set()
    ahead = [entry]
    while ahead:
        at = ahead.pop()
        if at in seen:
            continue
        seen.add(at)
        if flows["kind"][at] != Kind.END:
            ahead += _behind(flows, at)
        elif flows["keep"][at]:
            return True
    return False


def _behind(flows: NDArray[np.void], at: int) -> range:
    """Return the rows that leave the block that a row leads to."""
    first = int(flows["next"][at])
    if flows["kind"][at] == Kind.BRANCH:
        return range(first, first + int(flows["count"][at]))
    return range(first, first + int(flows["last"][first:].argmax()) + 1)
