# SPDX-License-Identifier: Apache-2.0
"""The model's units one by one, for tests of single units, and a mesh stepped in any order of its units.

A *part* is the least that the model looks at on its own; part numbers are local to a tile::

    0 data router   1 tile switch   2 control router   3 ports   4 home sender   5 home receiver   6 engine
    7 + 3 b  TBU b: loader, dispatcher and PEAs    8 + 3 b  sender, receiver and tally unit    9 + 3 b  draw unit

Part 0 of the tile after the last is the host's port.
"""

import numpy as np
from numpy.typing import NDArray

from octopus_hw.image.image import Image
from octopus_sim.model.build import build
from octopus_sim.model.control import control_step, ports_step
from octopus_sim.model.draw import draw_number
from octopus_sim.model.engine import engine_step
from octopus_sim.model.exchange import exchange_step
from octopus_sim.model.kernel import entry, kernel
from octopus_sim.model.link_stalls import stall_word
from octopus_sim.model.pointers import mesh
from octopus_sim.model.port import port_step
from octopus_sim.model.receiver import home_receiver_step
from octopus_sim.model.sender import home_sender_step
from octopus_sim.model.state import Mesh, Record, State
from octopus_sim.model.tally import buffers_step
from octopus_sim.model.tbu import draw_step, schedule_step
from octopus_sim.model.wormhole import wormhole_step

__all__ = ["Bench", "cycle_in_order", "draw_twin", "parts_of", "stall_twin"]

_TBU = 7


def parts_of(state: State) -> int:
    """Return how many parts a tile has."""
    return _TBU + 3 * int(state.params[0]["tbus"])


@kernel
def _tbu_part(s: Mesh, tile: int, part: int, now: int) -> None:
    number, kind = part // 3, part % 3
    if kind == 0:
        schedule_step(s, tile, number, now)
    elif kind == 1:
        buffers_step(s, tile, number, now)
    else:
        draw_step(s, tile, number, now)


@kernel
def _part(s: Mesh, tile: int, part: int, now: int) -> None:
    if tile == s.params[0].tiles:
        port_step(s, now)
    elif part >= _TBU:
        _tbu_part(s, tile, part - _TBU, now)
    elif part < 2:
        wormhole_step(s, 2 * tile + part, now)
    elif part == 2:
        control_step(s, tile, now)
    elif part == 3:
        ports_step(s, tile, now)
    elif part == 4:
        home_sender_step(s, tile, now)
    elif part == 5:
        home_receiver_step(s, tile, now)
    else:
        engine_step(s, tile, now)


@entry
def cycle_in_order(address: int, order: Record, now: int) -> None:
    """One cycle: the exchange, then the given parts in the given order; an entry of `order` is tile x parts + part."""
    s = mesh(address)
    while s.params[0].balance and s.exchange[0].next == now:
        exchange_step(s, now)
    parts = _TBU + 3 * s.params[0].tbus
    for i in range(order.size):
        _part(s, order[i] // parts, order[i] % parts, now)


@entry
def draw_twin(
    numbers: Record, seed: int, block: int, field: int, instance: int, index: int, round_: int, value: int, variant: int
) -> tuple[int, int]:
    """Return a number and the cycles from k to r, for a unit that took the token in cycle k - 1."""
    result, r = draw_number(numbers, seed, block, field, instance, index, round_, value, variant, 0, 1)
    return result, r - 1


@entry
def stall_twin(seed: int, x: int, y: int, now: int) -> int:
    """Return the word of fields that say which links of tile x,y stall in cycle `now`."""
    return stall_word(seed, x, y, now)


class Bench:
    """A mesh whose queues a test fills and empties, and whose parts it steps.

    Parameters
    ----------
    image : Image
        Gives sizes and tables.
    events : int
        Events that can be recorded.
    host : array of HOST_EVENT, optional
        What the host does.
    """

    def __init__(self, image: Image, events: int = 1 << 16, host: NDArray[np.void] | None = None) -> None:
        self.state = build(image, events, host=host)

    def queue(self, name: str, number: int = 0, tile: int = 0) -> int:
        """Return the global number of a queue: the `number`-th from `q_NAME` on."""
        p = self.state.params[0]
        return tile * int(p["queues"]) + int(p["q_" + name]) + number

    def push(self, queue: int, now: int, data: int, *token: int) -> bool:
        """Push an item in cycle `now`, perhaps with the words of its token, if there is room."""
        q = self.state.queue[queue]
        cell = self.state.cell[q["base"] + q["tail"]]
        if cell["stamp"] > 0 or -cell["stamp"] > now:
            return False
        cell["stamp"], cell["data"] = now + 1 + q["latency"], data
        pair = self.state.pair[q["token"] + q["tail"]] if len(self.state.pair) > q["token"] + q["tail"] else None
        if pair is not None and token:
            pair["token"] = token
        q["tail"] = (q["tail"] + 1) % q["depth"]
        return True

    def take(self, queue: int, now: int) -> int | None:
        """Take the head in cycle `now` and return its data; None if there is none."""
        q = self.state.queue[queue]
        cell = self.state.cell[q["base"] + q["head"]]
        if not 0 < cell["stamp"] <= now:
            return None
        cell["stamp"] = -(now + 1 + q["latency"])
        q["head"] = (q["head"] + 1) % q["depth"]
        return int(cell["data"])
