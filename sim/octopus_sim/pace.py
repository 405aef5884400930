# SPDX-License-Identifier: Apache-2.0
"""How a host takes its time: at once, a word every so many cycles, or as a seed says: in bursts, with long silences."""

from random import Random

__all__ = ["Pace"]

#: One in so many words that wait, and one in so many answers, waits for long while a chip is served.
_SELDOM_WORDS, _SELDOM_ANSWERS = 400, 40
#: Cycles of a long silence.
_SILENCE = 500, 5000
#: Credits that a host which is never short of buffers gives at a time: the most that there are.
_CREDITS = 0xFFFF


class Pace:
    """What a host waits for before it does something, in cycles; the same in every simulator.

    Parameters
    ----------
    seed
        Of a host that hesitates; None for one that is always ready.

    Attributes
    ----------
    every
        Cycles from one word to the next at least, in either direction.
    serving
        Whether it serves a running chip: only then it is silent for long now and then.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._in = None if seed is None else Random(seed)
        self._out = None if seed is None else Random(seed)
        self.every = 1
        self.serving = False

    def gap(self) -> int:
        """Return how long `i` stays empty before the next word."""
        return self.every - 1 + _hesitation(self._in)

    def hold(self) -> int:
        """Return how long a word of `o` waits."""
        return self.every - 1 + self._silence(self._out, _SELDOM_WORDS)

    def thought(self) -> int:
        """Return how long an answer, or a credit, takes to begin."""
        return self._silence(self._in, _SELDOM_ANSWERS)

    def credits(self) -> int:
        """Return how many results the host would now like to be on their way."""
        return _CREDITS if self._in is None else self._in.randint(1, 6)

    def _silence(self, random: Random | None, seldom: int) -> int:
        if random is not None and self.serving and not random.randrange(seldom):
            return random.randint(*_SILENCE)
        return _hesitation(random)


def _hesitation(random: Random | None) -> int:
    """Mostly none, rarely many; None never waits."""
    return 0 if random is None else random.choice((0, 0, 0, 0, 0, 1, 2, random.randint(3, 40)))
