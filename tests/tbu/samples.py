# SPDX-License-Identifier: Apache-2.0
"""Random number sources in a number table: what they draw and when."""

import random
from dataclasses import dataclass, field

from octopus_hw.contract.codes import SourceKind
from octopus_hw.owg import sources
from octopus_hw.owg.draw import key_of as key

BLOCKS = 40


@dataclass
class Table:
    """Lays sources out in a number table and says what each draws and when."""

    words: list[int] = field(default_factory=lambda: [0] * (2 * BLOCKS))

    def put(self, words: list[int]) -> int:
        self.words += words
        return len(self.words) - len(words)

    def descriptor(self, source: sources.NumberSource) -> int:
        match source:
            case sources.Const(number):
                return self._word(SourceKind.CONST, 0, number)
            case sources.Value():
                return self._word(SourceKind.VALUE, 0, 0)
            case sources.Affine(a, b):
                return self._word(SourceKind.AFFINE, 0, self.put([a & 0xFFFFFFFF, b & 0xFFFFFFFF]))
            case sources.Quantiles(numbers):
                return self._word(SourceKind.QUANTILES, len(numbers), self.put(list(numbers)))
            case sources.Thresholds(thresholds):
                return self._word(SourceKind.THRESHOLDS, len(thresholds), self.put(list(thresholds)))
            case sources.Scenes(pairs):
                return self._word(SourceKind.SCENES, len(pairs), self.put([self.descriptor(s) for _, s in pairs]))
            case sources.Replay(numbers):
                rows = []
                for rounds in numbers:
                    inner = [self._word(0, len(numbers), self.put(list(numbers))) for numbers in rounds]
                    rows.append(self._word(0, len(inner), self.put(inner)))
                return self._word(SourceKind.REPLAY, len(rows), self.put(rows))
        raise AssertionError(source)

    @staticmethod
    def _word(kind: int, n: int, base: int) -> int:
        return int(kind) << 29 | n << 16 | base


def result_cycle(source: sources.NumberSource, k: int, t: int, scene: int) -> int:
    """The table of docs/timing.md#draw."""
    match source:
        case sources.Affine() | sources.Replay():
            return k + 3
        case sources.Quantiles():
            return max(k + 1, t + 4) + 1
        case sources.Thresholds(thresholds):
            return k + len(thresholds)
        case sources.Scenes(pairs):
            return result_cycle(pairs[scene][1], k + 1, t, scene)
    return k


def a_source(rng: random.Random, depth: int = 0) -> sources.NumberSource:
    number = lambda: rng.choice([0, 1, rng.randrange(65536), 65535])  # noqa: E731
    some = lambda most: tuple(number() for _ in range(rng.randint(1, most)))  # noqa: E731
    match rng.randrange(7 if depth < 2 else 6):
        case 0:
            return sources.Const(number())
        case 1:
            return sources.Value()
        case 2:
            ends = [-65535, 65535, 0, 1, -1, rng.randrange(-65535, 65536)]
            return sources.Affine(rng.choice(ends), rng.choice(ends))
        case 3:
            return sources.Quantiles(some(16))
        case 4:
            return sources.Thresholds(tuple(sorted(some(9))[rng.randrange(2) :]))
        case 5:
            return sources.Replay(tuple(tuple(some(3) for _ in range(rng.randint(1, 3))) for _ in range(2)))
    return sources.Scenes(tuple((str(i), a_source(rng, depth + 1)) for i in range(2)))


def a_token(rng: random.Random) -> dict[str, int]:
    return {
        "block": rng.randrange(BLOCKS),
        "index": rng.choice([0, 1, 2, 3, rng.randrange(65536)]),
        "value": rng.choice([0, 65535, rng.randrange(65536)]),
        "instance": rng.randrange(1 << 24),
        "round": rng.choice([0, 1, 2, rng.randrange(256)]),
        "variant": rng.randrange(2) << 12 | rng.randrange(2),
        "weight": rng.randrange(16),
        **lengths(rng, 11),
    }


def lengths(rng: random.Random, most: int) -> dict[str, int]:
    """Draw how long data and result of a token are."""
    words = rng.choice([0, 1, most, rng.randint(0, most)])
    return {"words": words, "result": rng.choice([0, words, most, rng.randint(0, most)])}


def key_cycle(k: int, t: int) -> int:
    """The cycle in which the key is drawn."""
    return max(k + 1, t + 4) + 1


def key_of(token: dict[str, int], seed: int) -> int:
    return key(seed, token["instance"], token["block"], token["index"], token["round"])


def expected(source: sources.NumberSource, token: dict[str, int], seed: int, field_: int) -> int:
    point = sources.Point(seed, token["instance"], token["block"], token["index"], token["round"], field_,
                          token["variant"] & 0xFFF, str(token["variant"] >> 12))  # fmt: skip
    return source.evaluate(token["value"], point)
