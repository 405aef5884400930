# SPDX-License-Identifier: Apache-2.0
"""Everything that travels or is stored, bit by bit: the contract between compiler, RTL, model and drivers.

Field widths are the same in every build, so that one image format serves all of them; a small build only uses fewer
values. What is said here is said nowhere else: whoever packs, unpacks, or counts words and flits takes it from here.
"""

from octopus_hw.contract.bits import WORD, Field, Layout

__all__ = [
    "ASKED",
    "CHUNK",
    "CYCLE",
    "LANES",
    "LAST_DUE",
    "PEAS",
    "RETRIES",
    "UNIT_HOME",
    "WORD",
    "Answer",
    "Balance",
    "BootWord",
    "ChunkHead",
    "Command",
    "Completion",
    "ConfigRequest",
    "ControlFlit",
    "Descriptor",
    "EventWord",
    "Flit",
    "FlowRow",
    "Grant",
    "Header",
    "HostWord",
    "Invocation",
    "LibraryRow",
    "LibraryTile",
    "ListRow",
    "LoadShape",
    "LoadWord",
    "Mode",
    "OwnHead",
    "Owner",
    "Partner",
    "PlaceRequest",
    "ReadWord",
    "SlotRow",
    "StreamRow",
    "Token",
    "TokenHead",
    "Variant",
]

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
ADDRESS = 18  # of the home store
QUAD = ADDRESS - 2  # four words of it
LENGTH = 14  # words of data
QUADS = LENGTH - 2  # quads of data
HOLDER = 13  # places, then home records
PARALLEL = 2  # log2 of the PEAs that an invocation may be split over
WEIGHT = 4  # worth 0 if 0, else (2 + low bit) << the three high bits
WORK = 12  # of a tile, as it is sent and compared
TBU_WORK = 14  # of a TBU: up to 32 tokens of 384 units each
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
READ = 16  # counters of a tile
REFUSED = 16  # commands

#: Words of a configuration that travel in one packet.
CHUNK = 64

#: Most children of one spawn under way: child i has lane i mod LANES.
LANES = 32

#: The last cycle in which an instance can be due: 2^27 more are left for a run to end before the counter wraps.
LAST_DUE = (1 << CYCLE) - (1 << 27)

#: Static mappings: stalled holders that are tried in a retry period, and owners that are asked in one try.
RETRIES = 2
ASKED = 4

#: The unit number that means a tile's home store in a packet header; lower ones are TBUs.
UNIT_HOME = 7

#: Numbers that a TBU's PEAs have, of which a build uses the first: PEA p of TBU b is unit 1 + PEAS x b + p of its tile,
#: whose unit 0 is the CBU; dead parts are bits PEAS x b + p.
PEAS = 1 << PEA
DEAD = PEAS << TBU


Mode = Layout.of(
    "Mode",
    "Mechanism bits: a strategy is a preset of them.",
    Field("static", 1, "tokens go to owners by table; else to a TBU of this tile, or where a place was granted"),
    Field("adaptive", 1, "a TBU binds any waiting token; else only the oldest"),
    Field("prefetch", 1, "configurations are fetched for waiting tokens even while no PEA is idle"),
    Field("affinity", 1, "a token goes to a PEA that has its configuration, if there is one"),
    Field("split", 1, "an invocation that allows it is split over idle PEAs"),
    Field("balance", 1, "tiles exchange their work and move it"),
    Field("announce", 1, "a spawn's children count as work from its decision on"),
    Field("early", 1, "work moves as soon as no PEA here is free; else only when there is no place"),
)

Balance = Layout.of(
    "Balance",
    "Parameters of balancing; work is counted in units that the compiler chooses.",
    Field("hysteresis", WORK, "a partner must have so much more work"),
    Field("shift", 3, "a partner's work moves at difference / 2^shift for each tick"),
    Field("nominal", WEIGHT, "the weight of a token whose weight is not known"),
    Field("strides", 4, "bit i: partners at distance 2^i"),
)

Variant = Layout.of(
    "Variant",
    "What an instance is one of.",
    Field("row", 12, "of recorded numbers"),
    Field("scene", 4),
)
VARIANT = Variant.size

Token = Layout.of(
    "Token",
    "A token as it travels: the words behind a packet's header, in this order, from bit 0 on.",
    Field("home_x", COORD),
    Field("home_y", COORD),
    Field("slot", SLOT),
    Field("block", BLOCK),
    Field("index", INDEX),
    Field("value", VALUE),
    Field("instance", INSTANCE),
    Field("round", ROUND),
    Field("variant", VARIANT),
    Field("next", FLOW, "in a TBU: the block's first outgoing flow; to a home: the flow it arrives by"),
    Field("weight", WEIGHT, "in a TBU: profiled work of the invocation"),
    Field("words", LENGTH, "of its data"),
    Field("result", LENGTH, "to a task: words of its result"),
)

