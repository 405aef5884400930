# SPDX-License-Identifier: Apache-2.0
"""From a compiled image to the state of a mesh before the start."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.layout import LANES, PEAS
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import Image
from octopus_sim.events import EVENT
from octopus_sim.host_events import HOST_EVENT
from octopus_sim.model import state as st
from octopus_sim.model import tables
from octopus_sim.model.grants import PARTNERS
from octopus_sim.model.pointers import header_of
from octopus_sim.model.results import NO_RESULTS
from octopus_sim.model.state import State
from octopus_sim.model.wire import wire

__all__ = ["build"]


class _Rings:
    """Hands out the queues of one tile, as template records, in a fixed order."""

    def __init__(self, latency: int) -> None:
        self.latency = latency
        self.rows: list[tuple[int, ...]] = []
        self.cells = 0
        self.pairs = 0
        self.flits = 0

    def add(
        self, count: int, depth: int, unit: int, *, link: bool = False, token: bool = False, flits: bool = False
    ) -> int:
        """Add queues that one unit takes from; return the first one's number."""
        first = len(self.rows)
        for _ in range(count):
            self.rows.append((0, 0, self.cells, depth, self.latency if link else 0, unit, self.pairs if token else 0))
            self.cells += depth
            self.pairs += depth if token else 0
            self.flits += depth if flits else 0
        return first


