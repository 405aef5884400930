# SPDX-License-Identifier: Apache-2.0
"""What the Control Block Unit keeps: holders and join records (docs/timing.md#holders)."""

from enum import IntEnum

from amaranth.lib import data

from octopus_hw.contract.layout import (
    ADDRESS,
    ASKED,
    COORD,
    FLOW,
    INDEX,
    INSTANCE,
    JOIN,
    LANES,
    OWN,
    PLACE,
    RECORD,
    ROUND,
    SLOT,
    TBU,
    VALUE,
    VARIANT,
)

__all__ = ["Body", "DataInTbu", "HolderKind", "HolderRef", "JoinRecord", "OwnerAt", "ProbeStatus", "Queued", "Record"]


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


class HolderRef(data.Struct):
    """A holder: a place (TBU x queue depth + place), or a home record."""

    index: RECORD
    home: 1


class Queued(data.Struct):
    """An entry of the ready queue; the answer counts for a holder that is probing only."""

    holder: HolderRef
    place: PLACE
    granted: 1


class Body(data.Struct):
    """What makes a token, without where it goes."""

    home_x: COORD
    home_y: COORD
    slot: SLOT
    index: INDEX
    value: VALUE
    instance: INSTANCE
    round: ROUND
    variant: VARIANT


class DataInTbu(data.Struct):
    """Where the data of a holder lie that is a place."""

    place: PLACE
    tbu: TBU
    pad: ADDRESS - PLACE - TBU


class OwnerAt(data.Struct):
    """The owner whose place is the target."""

    x: COORD
    y: COORD
    tbu: TBU


class Record(data.Struct):
    """A holder and the token that it has got out. The index of a spawn's token is the child's number."""

    kind: 2  #: a HolderKind
    status: 2  #: a ProbeStatus
    known: 1  #: `last` is known: the cursor's row has been seen
    last: 1  #: the cursor is at the last flow, or the last child
    sent: 1  #: some flow of the holder left by a command
    claimed: 1  #: a spawn's child has its lane
    keep: 1  #: a spawn's children keep the spawn token's value
    cursor: FLOW
    flow: FLOW
    cround: ROUND
    body: Body
    source: ADDRESS  #: of the data: `DataInTbu`, or an address of the home store
    join: JOIN  #: a spawn's join record
    own: OWN  #: which of the block's owners is tried
    left: range(ASKED)  #: owners still to try
    owner: OwnerAt


class JoinRecord(data.Struct):
    """A join under way. It has `arrived` = total - missing; `missing` is 0 while nothing is collected.

    What an arrival does depends on `some` and `one`, which are kept, as the record itself comes late in the cycle.
    """

    total: INDEX
    missing: INDEX
    some: 1  #: `missing` is above 0
    one: 1  #: `missing` is 1
    index: INDEX
    value: VALUE
    round: ROUND
    accumulator: VALUE
    busy: LANES
    waiting: 1  #: the spawn waits for a lane
    spawn: RECORD  #: the spawn's home record, while it waits
