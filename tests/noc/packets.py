# SPDX-License-Identifier: Apache-2.0
"""Packets by the page (docs/timing.md#packets), number by number: what tests hold senders and receivers against."""

import random
from typing import Any

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CHUNK
from octopus_hw.contract.layouts import layouts

Flits = list[tuple[int, int]]

#: Configurations that differ in how many flits a head takes, and in whether rows fill quads and places.
CONFIGS = [
    Config(),
    Config(data_width=64),
    Config(data_width=128),
    Config(data_width=32, buffer_words=30, store_words=600, queue_depth=5, coord_bits=3, config_words=200),
    Config(data_width=64, buffer_words=511, store_words=600, queue_depth=32, config_words=16383, max_blocks=16),
    Config(
        data_width=128, tbus=1, buffer_words=5, store_words=32, queue_depth=2, coord_bits=3, config_words=70,
        max_blocks=2, max_flows=2, max_instances=2,
    ),
]  # fmt: skip


def name_of(config: Config) -> str:
    return f"{config.data_width} bits, {config.buffer_words} words"


def some(rng: random.Random, layout: Any) -> dict[str, Any]:
    """Draw all fields of a layout."""
    fields = ((field.name, field.shape) for field in layout.fields)
    return {name: rng.getrandbits(shape) if isinstance(shape, int) else some(rng, shape) for name, shape in fields}


def packed(layout: Any, values: dict[str, Any]) -> int:
    """Pack a layout whose fields may be layouts."""
    inner = {field.name: field.shape for field in layout.fields if not isinstance(field.shape, int)}
    flat = {name: packed(inner[name], value) if name in inner else value for name, value in values.items()}
    return layout.pack(**flat)


def head(config: Config, layout: Any, values: dict[str, Any]) -> list[int]:
    """The flits of a head."""
    bits, width = packed(layout, values), config.data_width
    return [bits >> at & (1 << width) - 1 for at in range(0, layout.size, width)]


def rows(config: Config, words: list[int]) -> list[int]:
    """The rows of some words, filled up with 0."""
    per = config.data_width // 32
    filled = words + [0] * (-len(words) % per)
    return [sum(word << 32 * j for j, word in enumerate(filled[at : at + per])) for at in range(0, len(filled), per)]


def marked(flits: list[int]) -> Flits:
    """Mark the last flit."""
    return [*((flit, 0) for flit in flits[:-1]), (flits[-1], 1)]


def sent_words(command: dict[str, Any], data: list[int]) -> list[int]:
    """The words that a command sends of what lies at its source."""
    begin, there = 4 * command["begin"], data[: command["length"]]
    slice_ = there[begin : begin + command["words"]]
    return slice_ + [0] * (4 * command["room"] - len(slice_))


def token_packet(config: Config, where: dict[str, int], token: dict[str, int], words: list[int]) -> Flits:
    """The packet of a token: `where` has x, y, unit and arg, and `host` of a result."""
    header = {name: where[name] for name in ("x", "y", "unit")} | {"host": where.get("host", 0)}
    values = {"header": header, "arg": where["arg"], "token": token | {"words": len(words)}}
    return marked(head(config, layouts(config).token_head, values) + rows(config, words))


def chunk_packets(config: Config, where: dict[str, int], parallel: int, words: list[int]) -> list[Flits]:
    """The packets of a configuration, in order."""
    chunks = [words[at : at + CHUNK] for at in range(0, len(words), CHUNK)] or [[]]
    packets = []
    for number, chunk in enumerate(chunks):
        values = {
            "header": where | {"config": 1},
            "parallel": parallel,
            "complete": int(number == len(chunks) - 1),
            "chunk": number,
        }
        packets.append(marked(head(config, layouts(config).chunk_head, values) + rows(config, chunk)))
    return packets


def a_command(rng: random.Random, config: Config) -> dict[str, Any]:
    """A command of any slice: data that end before it, within it or behind it, and a room of any size."""
    widths = layouts(config)
    most = -(-config.buffer_words // 4)
    words = rng.choice([0, 0, 1, 2, 5, rng.randint(0, config.buffer_words)])
    begin = rng.choice([0, 0, 1, rng.randrange(1 << widths.quads)])
    length = rng.choice([0, 4 * begin + words, 4 * begin + rng.randint(0, words + 3), rng.getrandbits(widths.length)])
    return some(rng, widths.command) | {
        "words": min(words, config.buffer_words),
        "begin": begin,
        "length": min(length, (1 << widths.length) - 1),
        "room": rng.choice([0, 0, 0, 1, rng.randint(0, most)]),
        "empty": 0,
    }