def build(
    image: Image,
    events: int,
    results: NDArray[np.void] | None = None,
    host: NDArray[np.void] | None = None,
    host_cycles: int = 1,
) -> State:
    """Allocate and fill the state.

    Parameters
    ----------
    image : Image
        What to run.
    events : int
        Events that fit in the buffer; 0: none are recorded.
    results : array of RESULT, optional
        The `data` of finishes (`result_table`); without, they are 0.
    host : array of HOST_EVENT, optional
        What the host does, in order; without, there is a host that takes `host_cycles` for a word.
    """
    config = image.config
    tiles = image.columns * image.rows
    params = np.zeros(1, st.PARAMS)
    rings = _queues(image, params)
    p = params[0]
    p["columns"], p["rows"], p["tiles"] = image.columns, image.rows, tiles
    p["tbus"], p["peas"], p["slots"], p["places"] = config.tbus, config.peas, config.config_slots, config.queue_depth
    p["latency"], p["switch"], p["retry"] = config.link_latency, config.switch_cycles, config.retry_period
    p["stalls"] = config.link_stalls
    p["row"] = config.data_width // WORD
    p["token_flits"] = -(-layouts(config).token_head.size // config.data_width)
    p["chunk_flits"] = -(-layouts(config).chunk_head.size // config.data_width)
    p["records"] = _records(image, "record", config.home_records)
    p["joins"] = _records(image, "join", config.join_records)
    p["holders"] = config.places + p["records"]
    p["flows"], p["blocks"] = len(image.flows), len(image.libraries[0].table)
    p["streams"] = image.stream_mask + 1
    p["units"], p["queues"] = st.UNIT_TBU + config.tbus, len(rings.rows)
    for name, value in (image.mode | image.balance).items():
        p[name] = value
    p["tick"] = config.tick
    p["stream_mask"], p["seed"], p["record"] = image.stream_mask, image.seed, events > 0
    p["events"] = events
    results = NO_RESULTS if results is None else results
    p["results"] = len(results) - 1
    p["inputs"], p["host_cycles"] = len(image.inputs), host_cycles if host is None else 0
    streams, entries = tables.streams(image)
    ends = config.tbus + 1
    highest = int(entries["instance"].max(initial=-1)) + 1
    port = _port_queues(image, tiles * rings.cells, tiles * int(p["units"]))
    arrays: dict[str, NDArray[Any]] = {
        "params": params,
        "due": np.full(tiles * int(p["units"]) + 1, st.NEVER, np.int64),
        "wake": np.full(tiles + 1, st.NEVER, np.int64),
        "queue": np.concatenate([_tiled(rings, tiles, int(p["units"])), port]),
        "cell": np.zeros(tiles * rings.cells + int(port["depth"].sum()), st.CELL),
        "pair": np.zeros(tiles * rings.pairs, st.PAIR),
        "packet": _packets(1 + tiles * (rings.flits + ends) + int(port["depth"][st.PORT_DATA :].sum()) + 1),
        "switch": np.zeros(tiles * 2, st.SWITCH),
        "control": np.zeros(tiles, st.CONTROL),
        "sender": np.zeros(tiles * ends, st.SENDER),
        "receiver": np.zeros(tiles * ends, st.RECEIVER),
        "tally": np.zeros(tiles * config.tbus, st.TALLY),
        "tbu": np.zeros(tiles * config.tbus, st.TBU),
        "place": np.zeros(tiles * config.places, st.PLACE),
        "pea": np.zeros(tiles * config.tbus * config.peas, st.PEA),
        "slot": np.zeros(tiles * config.tbus * config.config_slots, st.SLOT),
        "engine": np.zeros(tiles, st.ENGINE),
        "current": np.zeros(tiles, st.HOLDER),
        "holder": np.zeros(tiles * int(p["holders"]), st.HOLDER),
        "join": np.zeros(tiles * int(p["joins"]), st.JOIN),
        "resumed": np.zeros(tiles * config.places, np.int32),
        "ready": np.zeros(tiles * int(p["holders"]), np.int32),
        "stalled": np.zeros(tiles * int(p["holders"]), np.int32),
        "report": np.zeros(tiles * int(p["holders"]) if tables.reports(image) else 1, np.int32),
        "grant": np.zeros(tiles * PARTNERS, st.GRANT),
        "balance": np.zeros(tiles, st.BALANCE),
        "exchange": np.zeros(1, st.EXCHANGE),
        "turn": np.zeros(tiles * int(p["blocks"]) if p["static"] else 1, np.int16),
        "stream": streams,
        "entry": entries,
        "flow": tables.flows(image),
        "space": tables.converted(image.slots, st.SPACE),
        "number": image.numbers.astype(np.int64),
        "library": tables.library(image),
        "placed": tables.holders(image),
        "head": tables.heads(image),
        "owner": tables.converted(np.concatenate(image.owners), st.OWNER) if image.owners else np.zeros(1, st.OWNER),
        "result": results,
        "port": np.zeros(1, st.PORT),
        "input": tables.inputs(image),
        "host": np.zeros(1, HOST_EVENT) if host is None or len(host) == 0 else host,
        "event": np.zeros(max(events, 1), EVENT),
        "injected": np.full(highest, -1, np.int64),
        "retired": np.full(highest, -1, np.int64),
        "total": np.array([0, 0, -1, 0, 0], np.int64),
    }
    state = State(**arrays, header=header_of(arrays))
    wire(image, state)
    _start(image, state)
    state.exchange["next"] = config.tick
    if host is not None and len(host):
        state.port["events"] = len(host)
        state.due[-1] = state.wake[-1] = max(0, int(host["cycle"][0]))
    return state


def _queues(image: Image, params: NDArray[np.void]) -> _Rings:
    """Number the queues of a tile and note where each kind begins."""
    config = image.config
    rings = _Rings(config.link_latency)
    tbus, depth = config.tbus, config.link_depth
    p = params[0]
    p["q_data"] = rings.add(1, 4, st.UNIT_DATA, flits=True)
    rings.add(4 * config.data_vcs, config.data_depth, st.UNIT_DATA, link=True, flits=True)
    p["q_switch"] = rings.add(tbus + 2, 2, st.UNIT_SWITCH, flits=True)
    p["q_control"] = rings.add(2, 4, st.UNIT_CONTROL)
    rings.add(8, depth, st.UNIT_CONTROL, link=True)
    p["q_eject"] = rings.add(2, 4, st.UNIT_ENGINE)
    p["q_request"] = rings.add(1, 2, st.UNIT_PORTS)
    rings.add(1, 1, st.UNIT_PORTS)
    p["q_ask"] = rings.add(tbus, 1, st.UNIT_PORTS)
    p["q_reply"] = rings.add(1, 2, st.UNIT_PORTS)
    p["q_library"] = rings.add(1, config.library_depth, st.UNIT_HOME)
    p["q_arrival"] = rings.add(1, 4, st.UNIT_ENGINE, token=True)
    p["q_completion"] = rings.add(tbus, config.queue_depth, st.UNIT_ENGINE)
    for name, token in (("q_receive", False), ("q_command", True)):
        p[name] = len(rings.rows)
        for unit in (*range(st.UNIT_TBU, st.UNIT_TBU + tbus), st.UNIT_HOME):
            rings.add(1, 2, unit, token=token, flits=not token)
    for name in ("q_draw", "q_tally"):
        p[name] = len(rings.rows)
        for tbu in range(tbus):
            rings.add(1, config.queue_depth, st.UNIT_TBU + tbu)
    return rings


def _port_queues(image: Image, first_cell: int, unit: int) -> NDArray[np.void]:
    """Queues of the host's port.

    Those of ROWs and RESULTs are filled out of a link's receiving queue, of which each head is taken at once: so they
    are like links that take a cycle longer.
    """
    config = image.config
    kinds = [(image.columns * image.rows, config.link_latency + 1)] * 2
    kinds += [(config.data_depth, config.link_latency)] * config.data_vcs
    queue = np.zeros(len(kinds), st.QUEUE)
    queue["depth"], queue["latency"] = np.array(kinds).T
    queue["base"] = first_cell + np.cumsum(queue["depth"]) - queue["depth"]
    queue["user"] = unit
    return queue


def _packets(count: int) -> NDArray[np.void]:
    """Free packets, one leading to the next: as many as there are flits, and one for each sender."""
    packet = np.zeros(count, st.PACKET)
    packet["next"] = np.arange(1, count + 1)
    return packet


def _tiled(rings: _Rings, tiles: int, units: int) -> NDArray[np.void]:
    template = np.array(rings.rows, np.int32)
    queue = np.zeros((tiles, len(rings.rows)), st.QUEUE)
    for column, name in enumerate(("head", "tail", "base", "depth", "latency", "user", "token")):
        queue[name] = template[:, column]
    number = np.arange(tiles)[:, None]
    queue["base"] += number * rings.cells
    queue["user"] += number * units
    queue["token"] += number * rings.pairs
    return queue.reshape(-1)


def _records(image: Image, name: str, most: int) -> int:
    """Home or join records that the workload can reach in a tile."""
    reach = int(image.slots[name].max(initial=0)) + int(image.flows[name].max(initial=0)) + LANES
    return max(1, min(reach, most + LANES))


def _start(image: Image, state: State) -> None:
    """Give each tile its registers and the cycle in which it starts."""
    config = image.config
    state.pea["context"] = -1
    state.tbu["loading"] = -1
    state.tally["end"], state.sender["read_at"], state.receiver["data_at"] = -1, -1, -1
    state.tbu["last_loaded"] = config.config_slots - 1
    every = (1 << config.queue_depth) - 1
    for number, tile in enumerate(image.tiles):
        engine = state.engine[number]
        engine["x"], engine["y"], engine["region"] = tile.x, tile.y, image.region(tile.x, tile.y)
        library = image.library(tile.x, tile.y)
        engine["shape"] = image.libraries.index(library)
        engine["library_x"], engine["library_y"] = library.corner(tile.x, tile.y)
        engine["expected"] = tile.expected
        for tbu in range(config.tbus):
            record = state.tbu[number * config.tbus + tbu]
            dead = [tile.dead >> (PEAS * tbu + pea) & 1 for pea in range(config.peas)]
            record["dead"] = all(dead)
            record["live"] = dead.count(0)
            record["free"] = 0 if all(dead) else every
            first = (number * config.tbus + tbu) * config.peas
            state.pea["state"][first : first + config.peas][np.array(dead, bool)] = st.PEA_DISABLED
        begin = (tile.x + tile.y) * (1 + config.link_latency) + 1
        state.due[number * int(state.params[0]["units"]) + st.UNIT_ENGINE] = begin
        state.wake[number] = begin
