# SPDX-License-Identifier: Apache-2.0
"""The one configuration of the design: every size that can be chosen, and what follows from it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from octopus_hw.contract.errors import InputError, nearest

__all__ = ["REGION", "ROUTERS", "Config", "load_config"]

#: A region is REGION x REGION tiles: it shares one static mapping.
REGION = 4

#: The data router's presets: settings for the smallest that is good, and for the one with most throughput.
ROUTERS = {"lean": {"data_vcs": 1, "data_buffer": 16}, "fast": {"data_vcs": 2, "data_buffer": 16}}


def _size(default: int, low: int, high: int, doc: str, power: bool = False, built: bool = True) -> Any:
    """Describe a size; one that is not `built` is loaded with the image, and the hardware is the same."""
    return field(default=default, metadata={"low": low, "high": high, "doc": doc, "power": power, "built": built})


@dataclass(frozen=True, kw_only=True)
class Config:
    """Sizes of one tile; all tiles of a mesh have the same.

    Raises
    ------
    ValueError
        A value is outside its range; the message names the field, the value and the range.
    """

    tbus: int = _size(4, 1, 6, "Task Block Units in a tile")
    peas: int = _size(4, 1, 8, "processing element arrays in a TBU")
    config_slots: int = _size(8, 1, 16, "configurations that are resident in a TBU")
    queue_depth: int = _size(8, 1, 32, "places of a TBU: invocations that wait, run or send their output")
    data_width: int = _size(
        64, 32, 128, "bits of a data flit, and of a row of every memory of data; a power of 2", power=True
    )
    buffer_words: int = _size(128, 1, 16383, "words of a place's data buffer, and the largest operand")
    config_words: int = _size(511, 1, 16383, "words of the longest configuration")
    link_latency: int = _size(1, 1, 8, "cycles on the wire between two tiles")
    coord_bits: int = _size(7, 3, 7, "bits of a coordinate: a mesh has at most 2^this columns and rows")
    data_vcs: int = _size(1, 1, 2, "queues of a data link: 1, or 2 that tell packets going straight on from others")
    data_buffer: int = _size(0, 0, 64, "flits in a receiving queue of a data link, if more than a credit round trip")
    link_stalls: int = _size(0, 0, 15, "sixteenths of the time in which a link stalls; for tests of everything else")
    library_region: int = _size(
        1, 1, 8, "tiles on a side of the squares that share the configurations among them, a power of 2", power=True
    )
    switch_cycles: int = _size(4, 0, 15, "cycles to switch a PEA to a resident configuration")
    max_blocks: int = _size(256, 1, 4096, "blocks of a workload")
    max_flows: int = _size(512, 2, 4096, "rows of the flow table")
    max_streams: int = _size(8, 1, 16, "streams of a workload")
    max_instances: int = _size(32, 1, 64, "instances in flight that have their home in one tile")
    list_depth: int = _size(1024, 1, 65536, "instances that one tile injects in a run")
    home_records: int = _size(2048, 1, 4096, "tokens that one home can hold outside the TBUs")
    join_records: int = _size(1024, 1, 4096, "joins under way at one home")
    store_words: int = _size(16384, 1, 262144, "words of the home store")
    number_words: int = _size(2048, 2, 65536, "words of the number table")
    owner_entries: int = _size(512, 1, 1024, "entries of the static mapping's owner table")
    retry_period: int = _size(
        32, 8, 256, "cycles between two tries to place a token by a static mapping, a power of 2", power=True
    )

    balance_period: int = _size(
        32, 16, 1024, "cycles between two exchanges of work between tiles, a power of 2", power=True
    )
    balance_shift: int = _size(4, 0, 7, "work moves at a rate of difference / 2^this for each exchange", built=False)
    hysteresis: int = _size(
        256, 0, 65535, "cycles of work by which a partner must be ahead before work moves", built=False
    )
    reactive_threshold: int = _size(
        8, 1, 64, "tokens by which a neighbour must be ahead before `reactive` moves one", built=False
    )

    def __post_init__(self) -> None:
        for f in fields(self):
            value, low, high = getattr(self, f.name), f.metadata["low"], f.metadata["high"]
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise ValueError(f"{f.name}: {value!r} is not a whole number from {low} to {high}")
            if f.metadata["power"] and value & (value - 1):
                raise ValueError(f"{f.name}: {value} is not a power of two")

    @property
    def link_depth(self) -> int:
        """Flits in a link's receive buffer: one credit round trip, so that a link can carry a flit every cycle."""
        return 2 * (1 + self.link_latency)

    @property
    def data_depth(self) -> int:
        """Flits in each receive buffer of a data link."""
        return max(self.data_buffer, self.link_depth)

    @property
    def tbu_bits(self) -> int:
        """Bits of a TBU's number."""
        return max(self.tbus - 1, 1).bit_length()

    @property
    def block_bits(self) -> int:
        """Bits of a block's number."""
        return max(self.max_blocks - 1, 1).bit_length()

    @property
    def place_bits(self) -> int:
        """Bits of the number of a place in its TBU."""
        return max(self.queue_depth - 1, 1).bit_length()

    @property
    def tick(self) -> int:
        """Cycles between two exchanges of work: the period, but no less than an exchange takes; a power of two."""
        least = 8 * (1 + self.link_latency) + 4
        return max(self.balance_period, 1 << (least - 1).bit_length())

    @property
    def places(self) -> int:
        """Places of all the TBUs of a tile."""
        return self.tbus * self.queue_depth

    @property
    def holders(self) -> int:
        """Holders of a CBU: its tile's places, then its home records."""
        return self.places + self.home_records

    @property
    def reset_cycles(self) -> int:
        """Cycles from a RESET to the first START's header, after the reset pin too: docs/timing.md#reset.

        A RESET takes its time to the last tile of the largest mesh, and a join record is cleared in each cycle.
        """
        furthest = 2 * ((1 << self.coord_bits) - 1) * (1 + self.link_latency)
        return furthest + (1 << max(1, (self.join_records - 1).bit_length())) + 2

    @property
    def library_depth(self) -> int:
        """Requests that can wait at a home's library: one from each TBU of its region."""
        return self.library_region**2 * self.tbus


