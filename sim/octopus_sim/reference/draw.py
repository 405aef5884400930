# SPDX-License-Identifier: Apache-2.0
"""What a block draws for a token, and in which cycle (docs/timing.md#draw)."""

from __future__ import annotations

from collections.abc import Mapping

from octopus_hw.contract.codes import SourceKind
from octopus_hw.image.image import Image
from octopus_hw.owg.draw import draw, pick

__all__ = ["Numbers"]


class Numbers:
    """The number table, from which the CBU's unit draws field 0."""

    def __init__(self, image: Image) -> None:
        self.words, self.seed = [int(word) for word in image.numbers], image.seed

    def draw(self, block: int, token: Mapping[str, int], t: int) -> tuple[int, int]:
        """Return the result and its cycle r for a draw unit that takes the token in t."""
        k, word = t + 1, self.words[2 * block]
        if word >> 29 == SourceKind.SCENES:
            word, k = self.words[(word & 0xFFFF) + (token["variant"] >> 12)], k + 1
        kind, n, base = word >> 29, word >> 16 & 0x1FFF, word & 0xFFFF
        match kind:
            case SourceKind.CONST:
                return base, k
            case SourceKind.VALUE:
                return token["value"], k
            case SourceKind.AFFINE:
                a, b = (w - (1 << 32) * (w >> 31) for w in self.words[base : base + 2])
                return min(max(a + b * token["value"], 0), 65535), k + 3
            case SourceKind.QUANTILES:
                h = draw(self.seed, token["instance"], block, token["index"], token["round"], 0)
                return self.words[base + pick(h, n)], max(k + 1, t + 4) + 1
            case SourceKind.THRESHOLDS:
                return sum(w <= token["value"] for w in self.words[base : base + n]), k + n
            case SourceKind.REPLAY:
                word = self.words[base + (token["variant"] & 0xFFF)]
                for at in ("round", "index"):
                    n, base = word >> 16 & 0x1FFF, word & 0xFFFF
                    word = self.words[base + min(token[at], n - 1)]
                return word, k + 3
        raise AssertionError(kind)
