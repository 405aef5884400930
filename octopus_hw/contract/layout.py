# SPDX-License-Identifier: Apache-2.0
"""Bit layouts of everything that travels or is stored: the contract between compiler, RTL and boot words.

Field widths are the same in every build, so that one image format serves all of them; a small build only
uses fewer values.
"""

from enum import IntEnum

from amaranth.lib import data

__all__ = [
    "ASKED",
    "LANES",
    "RETRIES",
    "UNIT_HOME",
    "Answer",
    "Balance",
    "BootOp",
    "Command",
    "Completion",
    "ConfigRequest",
    "ControlFlit",
    "Event",
    "Flit",
    "FlowRow",
    "Grant",
    "Header",
    "Kind",
    "ListRow",
    "LoadWord",
    "Memory",
    "Message",
    "Mode",
    "OwnHead",
    "Owner",
    "PlaceRequest",
    "Pool",
    "Register",
    "SlotRow",
    "Source",
    "StreamRow",
    "Token",
    "Variant",
    "boot_columns",
]

WORD = 32  # of a data flit, of a boot word, of a table's column
CYCLE = 32  # the time
COUNTER = 32  # what a tile counts, and the event hash
COORD = 7  # a mesh is at most 128 x 128
SLOT = 6
BLOCK = 12
FLOW = 12
INDEX = 16
VALUE = 16
NUMBER = 16  # in the number table: cycles, a value, a choice
NUMBERS = 13  # so many of one source
ROUND = 8
INSTANCE = 24
VARIANT = 16  # `Variant`
ADDRESS = 14  # of the home store
WORDS = 9
HOLDER = 13  # places, then home records
WEIGHT = 4  # worth 0 if 0, else (2 + low bit) << the three high bits
WORK = 12  # of a tile, as it is sent and compared
TBU_WORK = 14  # of a TBU: up to 32 tokens of 384 units each
PARTNER = 4  # 4 x log2 of the distance + direction
PLACE = 5
TBU = 3
PEA = 3
RECORD = 12  # of a home, and within a slot
JOIN = 12  # join records of a home, and within a slot
OWN = 10  # owners of all blocks
POOL = 2
MESSAGE = 3
STREAM = 4
LIST = 16  # rows of a tile's instance list
INSTANCES = LIST + 1  # of one tile

#: Most children of one spawn under way: child i has lane i mod LANES.
LANES = 32

#: Static mappings: stalled holders that are tried in a retry period, and owners that are asked in one try.
RETRIES = 2
ASKED = 4

#: The unit number that means a tile's home store in a packet header; lower ones are TBUs.
UNIT_HOME = 7


class Kind(IntEnum):
    """What a flow leads to."""

    TASK = 0
    FORK = 1
    BRANCH = 2
    SPAWN = 3
    JOIN = 4
    END = 5


class Pool(IntEnum):
    """How a CBU chooses among the TBUs of its tile for a task."""

    SPREAD = 0  #: the least loaded one
    FILL = 1  #: gaps of busy ones first
    STAY = 2  #: always the same one, if it has a gap


class Source(IntEnum):
    """Kinds of number source in the number table; a descriptor is kind[31:29], n[28:16], base[15:0]."""

    CONST = 0  #: base is the number
    VALUE = 1  #: the token's value
    AFFINE = 2  #: words base (a) and base + 1 (b), two's complement
    QUANTILES = 3  #: n numbers from base on
    SCENES = 4  #: descriptors from base on, one for each scene
    REPLAY = 5  #: at base + row a descriptor-like word: n rounds at its base; each: n numbers at its base
    THRESHOLDS = 6  #: n numbers from base on: the result is how many are <= value


class Event(IntEnum):
    """Event codes, in the order in which one unit's events of one cycle are listed."""

    INJECT = 0
    DISPATCH = 1
    MOVE = 2
    FINISH = 3
    START = 4
    DECIDE = 5
    JOIN = 6
    RETIRE = 7


