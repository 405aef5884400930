# SPDX-License-Identifier: Apache-2.0
"""How the switches and routers of a mesh are joined."""

import numpy as np

from octopus_hw.image.image import Image
from octopus_sim.model import state as st
from octopus_sim.model.state import State

__all__ = ["wire"]

#: Ports: local, north, east, south, west.
_STEPS = ((0, 0), (0, -1), (1, 0), (0, 1), (-1, 0))


def wire(image: Image, state: State) -> None:
    """Connect the outputs of switches and routers to the queues that they fill; -1 is the edge of the mesh."""
    p = state.params[0]
    tbus, queues = int(p["tbus"]), int(p["queues"])
    tiles = np.arange(int(p["tiles"]))
    x, y = tiles % image.columns, tiles // image.columns
    own = tiles * queues
    router, switch = state.switch[0::2], state.switch[1::2]
    for part in (router, switch):
        part["x"], part["y"], part["owner"], part["wanted"], part["out"] = x, y, -1, -1, -1
    classes = image.config.data_vcs
    router["router"], router["wide"], router["first"] = 1, classes - 1, own + p["q_data"]
    router["n"], router["outputs"] = 1 + 4 * classes, 5
    switch["n"], switch["outputs"], switch["first"] = tbus + 2, tbus + 2, own + p["q_switch"]
    switch["out"][:, : tbus + 1] = (own + p["q_receive"])[:, None] + np.arange(tbus + 1)
    switch["out"][:, tbus + 1] = own + p["q_data"]
    router["out"][:, 0] = own + p["q_switch"] + tbus + 1
    state.control["x"], state.control["y"], state.control["first"] = x, y, own + p["q_control"]
    state.control["out"] = -1
    state.control["out"][:, :2] = (own + p["q_eject"])[:, None] + np.arange(2)
    for port in range(1, 5):
        dx, dy = _STEPS[port]
        inside = (x + dx >= 0) & (x + dx < image.columns) & (y + dy >= 0) & (y + dy < image.rows)
        there = (tiles + dy * image.columns + dx) * queues
        back = port - 2 if port > 2 else port + 2
        for number in range(classes):
            queue = there + p["q_data"] + 4 * number + back
            router["out"][:, port * classes + number] = np.where(inside, queue, -1)
        for kind in range(2):
            queue = there + p["q_control"] + 2 * back + kind
            state.control["out"][:, 2 * port + kind] = np.where(inside, queue, -1)
    # North of tile 0,0 is the host's port.
    port = int(p["tiles"]) * queues
    router["out"][0, classes : 2 * classes] = port + st.PORT_DATA + np.arange(classes)
    # Of the requests that leave the network, the ports take CONFIG; the engine, which the router wakes, takes PLACE.
    state.queue["user"][:port].reshape(-1, queues)[:, p["q_eject"]] = tiles * p["units"] + st.UNIT_PORTS
    _name_sources(state)


def _name_sources(state: State) -> None:
    """Note who sleeps until a queue has room: what feeds the switches and routers, and they themselves."""
    p, source = state.params[0], state.queue["source"]
    first = np.arange(int(p["tiles"]))[:, None] * p["units"]
    source[:] = -1
    router, switch = state.switch[0::2], state.switch[1::2]
    for part, unit in ((router, st.UNIT_DATA), (switch, st.UNIT_SWITCH), (state.control, st.UNIT_CONTROL)):
        out = part["out"]
        source[out[out >= 0]] = np.broadcast_to(first + unit, out.shape)[out >= 0]
    west = np.append(p["q_data"] + 4 + 4 * np.arange(1 + router["wide"][0]), p["q_control"] + 9)
    source[west] = p["tiles"] * p["units"]
    senders = np.append(st.UNIT_TBU + np.arange(p["tbus"]), st.UNIT_HOME)
    source[: p["tiles"] * p["queues"]].reshape(-1, p["queues"])[:, p["q_switch"] : p["q_switch"] + p["tbus"] + 1] = (
        first + senders
    )
