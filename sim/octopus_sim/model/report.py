# SPDX-License-Identifier: Apache-2.0
"""Where tokens are: a description of the busy tiles of a mesh, for runs that do not end."""

import numpy as np

from octopus_sim.model import state as st
from octopus_sim.model.state import State

__all__ = ["describe"]

_STATES = "IDLE HOLD CLAIM FLOW DECIDE CHOSEN OWN TRY ACT ARRIVE COUNT FIRE NEXT".split()
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
        return "  no tile holds a token"
    more = len(lines) - _MOST_TILES
    return "\n".join(lines[:_MOST_TILES] + ([f"  and {more} more tiles"] if more > 0 else []))


def _engine(state: State, tile: int) -> list[str]:
    e, c = state.engine[tile], state.current[tile]
    parts = []
    if e["state"] != st.IDLE:
        parts.append(f"engine in {_STATES[e['state']]} with instance {c['instance']} at flow {e['row']}")
    parts += [f"{e[name + '_count']} {name}" for name in ("resumed", "ready", "stalled") if e[name + "_count"]]
    parts += [f"{e['grants_count']} places granted by others"] if e["grants_count"] else []
    left = int(e["expected"]) - int(e["retired"])
    return [*parts, f"{left} instances left"] if left else parts


def _queues(state: State, tile: int) -> list[str]:
    p = state.params[0]
    first = {name: int(p["q_" + name]) for name in _QUEUES}
    order = sorted(first, key=first.__getitem__)
    parts = []
    for name, last in zip(order, [*(first[name] for name in order[1:]), int(p["queues"])], strict=True):
        queues = state.queue[tile * p["queues"] + first[name] : tile * p["queues"] + last]
        held = sum(int((state.cell["stamp"][q["base"] : q["base"] + q["depth"]] > 0).sum()) for q in queues)
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