class Message(IntEnum):
    """Messages of the control plane; the first two are requests, the others replies."""

    PLACE = 0  #: asks a CBU for a place in one of its TBUs
    CONFIG = 1  #: asks a library for a configuration
    ANSWER = 2  #: a place, or none
    DONE = 3  #: to the host: every instance of this home has retired
    DATA = 4  #: to the host: one counter
    GRANT = 5  #: a place for a partner's work
    TAKEN = 6  #: the answer to a GRANT: it was used, or is given back


class Memory(IntEnum):
    """What a boot LOAD writes."""

    REGISTER = 0
    FLOW = 1  #: address = row * 8 + column
    NUMBER = 2
    SLOT = 3  #: row * 2 + column
    STREAM = 4  #: row * 2 + column
    LIST = 5  #: row * 4 + column
    OWN_HEAD = 6  #: by block
    OWNER = 7
    LIBRARY = 8  #: by block: log2 of `parallel`[24:23], words[22:14], address[13:0]
    STORE = 9


class Register(IntEnum):
    """Addresses of the registers behind Memory.REGISTER."""

    SEED = 0
    MODE = 1
    LIBRARY = 2  #: x[6:0], y[13:7] of the tile whose library serves this one
    DEAD = 3  #: two registers, 3 and 4: one bit for each PEA, TBU * 8 + PEA; a TBU with all bits set is dead
    STREAMS = 5  #: a power of two minus 1, at least 1: which streams are visited
    EXPECTED = 6  #: instances this tile injects
    BALANCE = 7  #: `Balance`


class BootOp(IntEnum):
    """Top four bits of a boot header word: op[31:28] x0[27:21] y0[20:14] x1[13:7] y1[6:0]."""

    LOAD = 1  #: then one word memory[31:28] count[27:16]; one word address[19:0]; then count words
    START = 2  #: then one word: the time, advanced by 1 + link latency at each hop
    READ = 3  #: then one word count[31:16], first[15:0]: counters to send to the host


class Mode(data.Struct):
    """Mechanism bits: a strategy is a preset of them."""

    static: 1  #: tokens go to owners by table; else to a TBU of this tile, or where a place was granted
    adaptive: 1  #: a TBU binds any waiting token; else only the oldest
    prefetch: 1  #: configurations are fetched for waiting tokens even while no PEA is idle
    affinity: 1  #: a token goes to a PEA that has its configuration, if there is one
    split: 1  #: an invocation that allows it is split over idle PEAs
    balance: 1  #: tiles exchange their work and move it
    announce: 1  #: a spawn's children count as work from its decision on
    early: 1  #: work moves as soon as no PEA here is free; else only when there is no place


class Balance(data.Struct):
    """Parameters of balancing; work is counted in units that the compiler chooses."""

    hysteresis: WORK  #: a partner must have so much more work
    shift: 3  #: a partner's work moves at difference / 2^shift for each tick
    nominal: WEIGHT  #: the weight of a token whose weight is not known
    strides: 4  #: bit i: partners at distance 2^i


class Token(data.Struct):
    """A token as it travels: words 1 to 4 of a packet, in this order, from bit 0 of word 1 on (128 bits)."""

    home_x: COORD
    home_y: COORD
    slot: SLOT
    block: BLOCK
    index: INDEX
    value: VALUE
    instance: INSTANCE
    round: ROUND
    variant: VARIANT
    next: FLOW  #: in a TBU: the block's first outgoing flow; to a home: the flow it arrives by
    weight: WEIGHT  #: in a TBU: profiled work of the invocation


class Variant(data.Struct):
    """A token's variant, as number sources read it."""

    row: 12  #: of REPLAY
    scene: 4


class Header(data.Struct):
    """Word 0 of a packet."""

    x: COORD
    y: COORD
    unit: TBU
    config: 1  #: a configuration, not a token
    arg: ADDRESS  #: the place in a TBU, or the address in the home store; of a configuration: log2 of `parallel`


class Flit(data.Struct):
    """A flit of the data plane."""

    data: WORD
    last: 1


class ControlFlit(data.Struct):
    """A message of the control plane; its class is a side signal of the network."""

    x: COORD
    y: COORD
    host: 1  #: goes to tile 0,0 and leaves the mesh there
    message: MESSAGE
    source_x: COORD
    source_y: COORD
    #: PLACE: PlaceRequest; CONFIG: ConfigRequest; ANSWER: Answer; DATA, DONE: a number; GRANT, TAKEN: Grant
    payload: WORD