Header = Layout.of(
    "Header",
    "What routers look at: a packet begins with it.",
    Field("x", COORD),
    Field("y", COORD),
    Field("unit", TBU),
    Field("config", 1, "a chunk of a configuration, not a token"),
)

TokenHead = Layout.of(
    "TokenHead",
    "The first flits of a packet that carries a token.",
    Field("header", Header),
    Field("arg", QUAD, "the place in a TBU, or the quad in the home store"),
    Field("token", Token),
)

ChunkHead = Layout.of(
    "ChunkHead",
    "The first flits of a packet that carries a chunk of a configuration.",
    Field("header", Header),
    Field("parallel", PARALLEL, "log2 of the PEAs that an invocation may be split over"),
    Field("complete", 1, "the last chunk"),
    Field("chunk", LENGTH - 6, "its number: from which CHUNK words on"),
)

Flit = Layout.of(
    "Flit",
    "A flit of the data plane.",
    Field("data", WORD),
    Field("last", 1),
)

ControlFlit = Layout.of(
    "ControlFlit",
    "A message of the control plane; its class is a side signal of the network.",
    Field("x", COORD),
    Field("y", COORD),
    Field("host", 1, "goes to tile 0,0 and leaves the mesh there"),
    Field("message", MESSAGE, "`Message`"),
    Field("source_x", COORD),
    Field("source_y", COORD),
    Field(
        "payload",
        WORD,
        "`PlaceRequest`, `ConfigRequest`, `Answer`, `Grant` of GRANT and TAKEN, a number of DATA and DONE",
    ),
)

PlaceRequest = Layout.of(
    "PlaceRequest",
    "Payload of a PLACE.",
    Field("holder", HOLDER, "who asks; the answer says it again"),
    Field("tbu", TBU),
)

ConfigRequest = Layout.of(
    "ConfigRequest",
    "Payload of a CONFIG.",
    Field("block", BLOCK),
    Field("tbu", TBU, "which waits for it"),
)

Answer = Layout.of(
    "Answer",
    "Payload of an ANSWER.",
    Field("holder", HOLDER),
    Field("place", PLACE),
    Field("granted", 1),
)

Partner = Layout.of(
    "Partner",
    "A partner of balancing, as a tile numbers it.",
    Field("direction", 2, "north, east, south, west"),
    Field("stride", 2, "log2 of the distance"),
)
PARTNER = Partner.size

Grant = Layout.of(
    "Grant",
    "Payload of a GRANT and of the TAKEN that answers it.",
    Field("place", PLACE),
    Field("tbu", TBU),
    Field("partner", PARTNER, "the number that the granting tile gives to the partner"),
    Field("returned", 1),
)

Completion = Layout.of(
    "Completion",
    "What a TBU tells its CBU when an invocation is done; ``token.value`` is the task's new value.",
    Field("place", PLACE),
    Field("token", Token),
)

Command = Layout.of(
    "Command",
    "What a CBU tells a sender: send this token with these words, then perhaps free the place they lie in.",
    Field("x", COORD),
    Field("y", COORD),
    Field("unit", TBU),
    Field("arg", QUAD),
    Field("token", Token),
    Field("source", QUAD, "a place in a TBU's sender, a quad of the home store in the home's"),
    Field("length", LENGTH, "words that lie there"),
    Field("begin", QUADS, "the quad of them that is the first to be sent"),
    Field("words", LENGTH, "the most that are sent"),
    Field("room", QUADS, "the fewest quads that are sent, filled up with 0"),
    Field("release", 1, "free the place when the packet has left"),
    Field("empty", 1, "send nothing, only release"),
)

Descriptor = Layout.of(
    "Descriptor",
    "A word of the number table that says where numbers come from.",
    Field("base", NUMBER, "the number, or where in the table the numbers, or further descriptors, are"),
    Field("n", NUMBERS, "how many they are"),
    Field("kind", 3, "`SourceKind`"),
)

LibraryRow = Layout.of(
    "LibraryRow",
    "Where a block's configuration lies in the home store.",
    Field("address", QUAD),
    Field("words", LENGTH),
    Field("parallel", PARALLEL),
)

LibraryTile = Layout.of(
    "LibraryTile",
    "The tile whose library serves another one.",
    Field("x", COORD),
    Field("y", COORD),
)

