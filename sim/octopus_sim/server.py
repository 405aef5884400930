# SPDX-License-Identifier: Apache-2.0
"""The host's part while a chip runs: a row for each ROW, credits for results; without a simulator, and without time.

::

    words of o ─▶ hear() ─▶ ROW: the instance's row     ─┐
                            RESULT, DONE, STALLED: count ├─▶ word() ─▶ words of i
                  credits, as `Pace` likes ──────────────┘

A command begins when the one before has ended: the oldest ROW is answered first, and a credit waits for no row but the
one whose words are being sent.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

from octopus_hw.contract.codes import BootOp, Message
from octopus_hw.contract.layout import BootWord, HostWord
from octopus_sim.pace import Pace
from octopus_sim.replies import Replies, Reply

__all__ = ["ServeError", "Server"]

#: A stream's first instance, how many there are, and their rows, used again from the first on.
Rows = tuple[int, int, Sequence[Sequence[int]]]

_ROW, _CREDIT = (BootWord.pack(op=op) for op in (BootOp.ROW, BootOp.CREDIT))


class ServeError(Exception):
    """The chip asked for a row that there is not, or sent what nobody waits for."""


class Server:
    """Serves one run.

    Parameters
    ----------
    inputs
        What instances start with.
    homes, results
        How many DONEs and results are waited for.
    pace
        How the host takes its time.
    now
        The cycle in which it begins.

    Attributes
    ----------
    replies
        Header and next word of each reply of a tile that is no row or result.
    done, came, given
        DONEs and results that have come, credits that were given.
    """

    def __init__(self, inputs: Sequence[Rows], homes: int, results: int, pace: Pace, now: int) -> None:
        self.inputs, self.homes, self.results, self.pace = inputs, homes, results, pace
        self.replies: list[int] = []
        self.done = self.came = self.given = 0
        self._heard = Replies()
        self._sending: deque[int] = deque()
        self._free = now
        self._asked: deque[int] = deque()
        self._answer_at = now
        self._credits = 0
        self._credit_at = now
        self._grant(now)

    @classmethod
    def of(cls, step: dict[str, Any], pace: Pace, now: int) -> "Server":
        """Return what does a plan's step `serve`."""
        return cls(step["inputs"], step["homes"], step["results"], pace, now)

    @property
    def ended(self) -> bool:
        """Whether all has come that is waited for."""
        return self.done >= self.homes and self.came >= self.results

    @property
    def wake(self) -> int | None:
        """The first cycle in which there is a word to send, unless another comes before; None: there will be none."""
        dues = [self._free] if self._sending else []
        dues += [max(self._free, self._answer_at)] if self._asked else []
        dues += [max(self._free, self._credit_at)] if self._credits else []
        return min(dues, default=None)

    def missing(self, cycles: int) -> str:
        """Say what has not come in so many cycles."""
        told = f"{self.done} of {self.homes} DONEs and {self.came} of {self.results} results"
        return f"{told} came within {cycles} cycles"

    def hear(self, word: int, now: int) -> None:
        """Take a word of `o` that came before this cycle.

        Raises
        ------
        ServeError
            The host cannot do what it is asked.
        """
        reply = self._heard.take(word)
        if reply is not None:
            self._understand(reply, now)

    def word(self, now: int) -> int | None:
        """Return the word to send in this cycle, if any."""
        if now < self._free:
            return None
        if not self._sending:
            self._begin(now)
        if not self._sending:
            return None
        self._free = now + 1 + self.pace.gap()
        return self._sending.popleft()

    def _understand(self, reply: Reply, now: int) -> None:
        match reply.message:
            case Message.ROW:
                self._row(reply.words[0])
                if not self._asked:
                    self._answer_at = now + self.pace.thought()
                self._asked.append(reply.words[0])
            case Message.RESULT:
                if self.came == self.results:
                    raise ServeError(f"a result of instance {reply.words[0]} came that nobody waits for")
                self.came += 1
                self._grant(now)
            case Message.DONE | Message.STALLED:
                self.done += reply.message == Message.DONE
                header = HostWord.pack(message=reply.message, source_x=reply.x, source_y=reply.y)
                self.replies += [header, reply.words[0]]

    def _row(self, instance: int) -> Sequence[int]:
        """Return the words that an instance starts with."""
        for first, count, rows in self.inputs:
            if first <= instance < first + count:
                return rows[(instance - first) % len(rows)]
        raise ServeError(f"the chip asked for a row of instance {instance}, which has none")

    def _grant(self, now: int) -> None:
        """Plan the next credits, if half of those that the host likes are used up and more results are to come."""
        liked, out = self.pace.credits(), self.given - self.came
        if not self._credits and 2 * out <= liked:
            self._credits = min(liked - out, self.results - self.given)
            self._credit_at = now + self.pace.thought()

    def _begin(self, now: int) -> None:
        """Begin a command whose time has come."""
        if self._asked and now >= self._answer_at:
            row = self._row(self._asked.popleft())
            self._sending.extend((_ROW, len(row), *row))
            self._answer_at = now + self.pace.thought()
        elif self._credits and now >= self._credit_at:
            self._sending.extend((_CREDIT, self._credits))
            self.given += self._credits
            self._credits = 0
