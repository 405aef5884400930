# SPDX-License-Identifier: Apache-2.0
"""Where in the words of `o` one reply ends and the next begins (docs/host.md#replies)."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from octopus_hw.contract.codes import Message
from octopus_hw.contract.layout import HostWord

__all__ = ["STATUS_WORDS", "Replies", "Reply", "replies_of"]

#: Words of the answer to a STATUS.
STATUS_WORDS = 5
#: Words of a result before those that it brings: header, instance, value and length.
_RESULT_WORDS = 3


class Reply(NamedTuple):
    """What came, from which tile, and the words behind its header."""

    message: int
    x: int
    y: int
    words: list[int]


class Replies:
    """Puts replies together from words that come one by one."""

    def __init__(self) -> None:
        self._words: list[int] = []

    def take(self, word: int) -> Reply | None:
        """Take the next word; return the reply that it ends."""
        self._words.append(word)
        header = HostWord.unpack(self._words[0])
        if len(self._words) < self._length(header["message"]):
            return None
        _, *words = self._words
        self._words = []
        return Reply(header["message"], header["source_x"], header["source_y"], words)

    def _length(self, message: int) -> int:
        """Return how many words a reply has, as far as the first of them tell."""
        if message == Message.STATUS:
            return STATUS_WORDS
        if message != Message.RESULT:
            return 2
        return _RESULT_WORDS + (self._words[2] >> 16 if len(self._words) >= _RESULT_WORDS else 0)


def replies_of(words: Iterable[int]) -> Iterator[Reply]:
    """Cut words into replies; one that has not ended is left out."""
    replies = Replies()
    return (reply for word in words if (reply := replies.take(word)) is not None)
