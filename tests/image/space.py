# SPDX-License-Identifier: Apache-2.0
"""Which words of a home store are in use, and that no two uses meet."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class Use:
    """Data at home: from when the first of them are sent here until the last packet that reads them has left."""

    count: int = 1  #: the holder, and packets that read it
    words: set[int] = field(default_factory=set)


class Space:
    """The words in use; `take` fails if another use has one of them."""

    def __init__(self) -> None:
        self.uses: dict[int, set[Use]] = {}

    def take(self, use: Use, start: int, words: int, but: Use | None = None) -> None:
        """Add words to a use; what is copied onto itself may have them too."""
        for address in range(start, start + words):
            there = self.uses.setdefault(address, set())
            assert not there - {use, but}, "a word is used twice"
            there.add(use)
            use.words.add(address)

    def leave(self, use: Use) -> None:
        """Count one who is done with a use; the last one ends it."""
        use.count -= 1
        if not use.count:
            for address in use.words:
                self.uses[address].discard(use)

    def empty(self) -> bool:
        """Whether nothing is in use."""
        return not any(self.uses.values())
