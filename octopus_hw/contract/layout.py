# SPDX-License-Identifier: Apache-2.0
"""What travels or is stored and is the same in every build: the contract between compiler, RTL, model and drivers.

What is as wide as the configuration says is in `octopus_hw.contract.layouts`. What is said in these two is said nowhere
else: whoever packs, unpacks, or counts words and flits takes it from here.
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
    "ROW_BUFFERS",
    "UNIT_HOME",
    "UNIT_ROW",
    "WORD",
    "Balance",
    "BootWord",
    "Descriptor",
    "EventWord",
    "HostWord",
    "Identity",
    "Invocation",
    "LoadPlace",
    "LoadWord",
    "Mode",
    "Partner",
    "PortWord",
    "ReadWord",
    "Variant",
]

CYCLE = 32  # the time
COUNTER = 32  # what a tile counts, and the event hash
COORD = 7  # a mesh is at most 128 x 128
INDEX = 16
VALUE = 16
NUMBER = 16  # in the number table: cycles, a value, a choice
NUMBERS = 13  # so many of one source
ROUND = 8
INSTANCE = 24
LENGTH = 14  # words of data
PARALLEL = 2  # log2 of the PEAs that an invocation may be split over
WEIGHT = 4  # worth 0 if 0, else (2 + low bit) << the three high bits
WORK = 12  # of a tile, as it is sent and compared
TBU_WORK = 14  # of a TBU: up to 32 tokens of 384 units each
PLACE = 5
TBU = 3
PEA = 3
POOL = 2
MESSAGE = 4
STREAM = 4
READ = 16  # counters of a tile
REFUSED = 16  # commands
LOADED = 12  # words of one LOAD
WATCHDOG = 16  # times 4,096 cycles

#: Words of a configuration that travel in one packet.
CHUNK = 64

#: Most children of one spawn under way: child i has lane i mod LANES.
LANES = 32

#: The last cycle in which an instance can be due: 2^27 more are left for a run to end before the counter wraps.
LAST_DUE = (1 << CYCLE) - (1 << 27)

#: Static mappings: stalled holders that are tried in a retry period, and owners that are asked in one try.
RETRIES = 2
ASKED = 4

#: The unit number that means a tile's home store in a packet header, and the one that means it for a row from the host;
#: lower ones are TBUs.
UNIT_HOME = 7
UNIT_ROW = 6

#: Rows from the host, and results for it, that have a buffer in its port.
ROW_BUFFERS = 4

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

Partner = Layout.of(
    "Partner",
    "A partner of balancing, as a tile numbers it.",
    Field("direction", 2, "north, east, south, west"),
    Field("stride", 2, "log2 of the distance"),
)
PARTNER = Partner.size

Descriptor = Layout.of(
    "Descriptor",
    "A word of the number table that says where numbers come from.",
    Field("base", NUMBER, "the number, or where in the table the numbers, or further descriptors, are"),
    Field("n", NUMBERS, "how many they are"),
    Field("kind", 3, "`SourceKind`"),
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

LoadPlace = Layout.of(
    "LoadPlace",
    "Second word of a LOAD: where the first word of data goes.",
    Field("address", 20),
    Field("step", 2, "log2 of the distance between the tiles that are loaded, from x0, y0 on in both directions"),
    Field("pad", 6),
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
    "First word of a reply at the host port; the second is its payload. Of a STATUS, with tile 0,0, three more follow.",
    Field("message", 4, "`Message`"),
    Field("source_x", COORD),
    Field("source_y", COORD),
)

Identity = Layout.of(
    "Identity",
    "Second word of a STATUS; the third is the hash of the configuration (`octopus_hw.contract.identity`).",
    Field("rows", COORD + 1),
    Field("columns", COORD + 1),
    Field("version", 8, "of everything that the host sends and gets"),
)

PortWord = Layout.of(
    "PortWord",
    "Fourth word of a STATUS; the fifth says how many words came since the RESET, the refused one the last.",
    Field("state", 3, "`PortState`"),
    Field("pad", 5),
    Field("error", 4, "`PortError`"),
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
