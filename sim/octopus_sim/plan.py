# SPDX-License-Identifier: Apache-2.0
"""What a driver does at the host port, and what came of it; the same for every simulator.

The device has a word stream in, ``i``, and one out, ``o``, of 32 bits each. Cycle 0 is the first clock edge without
reset. ``o.ready`` is 1, so a word of `o` is taken at the first edge at which it is valid, unless the driver hesitates.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

__all__ = ["Plan", "PlanError", "PlanResult", "goes_on"]

#: Cycles without progress after which a step gives up, unless it says otherwise.
DEFAULT_TIMEOUT = 10_000_000


def goes_on(step: dict[str, Any], came: list[int]) -> bool:
    """Whether a plan goes on after a step, or in it, for which these words came."""
    if "expected" in step and came != step["expected"]:
        return False
    mask, value = step.get("ends", (0, 1))
    return all(word & mask != value for word in came[::2])


class PlanError(Exception):
    """A step of a plan did not end in time, or the simulator died."""


@dataclass
class Plan:
    """Steps that run one after the other, without a cycle in between.

    Examples
    --------
    >>> plan = Plan().send([1, 2]).wait(messages=1).idle(10)
    """

    steps: list[dict[str, Any]] = field(default_factory=list)

    def hesitate(self, seed: int) -> Self:
        """From here on, leave random gaps between the words of `i`, and let those of `o` wait, as `Pace` says."""
        self.steps.append({"do": "hesitate", "seed": seed})
        return self

    def send(self, words: Iterable[int], *, timeout: int = DEFAULT_TIMEOUT) -> Self:
        """Push words through `i` as fast as it takes them; `timeout` bounds the cycles for a single word."""
        self.steps.append({"do": "send", "words": [int(word) for word in words], "timeout": timeout})
        return self

    def wait(
        self,
        *,
        words: int = 0,
        messages: int = 0,
        timeout: int = DEFAULT_TIMEOUT,
        ends: tuple[int, int] | None = None,
    ) -> Self:
        """Sleep until that many more words, or messages of two words, came out of `o`.

        The count goes on from where the previous wait ended: words that came in between are not lost. If one of the
        messages has, under a mask, the value in its first word that `ends` says (mask, value), the plan ends here.
        """
        step = {"do": "wait", "words": words + 2 * messages, "timeout": timeout}
        self.steps.append(step if ends is None else step | {"ends": ends})
        return self

    def expect(self, words: Iterable[int], *, timeout: int = DEFAULT_TIMEOUT) -> Self:
        """Wait for as many words; if they are not these, the plan ends here."""
        expected = [int(word) for word in words]
        self.steps.append({"do": "wait", "words": len(expected), "timeout": timeout, "expected": expected})
        return self

    def serve(
        self,
        inputs: Sequence[tuple[int, int, Sequence[Sequence[int]]]],
        *,
        homes: int,
        results: int,
        every: int = 1,
        timeout: int = DEFAULT_TIMEOUT,
        ends: tuple[int, int] | None = None,
    ) -> Self:
        """Give rows and take results (`octopus_sim.server`) until that many DONEs and results have come.

        Parameters
        ----------
        inputs
            For each stream that has rows its first instance, how many there are, and the rows.
        homes, results
            What is waited for.
        every
            Cycles from one word to the next, in either direction.
        timeout
            Cycles of the whole step.
        ends
            As for `wait`; no more is waited for.
        """
        step = {"do": "serve", "inputs": inputs, "homes": homes, "results": results, "every": every, "timeout": timeout}
        self.steps.append(step if ends is None else step | {"ends": ends})
        return self

    def idle(self, cycles: int) -> Self:
        """Let the clock run."""
        self.steps.append({"do": "idle", "cycles": cycles})
        return self


@dataclass(frozen=True, kw_only=True)
class PlanResult:
    """What a device did under a plan.

    Attributes
    ----------
    words
        Every word that came out of `o`.
    word_cycles
        The cycle of each.
    steps
        First cycle and cycle after the last of each step, up to that at which the plan ended.
    cycles
        Cycles in all.
    printed
        The lines the design itself printed.
    wall_s
        Seconds from first to last step.
    """

    words: list[int]
    word_cycles: list[int]
    steps: list[tuple[int, int]]
    cycles: int
    printed: list[str]
    wall_s: float

    @property
    def messages(self) -> list[tuple[int, int]]:
        """The words in pairs."""
        return list(zip(self.words[0::2], self.words[1::2], strict=False))

    def step_words(self, index: int) -> list[int]:
        """Words that came out while one step ran."""
        first, end = self.steps[index]
        return [word for word, cycle in zip(self.words, self.word_cycles, strict=True) if first <= cycle < end]
