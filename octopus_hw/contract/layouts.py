# SPDX-License-Identifier: Apache-2.0
"""What travels or is stored and is as wide as the configuration says, bit by bit.

A small chip has narrow tokens, tables and ports. What is the same in every build is in `octopus_hw.contract.layout`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property

from octopus_hw.contract.bits import WORD, Field, Layout
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import (
    CHUNK,
    CYCLE,
    INDEX,
    INSTANCE,
    LENGTH,
    MESSAGE,
    PARALLEL,
    PARTNER,
    POOL,
    ROUND,
    TBU,
    VALUE,
    VARIANT,
    WEIGHT,
)

__all__ = ["Layouts", "layouts"]


def _bits(count: int) -> int:
    """Return the bits of the numbers from 0 to count - 1; at least one."""
    return max(1, (count - 1).bit_length())


def _layout(fields: Callable[[Layouts], tuple[Field, ...]]) -> cached_property[Layout]:
    """Make a layout of a method that returns its fields: named as the method is, described as it is."""

    def made(self: Layouts) -> Layout:
        name = "".join(part.capitalize() for part in fields.__name__.split("_"))
        return Layout(name, fields.__doc__ or "", fields(self))

    return cached_property(made)


class Layouts:
    """The layouts of a configuration.

    Attributes
    ----------
    coord, slot, block, flow, place, tbu, holder, record, join, own, list : int
        Bits of the number of a column or row, of an instance's slot, of a block and so on.
    owned : int
        Bits of how many owners a block has.
    quad : int
        Bits of the address of four words in the home store.
    at : int
        Bits of where data lie or go: a place, or a quad of the home store.
    words : int
        Bits of how many words lie in a place: at most `buffer_words`, in whole quads while a token can have so many.
    length : int
        Bits of how many words lie somewhere, or travel: at most a place's, or the home store's.
    quads : int
        Bits of how many quads lie somewhere, or lie before what is meant.
    listed, config_words, chunk : int
        Bits of how many instances a tile injects, of how many words a configuration has, and of a chunk's number.
    """

    def __init__(self, config: Config) -> None:
        self.data_width = config.data_width
        self.coord = config.coord_bits
        self.slot = _bits(config.max_instances)
        self.block = _bits(config.max_blocks)
        self.flow = _bits(config.max_flows)
        self.place = _bits(config.queue_depth)
        self.tbu = _bits(config.tbus)
        self.holder = _bits(config.holders)
        self.record = _bits(config.home_records)
        self.join = _bits(config.join_records)
        self.own = _bits(config.owner_entries)
        self.owned = config.owner_entries.bit_length()
        self.list = _bits(config.list_depth)
        self.listed = config.list_depth.bit_length()
        self.quad = _bits(-(-config.store_words // 4))
        self.at = max(self.quad, self.place)
        self.words = min((config.buffer_words + 3 & ~3).bit_length(), LENGTH)
        self.length = max(min(config.store_words.bit_length(), LENGTH), self.words)
        self.quads = self.length - 2
        self.config_words = config.config_words.bit_length()
        self.chunk = _bits(-(-config.config_words // CHUNK))

    @_layout
    def token(self) -> tuple[Field, ...]:
        """A token as it travels: the words behind a packet's header, in this order, from bit 0 on."""
        return (
            Field("home_x", self.coord),
            Field("home_y", self.coord),
            Field("slot", self.slot),
            Field("block", self.block),
            Field("index", INDEX),
            Field("value", VALUE),
            Field("instance", INSTANCE),
            Field("round", ROUND),
            Field("variant", VARIANT),
            Field("next", self.flow, "in a TBU: the block's first outgoing flow; to a home: the flow it arrives by"),
            Field("weight", WEIGHT, "in a TBU: profiled work of the invocation"),
            Field("words", self.length, "of its data"),
            Field("result", self.words, "to a task: words of its result"),
        )

    @_layout
    def header(self) -> tuple[Field, ...]:
        """What routers look at: a packet begins with it."""
        return (
            Field("x", self.coord),
            Field("y", self.coord),
            Field("unit", TBU),
            Field("config", 1, "a chunk of a configuration, not a token"),
            Field("host", 1, "a result: goes to tile 0,0 and leaves the mesh there"),
        )

    @_layout
    def token_head(self) -> tuple[Field, ...]:
        """The first flits of a packet that carries a token."""
        return (
            Field("header", self.header),
            Field("arg", self.at, "the place in a TBU, or the quad in the home store"),
            Field("token", self.token),
        )

    @_layout
    def chunk_head(self) -> tuple[Field, ...]:
        """The first flits of a packet that carries a chunk of a configuration."""
        return (
            Field("header", self.header),
            Field("parallel", PARALLEL, "log2 of the PEAs that an invocation may be split over"),
            Field("complete", 1, "the last chunk"),
            Field("chunk", self.chunk, "its number: CHUNK times as many words come before it"),
        )

    @_layout
    def flit(self) -> tuple[Field, ...]:
        """A flit of the data plane."""
        return (
            Field("data", self.data_width),
            Field("last", 1),
        )

    @_layout
    def control_flit(self) -> tuple[Field, ...]:
        """A message of the control plane; its class is a side signal of the network."""
        return (
            Field("x", self.coord),
            Field("y", self.coord),
            Field("host", 1, "goes to tile 0,0 and leaves the mesh there"),
            Field("message", MESSAGE, "`Message`"),
            Field("source_x", self.coord),
            Field("source_y", self.coord),
            Field(
                "payload",
                WORD,
                "`PlaceRequest`, `ConfigRequest`, `Answer`, `Grant` of GRANT and TAKEN, a number for the host",
            ),
        )

    @_layout
    def place_request(self) -> tuple[Field, ...]:
        """Payload of a PLACE."""
        return (
            Field("holder", self.holder, "who asks; the answer says it again"),
            Field("tbu", self.tbu),
        )

    @_layout
    def config_request(self) -> tuple[Field, ...]:
        """Payload of a CONFIG."""
        return (
            Field("block", self.block),
            Field("tbu", self.tbu, "which waits for it"),
        )

    @_layout
    def answer(self) -> tuple[Field, ...]:
        """Payload of an ANSWER."""
        return (
            Field("holder", self.holder),
            Field("place", self.place),
            Field("granted", 1),
        )

    @_layout
    def grant(self) -> tuple[Field, ...]:
        """Payload of a GRANT and of the TAKEN that answers it."""
        return (
            Field("place", self.place),
            Field("tbu", self.tbu),
            Field("partner", PARTNER, "the number that the granting tile gives to the partner"),
            Field("returned", 1),
        )

    @_layout
    def completion(self) -> tuple[Field, ...]:
        """What a TBU tells its CBU when an invocation is done; ``token.value`` is the task's new value."""
        return (
            Field("place", self.place),
            Field("token", self.token),
        )

    @_layout
    def command(self) -> tuple[Field, ...]:
        """What a CBU tells a sender: send this token with these words, then perhaps free the place they lie in."""
        return (
            Field("x", self.coord),
            Field("y", self.coord),
            Field("unit", TBU),
            Field("arg", self.at),
            Field("token", self.token),
            Field("source", self.at, "a place in a TBU's sender, a quad of the home store in the home's"),
            Field("length", self.length, "words that lie there"),
            Field("begin", self.quads, "the quad of them that is the first to be sent"),
            Field("words", self.length, "the most that are sent"),
            Field("room", self.quads, "the fewest quads that are sent, filled up with 0"),
            Field("release", 1, "free the place, or of a result the slot, when the packet has left"),
            Field("empty", 1, "send nothing, only release"),
            Field("host", 1, "a result for the host"),
        )

    @_layout
    def library_row(self) -> tuple[Field, ...]:
        """Where a block's configuration lies in the home store of the tile that has it."""
        return (
            Field("address", self.quad),
            Field("words", self.config_words),
            Field("parallel", PARALLEL),
        )

    @_layout
    def library_tile(self) -> tuple[Field, ...]:
        """The tile of the region whose home store has a block's configuration."""
        return (
            Field("x", self.coord),
            Field("y", self.coord),
        )

    @_layout
    def flow_row(self) -> tuple[Field, ...]:
        """A row of the flow table: all about where a flow leads."""
        return (
            Field("dest", self.block),
            Field("kind", 3),
            Field("last", 1, "the last flow of its source's list"),
            Field("loop", 1),
            Field("max_rounds", ROUND),
            Field("keep", 1, "into a spawn: children keep its value; into the end: the result goes to the host"),
            Field("laned", 1, "the destination lies in a spawn's body: one record for each of 32 lanes"),
            Field("first", 1, "into a join of `all`: the flow whose value counts"),
            Field("next", self.flow, "the destination's first outgoing flow"),
            Field("count", self.flow, "of a branch: outgoing flows; of a join of `all`: incoming flows"),
            Field("mode", 2, "of a join: value of 0 the token, 1 sum, 2 max, 3 count"),
            Field("all", 1, "a join of `all`"),
            Field("record", self.record, "the destination's first record within its slot"),
            Field("join", self.join, "a join's first join record within its slot; of a spawn: its join's"),
            Field("area", self.quad, "quad of the destination's data within its slot's part of the home store"),
            Field("stride", self.quads, "quads of one lane's data; into the join of a spawn: of one child's"),
            Field("offset", self.quads, "quad where they go within the destination's data"),
            Field("words", self.length, "the most words that travel on this flow"),
            Field("begin", self.quads, "quad of the source's data that is the first to travel"),
            Field("step", self.quads, "from a spawn: how many quads further on it is for the next child"),
            Field("room", self.quads, "into a join: quads that come whatever there is, the rest of them 0"),
            Field("result", self.words, "into a task: words of its result"),
            Field(
                "aux",
                self.flow,
                "into a branch: its first flow that is no loop; into a spawn: a row that leads to its join",
            ),
            Field("weight", WEIGHT, "into a task: its profiled work; into a spawn: of each child's first task"),
            Field("pool", POOL, "into a task: `Pool`"),
            Field("pinned_tbu", self.tbu, "into a task of pool STAY: its TBU"),
        )

    @_layout
    def slot_row(self) -> tuple[Field, ...]:
        """Where the instance in a slot has its space; the same in every tile."""
        return (
            Field("record", self.record),
            Field("join", self.join),
            Field("data", self.quad),
        )

    @_layout
    def stream_row(self) -> tuple[Field, ...]:
        """One stream's part of a tile: its slots and its part of the instance list."""
        return (
            Field("first", self.list, "row in the list"),
            Field("count", self.listed),
            Field("entry", self.flow, "the row that leads to the entry block"),
            Field("slot", self.slot, "its first slot"),
            Field("slots", self.slot + 1),
            Field("rows", 1, "a row of words comes from the host for each instance"),
        )

    @_layout
    def list_row(self) -> tuple[Field, ...]:
        """One instance to inject."""
        return (
            Field("instance", INSTANCE),
            Field("due", CYCLE),
            Field("variant", VARIANT),
        )

    @_layout
    def own_head(self) -> tuple[Field, ...]:
        """A block's owners."""
        return (
            Field("base", self.own),
            Field("count", self.owned),
        )

    @_layout
    def owner(self) -> tuple[Field, ...]:
        """One TBU that owns a block."""
        return (
            Field("x", self.coord),
            Field("y", self.coord),
            Field("tbu", self.tbu),
        )


@cache
def layouts(config: Config) -> Layouts:
    """Return the layouts of a configuration, the same ones each time."""
    return Layouts(config)
