# SPDX-License-Identifier: Apache-2.0
"""Benches for units of the model: a mesh whose state a test sets, and whose parts it steps."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Kind, SourceKind
from octopus_hw.contract.config import Config
from octopus_sim.model import state as st
from octopus_sim.model.token import LONGS
from octopus_sim.model.twins import Bench, cycle_in_order, parts_of
from octopus_sim.model.widest import WIDEST

from .samples import VALUE, flow, image, numbers, source, task

DATA, SWITCH, CONTROL, PORTS, HOME_SENDER, HOME_RECEIVER, ENGINE, TBU = range(8)
BUFFERS = TBU + 1


def token(**fields: int) -> list[int]:
    """A token's words in the state."""
    packed = WIDEST.token.pack(**fields)
    return [(packed >> 64 * n & (1 << 64) - 1) - (packed >> 64 * n + 63 & 1) * (1 << 64) for n in range(LONGS)]


def bench(columns: int = 1, rows: int = 1, host: NDArray[np.void] | None = None, **keys: Any) -> Bench:
    flows = [flow(1, Kind.END), task(0, 0)]
    keys.setdefault("config", Config())
    return Bench(image(flows, numbers({0: (source(SourceKind.CONST, 5), VALUE)}, 16), columns, rows, **keys), host=host)


def step(b: Bench, now: int, *parts: int, tile: int = 0) -> None:
    order = np.array([tile * parts_of(b.state) + part for part in parts], np.int64)
    cycle_in_order(b.state.header.ctypes.data, order, now)


def tbu(blocks: list[int], resident: list[int], contexts: list[int], **keys: Any) -> Bench:
    """Tokens of `blocks` wait; slots hold `resident` (-1: empty); idle PEAs have `contexts` (None: running)."""
    mode = {name: keys.pop(name) for name in ("adaptive", "prefetch", "affinity", "split") if name in keys}
    b = bench(config=Config(peas=len(contexts), config_slots=len(resident)), mode=mode)
    s = b.state
    for place, block in enumerate(blocks):
        s.place[place]["token"] = token(block=block)
        s.place[place]["cycles_at"] = s.place[place]["value_at"] = s.place[place]["sum_at"] = st.NEVER
        s.tbu[0]["waiting"][place] = place
    s.tbu[0]["waits"] = len(blocks)
    for name, value in keys.items():
        s.tbu[0][name] = value
    for number, block in enumerate(resident):
        if block >= 0:
            s.slot[number]["state"], s.slot[number]["block"] = st.SLOT_RESIDENT, block
    for number, context in enumerate(contexts):
        s.pea[number]["context"] = context
    return b


def bound(b: Bench) -> list[tuple[int, int, int, int]]:
    """PEA, its place, its context and the end of its switch time, of those that are bound."""
    peas = enumerate(b.state.pea[: int(b.state.params[0]["peas"])])
    return [(n, int(p["place"]), int(p["context"]), int(p["until"])) for n, p in peas if p["state"] == st.PEA_BOUND]
