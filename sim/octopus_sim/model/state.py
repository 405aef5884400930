# SPDX-License-Identifier: Apache-2.0
"""The state of a whole mesh: one-dimensional arrays of records, tile after tile.

Sizes come from the configuration, record layouts never change: one compilation serves every configuration. A record's
global number is ``tile x count + local number``.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import COUNTERS
from octopus_hw.contract.layout import ROW_BUFFERS, Balance, Mode
from octopus_sim.events import EVENT
from octopus_sim.host_events import HOST_EVENT
from octopus_sim.model.fields import words_of
from octopus_sim.model.widest import WIDEST

#: No cycle: later than any.
NEVER = 1 << 40


def _record(names: str, times: str = "", **special: object) -> np.dtype:
    """Make a record: numbers of 32 bits, cycles (which take 33 bits with their sign) of 64, and others."""
    fields: list[object] = [(name, "i4") for name in names.split()]
    fields += [(name, "i8") for name in times.split()]
    fields += [(name, *kind) if isinstance(kind, tuple) else (name, kind) for name, kind in special.items()]
    return np.dtype(fields, align=True)


#: Sizes and mechanism bits, the same for all tiles. `q_*` are local numbers of queues, `row` is the words of a row of
#: data, `token_flits` and `chunk_flits` are the flits of a packet's head; `results` is the rows of `result`, less one.
PARAMS = _record(
    "columns rows tiles tbus peas slots places latency stalls switch retry holders records joins flows blocks streams "
    "row token_flits chunk_flits results inputs host_cycles "
    "units queues tick stream_mask record events q_data q_switch q_receive q_control q_eject q_request q_ask "
    "q_reply q_library q_completion q_draw q_tally q_arrival q_command " + " ".join([*Mode.spans, *Balance.spans]),
    seed="i8",
)
#: A ring (queues.py). `user` is the unit that takes from it, `source` the one that sleeps until it has room (-1: none);
#: tokens of an item, if any, stand at `token` + its place
#: in the ring.
QUEUE = _record("head tail base depth latency user source token")
#: stamp > 0: occupied, visible from that cycle on; else free, usable from cycle -stamp on.
CELL = _record("", "stamp", data="i8")
#: A token, as it travels (token.py).
_TOKEN = ("i8", (words_of(WIDEST.token),))
PAIR = np.dtype([("token", *_TOKEN)])
#: A token in a packet, and the place it goes to; `next` is a free one that follows this one, if it is free itself.
PACKET = _record("place next", token=_TOKEN)
#: A wormhole switch of n inputs, their queues from `first` on. An output has 1 << `wide` virtual channels; its *lanes*
#: have number output << `wide` | virtual channel. For each lane its queue and the input that uses it, for each output
#: its round robin pointer, for each input the lane of the packet under way.
SWITCH = _record(
    "x y n outputs first router wide",
    out=("i4", (10,)), owner=("i1", (10,)), pointer=("i1", (8,)), wanted=("i1", (9,)),
)  # fmt: skip
#: A control router, the library lookup and the arbiters of the local requests and replies.
#: `ejected` is the last cycle in which a request was taken out of the network. DONE and RESULT are offered from
#: `done_at` and `result_at` on.
CONTROL = _record(
    "x y first request_pointer lookup_pointer reply_pointer",
    "done_at result_at ejected",
    out=("i4", (10,)),
    pointer=("i1", (10,)),
)
#: A sender: how many flits of its packet are left (all are `flit`, but for the last one's mark), its rows of data, and
#: which chunk of the library's head is next; in cycle `read_at` flits were left at the end. A receiver: the flits of a
#: packet that have come; it last took data in cycle `data_at`. Senders and receivers: TBU 0 .., then the home.
SENDER = _record("left rows place release pointer chunk", "flit read_at")
RECEIVER = _record("count", "data_at")
#: A tally unit: the place whose result it goes over, `rows` of it, of which those before `read` are read and those from
#: `write` on written; `row` is the next one to read, and `done` so many are done. `pipe` has bits for rows read in the
#: last cycle (the lower one) and the one before; `ready` is 1 if the next row can be done whatever has been read. All
#: that is so after cycle `seen`; if the sender is `reading`, it goes on. The last row is done in cycle `end`: foreseen.
TALLY = _record("place rows read write row done pipe ready reading", "seen end")
#: A TBU: `waiting` lists places from the oldest on; the last was accepted in cycle `accepted` - 1. Before cycle `look`
#: loader, dispatcher and PEAs have nothing to do. `live` counts PEAs.
TBU = _record(
    "passed loading last_loaded waits dead live work freed_place",
    "draw_idle accepted look freed_at",
    free="i8",
    waiting=("i1", (32,)),
)
#: A place: its token, what was drawn for it, and its sum: visible from the `_at` cycles on.
PLACE = _record("cycles value", "cycles_at value_at key_at sum_at", token=_TOKEN)
#: A PEA: context is a slot or -1; `until` is the end of its switch time or of its run; `helpers` are the PEAs (bits)
#: over which it is split, itself not counted.
PEA = _record("state context place helpers", "until")
#: A configuration slot, resident from cycle `since` on; an invocation may be split over 1 << `parallel` PEAs.
SLOT = _record("state block parallel", "since")
#: A holder; also the one that an engine has at hand.
HOLDER = _record(
    "number kind status cursor flow round cround last seen sent claimed child total keep join own left owner_x owner_y"
    " owner_tbu place granted home_x home_y slot index value instance variant length step"
)
JOIN = _record("arrived total value accumulator index round words waiting holder", lanes="i8")
#: An engine: `row` is the flow seen; `accept_at`, `accept_tbu`: when and where it dispatches. Resumed, ready
#: and stalled are rings of holders, grants one of GRANT, of which the last came in cycle `heard`; the last tick that
#: they saw was `aged`. So is report: results that wait for the host; the holder at hand is one if `reporting`. `ended`
#: counts instances whose slot is free again. The ROW under way is of stream `asked` - 1.
ENGINE = _record(
    "x y region state pointer row arriving inline fresh branch target_x target_y target_tbu target_place target "
    "inherit drawn accept_tbu resumed_head resumed_count ready_head ready_count stalled_head stalled_count "
    "grants_head grants_count old stale budget pending taken ended expected shape library_x library_y "
    "report_head report_count reporting asked",
    "drawn_at accept_at aged heard pending_at ticked",
    counters=("i8", (len(COUNTERS),)),
)
#: A place that tile x,y has granted, and the number by which it knows this tile.
GRANT = _record("x y tbu place partner")
#: A tile's balance: `home` is its work at home, `sent` what it sent in the last tick. `best` came from `best_from`; in
#: the cycles from `since` to `until` the tile wants the work of `partner`. Bits of `promised` are partners.
BALANCE = _record("home sent best best_from partner allowance promised", "since until")
#: The exchange of the whole mesh: what comes next, when, since which tick; the most that a tile sent; whether an
#: allowance changed; when tiles were last simulated.
EXCHANGE = _record("step most changed", "next tick active")
#: A stream's part of a tile. Its slot `freed_slot` is free from cycle `freed_at` on. If it has `rows`, a row of `words`
#: is `there` for the next instance, whose slot is `reserved`.
STREAM = _record("first count next entry slot slots free rows there words reserved freed_slot", "freed_at", busy="i8")
ENTRY = _record("instance variant", due="i8")
FLOW = _record(
    "dest kind last loop keep laned first max_rounds next count mode all record join words begin step room result aux "
    "weight pool pinned_tbu"
)
SPACE = _record("record join")
LIBRARY = _record("words parallel")
PLACED = _record("x y")
OWNER = _record("x y tbu")
HEAD = _record("base count")
#: The host's port: its `credits`, the result buffers taken by SENDs, and two rings of what lies in buffers: rows that
#: came, and words of results that came. The packet that it sends has `left` flits, which go `into` a queue. Host events
#: before `event` have happened, and the next cannot if it is `refused`. A host of the model's own has answered a ROW in
#: cycle `answered_at` and taken a result in `taken_at`.
PORT = _record(
    "credits buffers rows_head rows_count results_head results_count left into event events refused",
    "flit answered_at taken_at",
    row=("i8", (ROW_BUFFERS,)), result=("i4", (ROW_BUFFERS,)),
)  # fmt: skip
#: What the host sends the instances of a stream: so many words.
INPUT = _record("first instances words")
#: The `data` of an invocation's finish, by its key (results.py).
RESULT = _record("", "key data")
Array = NDArray[np.void]
Numbers = NDArray[np.int64]


#: In compiled code: the whole state, with the names of `State`, and one record of it (pointers.py).
Mesh: TypeAlias = Any
Record: TypeAlias = Any


class State(NamedTuple):
    """Everything that the kernels read and write."""

    params: Array  #: one record
    due: Numbers  #: by unit, the port last: the next cycle in which it has to be looked at
    wake: Numbers  #: by tile, then of the port: the least of its units' `due`
    queue: Array
    cell: Array
    pair: Array  #: tokens of commands and arrivals
    packet: Array  #: the first one leads to those that are free
    switch: Array  #: 2 in a tile: data router, tile switch
    control: Array
    sender: Array
    receiver: Array
    tally: Array  #: by TBU
    tbu: Array
    place: Array
    pea: Array
    slot: Array
    engine: Array
    current: Array  #: by tile: the holder, or the arriving token, that the engine has at hand
    holder: Array
    join: Array
    resumed: NDArray[np.int32]
    ready: NDArray[np.int32]
    stalled: NDArray[np.int32]
    report: NDArray[np.int32]
    grant: Array
    balance: Array
    exchange: Array  #: one record
    turn: NDArray[np.int16]  #: by tile and block: the static mapping's round robin numbers
    stream: Array
    entry: Array  #: the instance lists
    flow: Array
    space: Array  #: by slot
    number: Numbers
    library: Array  #: by block
    placed: Array  #: by shape of library regions and block
    head: Array  #: by region and block
    owner: Array
    result: Array
    port: Array  #: one record
    input: Array
    host: Array  #: what the host does
    event: Array
    injected: Numbers  #: by instance: cycle, -1 before
    retired: Numbers
    total: Numbers  #: see TOTAL_*
    header: Numbers  #: the addresses of all these, see pointers.py


_I16, _I32, _I64 = np.dtype("i2"), np.dtype("i4"), np.dtype("i8")
#: What each array of the state holds, in order.
ARRAYS = {
    "params": PARAMS, "due": _I64, "wake": _I64, "queue": QUEUE, "cell": CELL, "pair": PAIR, "packet": PACKET,
    "switch": SWITCH, "control": CONTROL, "sender": SENDER, "receiver": RECEIVER, "tally": TALLY, "tbu": TBU,
    "place": PLACE, "pea": PEA, "slot": SLOT, "engine": ENGINE, "current": HOLDER, "holder": HOLDER, "join": JOIN,
    "resumed": _I32, "ready": _I32, "stalled": _I32, "report": _I32, "grant": GRANT, "balance": BALANCE,
    "exchange": EXCHANGE,
    "turn": _I16, "stream": STREAM, "entry": ENTRY, "flow": FLOW, "space": SPACE,
    "number": _I64, "library": LIBRARY, "placed": PLACED, "head": HEAD, "owner": OWNER, "result": RESULT,
    "port": PORT, "input": INPUT, "host": HOST_EVENT,
    "event": EVENT, "injected": _I64, "retired": _I64, "total": _I64,
}  # fmt: skip


#: Entries of `State.total`: events recorded, instances retired, the last DONE at the host, tile cycles simulated,
#: next cycle.
TOTAL_EVENTS, TOTAL_RETIRED, TOTAL_DONE, TOTAL_STEPS, TOTAL_CYCLE = range(5)

#: Units of a tile, in `State.due`; TBU b is UNIT_TBU + b.
UNIT_DATA, UNIT_SWITCH, UNIT_CONTROL, UNIT_PORTS, UNIT_HOME, UNIT_ENGINE, UNIT_TBU = range(7)

#: Queues of the port, after those of all tiles: those of its data link have one for each virtual channel.
PORT_ROWS, PORT_RESULTS, PORT_DATA = range(3)

PEA_IDLE, PEA_BOUND, PEA_RUNNING, PEA_DISABLED, PEA_HELPING = range(5)
SLOT_EMPTY, SLOT_LOADING, SLOT_RESIDENT = range(3)
HOLD_PLACE, HOLD_SINGLE, HOLD_LIST, HOLD_SPAWN = range(4)
FRESH, PROBING, GRANTED, DENIED = range(4)
IDLE, HOLD, CLAIM, FLOW_SEEN, DECIDE, CHOSEN, OWN, TRY, ACT, ARRIVE, COUNT, FIRE, NEXT, REPORT = range(14)
TARGET_PLACE, TARGET_REMOTE, TARGET_HOME = range(3)
