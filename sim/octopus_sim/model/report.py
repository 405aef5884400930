# SPDX-License-Identifier: Apache-2.0
"""Where tokens are: a description of the busy tiles of a mesh, for runs that do not end."""

import numpy as np

from octopus_sim.model import state as st
from octopus_sim.model.state import State

__all__ = ["describe"]

_STATES = "IDLE HOLD CLAIM FLOW DECIDE CHOSEN OWN TRY ACT ARRIVE COUNT FIRE NEXT REPORT".split()
_QUEUES = "data switch control eject request ask reply library arrival completion receive command draw tally".split()
_MOST_TILES = 12


def describe(state: State) -> str:
    """List the busy tiles, with what is where in each; at most a dozen of them."""
    p = state.params[0]
    lines = []
    for tile in range(int(p["tiles"])):
        parts = _engine(state, tile) + _queues(state, tile) + _tbus(state, tile)
        if parts:
            x, y = tile % int(p["columns"]), tile // int(p["columns"])
            lines.append(f"  tile {x},{y}: {'; '.join(parts)}")
    if not lines:
        return "\n".join(["  no tile holds a token", *_port(state)])
    more = len(lines) - _MOST_TILES
    return "\n".join(lines[:_MOST_TILES] + ([f"  and {more} more tiles"] if more > 0 else []) + _port(state))


def _port(state: State) -> list[str]:
    """Say what waits for the host, and whether it does anything any more."""
    p, port = state.params[0], state.port[0]
    rows, results = (
        _held(state, state.queue[p["tiles"] * p["queues"] + number]) for number in (st.PORT_ROWS, st.PORT_RESULTS)
    )
    if not (rows or results or port["rows_count"] or port["buffers"]):
        return []
    over = "; the host does nothing more" if not p["host_cycles"] and port["event"] == port["events"] else ""
    credits = "" if p["host_cycles"] else f", {port['credits']} credits"
    buffers = f"{port['rows_count']} rows and {port['buffers']} results in buffers"
    return [f"  host port: {rows} ROWs, {results} RESULTs, {buffers}{credits}{over}"]


def _held(state: State, queue: np.void) -> int:
    """Count the items in a queue."""
    return int((state.cell["stamp"][queue["base"] : queue["base"] + queue["depth"]] > 0).sum())


def _engine(state: State, tile: int) -> list[str]:
    e, c = state.engine[tile], state.current[tile]
    parts = []
    if e["state"] != st.IDLE:
        parts.append(f"engine in {_STATES[e['state']]} with instance {c['instance']} at flow {e['row']}")
    parts += [f"{e[name + '_count']} {name}" for name in ("resumed", "ready", "stalled") if e[name + "_count"]]
    parts += [f"{e['grants_count']} places granted by others"] if e["grants_count"] else []
    parts += [f"{e['report_count']} results for the host"] if e["report_count"] else []
    parts += ["a row under way"] if e["asked"] else []
    left = int(e["expected"]) - int(e["ended"])
    return [*parts, f"{left} instances left"] if left else parts


def _queues(state: State, tile: int) -> list[str]:
    p = state.params[0]
    first = {name: int(p["q_" + name]) for name in _QUEUES}
    order = sorted(first, key=first.__getitem__)
    parts = []
    for name, last in zip(order, [*(first[name] for name in order[1:]), int(p["queues"])], strict=True):
        queues = state.queue[tile * p["queues"] + first[name] : tile * p["queues"] + last]
        held = sum(_held(state, queue) for queue in queues)
        if held:
            parts.append(f"{held} in {name} queues")
    return parts


def _tbus(state: State, tile: int) -> list[str]:
    p = state.params[0]
    parts = []
    for number in range(int(p["tbus"])):
        tbu = state.tbu[tile * p["tbus"] + number]
        peas = state.pea["state"].reshape(-1, int(p["peas"]))[tile * int(p["tbus"]) + number]
        bound, running = int(np.sum(peas == st.PEA_BOUND)), int(np.sum(peas == st.PEA_RUNNING))
        busy = 0 if tbu["dead"] else int(p["places"]) - int(tbu["free"]).bit_count()
        if busy:
            text = f"TBU {number}: {busy} places taken, {tbu['waits']} wait, {bound} bound, {running} run"
            parts.append(text + (f", loads into slot {tbu['loading']}" if _loads(state, tile, number) else ""))
    return parts


def _loads(state: State, tile: int, number: int) -> bool:
    p = state.params[0]
    tbu = tile * int(p["tbus"]) + number
    loading = int(state.tbu[tbu]["loading"])
    return loading >= 0 and state.slot[tbu * int(p["slots"]) + loading]["state"] == st.SLOT_LOADING
