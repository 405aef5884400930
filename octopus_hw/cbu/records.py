# SPDX-License-Identifier: Apache-2.0
"""What the Control Block Unit keeps: holders and join records (docs/timing.md#holders)."""

from enum import IntEnum
from typing import Any

from octopus_hw.contract.bits import Field, Layout
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import ASKED, INDEX, INSTANCE, LANES, ROUND, VALUE, VARIANT
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct

__all__ = [
    "HolderKind", "ProbeStatus",
    "body", "data_in_tbu", "holder_ref", "join_record", "owner_at", "queued", "record",
]  # fmt: skip


class HolderKind(IntEnum):
    """Where a holder's tokens come from."""

    PLACE = 0  #: a finished task in a TBU's place: a list of flows
    SINGLE = 1  #: an injected or parked token: one flow
    LIST = 2  #: the output of a join or a fork at home
    SPAWN = 3  #: one flow, taken once by each child


class ProbeStatus(IntEnum):
    """How far a holder's token has got by a static mapping."""

    FRESH = 0
    PROBING = 1  #: the owner in another tile has been asked for a place
    GRANTED = 2
    DENIED = 3


def holder_ref(config: Config) -> Any:
    """Describe a holder."""
    index = max(layouts(config).record, (config.places - 1).bit_length())
    return _struct(
        "HolderRef",
        "A holder.",
        Field("index", index, "of a place: TBU x queue depth + place; of a home record: its number"),
        Field("home", 1, "a home record"),
    )


def queued(config: Config) -> Any:
    """Describe an entry of the ready queue."""
    return _struct(
        "Queued",
        "An entry of the ready queue; the answer counts for a holder that is probing only.",
        Field("holder", holder_ref(config).description),
        Field("place", layouts(config).place),
        Field("granted", 1),
    )


def body(config: Config) -> Any:
    """Describe a token without where it goes."""
    widths = layouts(config)
    return _struct(
        "Body",
        "What makes a token, without where it goes.",
        Field("home_x", widths.coord),
        Field("home_y", widths.coord),
        Field("slot", widths.slot),
        Field("index", INDEX),
        Field("value", VALUE),
        Field("instance", INSTANCE),
        Field("round", ROUND),
        Field("variant", VARIANT),
    )


def data_in_tbu(config: Config) -> Any:
    """Describe where data lie in a TBU."""
    widths = layouts(config)
    return _struct(
        "DataInTbu",
        "Where the data of a holder lie that is a place.",
        Field("place", widths.place),
        Field("tbu", widths.tbu),
    )


def owner_at(config: Config) -> Any:
    """Describe an owner."""
    widths = layouts(config)
    return _struct(
        "OwnerAt",
        "The owner whose place is the target.",
        Field("x", widths.coord),
        Field("y", widths.coord),
        Field("tbu", widths.tbu),
    )


def record(config: Config) -> Any:
    """Describe a holder's record."""
    widths = layouts(config)
    return _struct(
        "Record",
        "A holder and the token that it has got out. The index of a spawn's token is the child's number.",
        Field("kind", 2, "a HolderKind"),
        Field("status", 2, "a ProbeStatus"),
        Field("known", 1, "`last` is known: the cursor's row has been seen"),
        Field("last", 1, "the cursor is at the last flow, or the last child"),
        Field("sent", 1, "some flow of the holder left by a command"),
        Field("claimed", 1, "a spawn's child has its lane"),
        Field("keep", 1, "a spawn's children keep the spawn token's value"),
        Field("cursor", widths.flow),
        Field("flow", widths.flow),
        Field("cround", ROUND),
        Field("body", body(config).description),
        Field("source", max(widths.quad, widths.place + widths.tbu), "of the data: `data_in_tbu`, or a quad"),
        Field("length", widths.length, "of the data, in words; from a lane on, a spawn has its child's part"),
        Field("join", widths.join, "a spawn's join record"),
        Field("own", widths.own, "which of the block's owners is tried"),
        Field("left", (ASKED - 1).bit_length(), "owners still to try"),
        Field("owner", owner_at(config).description),
    )


def join_record(config: Config) -> Any:
    """Describe a join record.

    It has `arrived` = total - missing; `missing` is 0 while nothing is collected. What an arrival does depends on
    `some` and `one`, which are kept, as the record itself comes late in the cycle.
    """
    return _struct(
        "JoinRecord",
        "A join under way.",
        Field("total", INDEX),
        Field("missing", INDEX),
        Field("some", 1, "`missing` is above 0"),
        Field("one", 1, "`missing` is 1"),
        Field("index", INDEX),
        Field("value", VALUE),
        Field("round", ROUND),
        Field("accumulator", VALUE),
        Field("busy", LANES),
        Field("waiting", 1, "the spawn waits for a lane"),
        Field("spawn", layouts(config).record, "the spawn's home record, while it waits"),
        Field("quads", layouts(config).quads, "of data that its arrivals have brought"),
    )


def _struct(name: str, doc: str, *fields: Field) -> Any:
    return struct(Layout.of(name, doc, *fields))