def load_config(path: str | Path | None = None, settings: list[str] | None = None) -> Config:
    """Read the ``[octopus]`` table of a TOML file, then apply ``key=value`` settings.

    Keys of the file that begin with ``x_`` are ignored.

    Raises
    ------
    InputError
        The file cannot be read, is no TOML, or names an unknown key or a value out of range.
    """
    values = {} if path is None else _table(str(path))
    name = str(path) if path else "--set"
    given: dict[str, int] = {}
    for setting in settings or []:
        key, equals, text = setting.partition("=")
        if not equals or not text.strip().lstrip("-").isdigit():
            raise InputError("--set", setting, "write key=number")
        if key.strip() in given:
            raise InputError("--set", setting, f"{key.strip()} is set twice; set it once")
        given[key.strip()] = int(text)
    values.update(given)
    known = [f.name for f in fields(Config)]
    for key in values:
        if key not in known:
            raise InputError(name, key, f"is not known; {nearest(key, known)}")
    try:
        return replace(Config(), **values)
    except ValueError as error:
        key, _, message = str(error).partition(": ")
        raise InputError(name, key, message) from None


def _table(file: str) -> dict[str, Any]:
    """Return the keys of a file's one table, without its notes."""
    try:
        document = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(file, "", f"cannot be read ({error.strerror}); name a readable TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(file, "", f"is not TOML: {error}") from None
    for key in document:
        if key != "octopus" and not key.startswith("x_"):
            raise InputError(file, key, "is not known; the one table is [octopus]")
    table = document.get("octopus", {})
    if not isinstance(table, dict):
        raise InputError(file, "octopus", "is no table; write [octopus] on a line, and its keys below")
    return {key: value for key, value in table.items() if not key.startswith("x_")}