FlowRow = Layout.of(
    "FlowRow",
    "A row of the flow table: all about where a flow leads.",
    Field("dest", BLOCK),
    Field("kind", 3),
    Field("last", 1, "the last flow of its source's list"),
    Field("loop", 1),
    Field("max_rounds", ROUND),
    Field("keep", 1, "into a spawn: children keep its value"),
    Field("laned", 1, "the destination lies in a spawn's body: one record for each of 32 lanes"),
    Field("first", 1, "into a join of `all`: the flow whose value counts"),
    Field("next", FLOW, "the destination's first outgoing flow"),
    Field("count", 12, "of a branch: outgoing flows; of a join of `all`: incoming flows"),
    Field("mode", 2, "of a join: value of 0 the token, 1 sum, 2 max, 3 count"),
    Field("all", 1, "a join of `all`"),
    Field("record", RECORD, "the destination's first record within its slot"),
    Field("join", JOIN, "a join's first join record within its slot; of a spawn: its join's"),
    Field("area", QUAD, "quad of the destination's data within its slot's part of the home store"),
    Field("stride", QUADS, "quads of one lane's data; into the join of a spawn: of one child's"),
    Field("offset", QUADS, "quad where they go within the destination's data"),
    Field("words", LENGTH, "the most words that travel on this flow"),
    Field("begin", QUADS, "quad of the source's data that is the first to travel"),
    Field("step", QUADS, "from a spawn: how many quads further on it is for the next child"),
    Field("room", QUADS, "into a join: quads that come whatever there is, the rest of them 0"),
    Field("result", LENGTH, "into a task: words of its result"),
    Field("aux", 12, "into a branch: its first flow that is no loop; into a spawn: a row that leads to its join"),
    Field("weight", WEIGHT, "into a task: its profiled work; into a spawn: of each child's first task"),
    Field("pool", POOL, "into a task: `Pool`"),
    Field("pinned_tbu", TBU, "into a task of pool STAY: its TBU"),
)

SlotRow = Layout.of(
    "SlotRow",
    "Where the instance in a slot has its space; the same in every tile.",
    Field("record", RECORD),
    Field("join", JOIN),
    Field("pad0", 8),
    Field("data", QUAD),
    Field("pad1", 16),
)

StreamRow = Layout.of(
    "StreamRow",
    "One stream's part of a tile: its slots and its part of the instance list.",
    Field("first", LIST, "row in the list"),
    Field("count", LIST),
    Field("entry", FLOW, "the row that leads to the entry block"),
    Field("slot", SLOT, "its first slot"),
    Field("slots", 7),
    Field("pad", 7),
)

ListRow = Layout.of(
    "ListRow",
    "One instance to inject.",
    Field("instance", INSTANCE),
    Field("pad0", 8),
    Field("due", CYCLE),
    Field("variant", VARIANT),
    Field("pad1", 16),
)

OwnHead = Layout.of(
    "OwnHead",
    "A block's owners.",
    Field("base", OWN),
    Field("count", OWN),
    Field("pad", 12),
)

Owner = Layout.of(
    "Owner",
    "One TBU that owns a block.",
    Field("x", COORD),
    Field("y", COORD),
    Field("tbu", TBU),
    Field("pad", 15),
)

LoadWord = Layout.of(
    "LoadWord",
    "One word on a tile's load bus.",
    Field("memory", 4),
    Field("address", 20),
    Field("data", WORD),
)

BootWord = Layout.of(
    "BootWord",
    "First word of a boot command: what is done in the tiles of a rectangle, both corners included.",
    Field("y1", COORD),
    Field("x1", COORD),
    Field("y0", COORD),
    Field("x0", COORD),
    Field("op", 4, "`BootOp`"),
)

LoadShape = Layout.of(
    "LoadShape",
    "Second word of a LOAD.",
    Field("pad", 16),
    Field("count", 12, "words of data"),
    Field("memory", 4, "`LoadTarget`"),
)

ReadWord = Layout.of(
    "ReadWord",
    "Second word of a READ.",
    Field("first", READ, "the first counter"),
    Field("count", READ, "how many"),
)

HostWord = Layout.of(
    "HostWord",
    "First word of a reply at the host port; the second is its payload.",
    Field("message", MESSAGE, "`Message`"),
    Field("source_x", COORD),
    Field("source_y", COORD),
)

Invocation = Layout.of(
    "Invocation",
    "Two words that tell invocations apart, as events and draws hash them.",
    Field("index", INDEX),
    Field("block", 16),
    Field("instance", INSTANCE),
    Field("round", ROUND),
)

EventWord = Layout.of(
    "EventWord",
    "What happened where in a tile, as it is hashed.",
    Field("event", 4, "`Event`"),
    Field("unit", 28, "see `PEAS`"),
)