class PlaceRequest(data.Struct):
    """Payload of a PLACE."""

    holder: HOLDER  #: who asks; the answer says it again
    tbu: TBU  #: where a place is wanted


class ConfigRequest(data.Struct):
    """Payload of a CONFIG."""

    block: BLOCK
    tbu: TBU  #: which waits for it


class Answer(data.Struct):
    """Payload of an ANSWER."""

    holder: HOLDER
    place: PLACE
    granted: 1


class Grant(data.Struct):
    """Payload of a GRANT and of the TAKEN that answers it."""

    place: PLACE
    tbu: TBU
    partner: PARTNER  #: the number that the granting tile gives to the partner
    returned: 1


class Completion(data.Struct):
    """What a TBU tells its CBU when an invocation is done; ``token.value`` is the task's new value."""

    place: PLACE
    token: Token


class Command(data.Struct):
    """What a CBU tells a sender: send this token with these words, then perhaps free the place they lie in."""

    x: COORD
    y: COORD
    unit: TBU
    arg: ADDRESS
    token: Token
    source: ADDRESS  #: a place in a TBU's sender, an address of the home store in the home's
    words: WORDS
    release: 1  #: free the place when the packet has left
    empty: 1  #: send nothing, only release


class FlowRow(data.Struct):
    """A row of the flow table: all about where a flow leads. Column by column 32 bits, see `boot_columns`."""

    # column 0
    dest: BLOCK
    kind: 3
    last: 1  #: the last flow of its source's list
    loop: 1
    keep: 1  #: into a spawn: children keep its value
    laned: 1  #: the destination lies in a spawn's body: one record for each of 32 lanes
    first: 1  #: into a join of "all": the flow whose value counts
    max_rounds: ROUND
    pad0: 4
    # column 1
    next: FLOW  #: the destination's first outgoing flow
    count: 12  #: of a branch: outgoing flows; of a join of "all": incoming flows
    mode: 2  #: of a join: value of 0 the token, 1 sum, 2 max, 3 count
    all: 1  #: a join of "all"
    pad1: 5
    # column 2
    record: RECORD  #: the destination's first record within its slot
    join: JOIN  #: a join's first join record within its slot; of a spawn: its join's
    pad2: 8
    # column 3
    area: ADDRESS  #: the destination's data within its slot's part of the home store
    stride: WORDS  #: words of one lane's data
    words: WORDS  #: words that travel on this flow
    # column 4
    offset: WORDS  #: where they go within the destination's data
    aux: 12  #: into a branch: the first of its flows that is no loop; into a spawn: a row that leads to its join
    weight: WEIGHT  #: into a task: its profiled work; into a spawn: of each child's first task
    pool: POOL  #: into a task: `Pool`
    seat: TBU  #: into a task of pool STAY: its TBU
    pad4: 2


class SlotRow(data.Struct):
    """Where the instance in a slot has its space; the same in every tile."""

    record: RECORD
    join: JOIN
    pad0: 8
    data: ADDRESS
    pad1: 18


class StreamRow(data.Struct):
    """One stream's part of a tile: its slots and its part of the instance list."""

    first: LIST  #: row in the list
    count: LIST
    entry: FLOW  #: the row that leads to the entry block
    slot: SLOT  #: its first slot
    slots: 7
    pad: 7


class ListRow(data.Struct):
    """One instance to inject."""

    instance: INSTANCE
    pad0: 8
    due: CYCLE
    variant: VARIANT
    pad1: 16


class OwnHead(data.Struct):
    """A block's owners."""

    base: OWN
    count: OWN
    pad: 12


class Owner(data.Struct):
    """One TBU that owns a block."""

    x: COORD
    y: COORD
    tbu: TBU
    pad: 15


class LoadWord(data.Struct):
    """One word on a tile's load bus."""

    memory: 4
    address: 20
    data: WORD


def boot_columns(layout: type[data.Struct]) -> int:
    """Columns of 32 bits that a row takes in boot addresses: a power of two."""
    columns = (data.Layout.cast(layout).size + 31) // 32
    return 1 << (columns - 1).bit_length()
