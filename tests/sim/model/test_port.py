# SPDX-License-Identifier: Apache-2.0
"""The host's port, cycle by cycle against the page's reference, under a host and a mesh that do whatever they may."""

from random import Random
from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.codes import Event, HostEvent, Message
from octopus_hw.contract.config import Config
from octopus_hw.image.image import Image
from octopus_sim.events import sort_events
from octopus_sim.host_events import HOST_EVENT
from octopus_sim.model import run
from octopus_sim.model import state as st
from octopus_sim.model.build import build
from octopus_sim.model.step import run_until
from octopus_sim.model.twins import Bench
from octopus_sim.reference.host_port import HostPort, PortInputs, PortOutputs
from tests.cbu.samples import hosted, random_image

from .rig import bench, step, token
from .test_order import assert_at_rest

COLUMNS, ROWS = 3, 2
TILES = COLUMNS * ROWS
LAST = 1 << 61
CAPACITY = 10_000


class Beside:
    """A port of the model beside the reference, in a mesh that sends it messages and results."""

    def __init__(self, config: Config, seed: int) -> None:
        self.random = Random(seed)
        self.bench: Bench = bench(COLUMNS, ROWS, config=config, host=np.zeros(3, HOST_EVENT))
        self.port = HostPort(config)
        self.latency, self.channels = config.link_latency, config.data_vcs
        self.first = TILES * int(self.bench.state.params[0]["queues"])
        self.west = [self.bench.queue("data", 4 + 4 * channel) for channel in range(self.channels)]
        self.reply = self.bench.queue("control", 9)
        self.way: dict[int, PortInputs] = {}  #: what the port takes in cycles to come
        self.asked: dict[str, set[int]] = {"ROW": set(), "RESULT": set()}  #: tiles that wait
        self.due: list[int] = []  #: words of the results that SENDs have asked for
        self.left = 0  #: flits of one under way
        self.seen = {"flits": 0, "sends": 0}

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def taken(self, cycle: int) -> PortInputs:
        return self.way.setdefault(cycle, PortInputs())

    def tell(self, now: int) -> None:
        """A tile without one under way sends a ROW or RESULT."""
        kind = self.random.choice(["ROW", "RESULT"])
        free = sorted(set(range(TILES)) - self.asked[kind])
        if free and self.chance(0.3):
            tile = self.random.choice(free)
            x, y = tile % COLUMNS, tile // COLUMNS
            queue = self.first + (st.PORT_ROWS if kind == "ROW" else st.PORT_RESULTS)
            if self.bench.push(queue, now, 1 << 14 | int(Message[kind]) << 15 | x << 19 | y << 26):
                self.asked[kind].add(tile)
                self.taken(now + 1 + self.latency).message = kind, (x, y)

    def leave(self, now: int) -> None:
        """A flit of a result leaves the mesh."""
        if not self.left and self.due and self.chance(0.5):
            self.left = 1 + self.due[0]
        queue = self.first + st.PORT_DATA + self.channels - 1
        s = self.bench.state
        if not self.left or not self.chance(0.8):
            return
        number = int(s.packet["next"][0])
        if self.bench.push(queue, now, number << 21 | (LAST if self.left == 1 else 0)):
            self.left -= 1
            if self.left == 0:
                s.packet["next"][0] = s.packet["next"][number]
                s.packet[number]["token"] = token(words=self.due.pop(0))
                self.taken(now + 1 + self.latency).result = True

    def act(self, now: int) -> list[tuple[HostEvent, Any]]:
        """What the host does in this cycle."""
        events: list[tuple[HostEvent, Any]] = []
        port = self.port
        if port.asking and port.row_buffers and self.chance(0.3):
            events.append((HostEvent.ROW, [0] * self.random.randrange(9)))
        if self.chance(0.1):
            events.append((HostEvent.CREDIT, self.random.choice([1, 1, 7])))
        if port.held and self.chance(0.1):
            events.append((HostEvent.TAKEN, 1))
        self.random.shuffle(events)
        return events

    def take(self, now: int, p: float) -> None:
        """The mesh takes what has come, or not."""
        if self.chance(p):
            self.bench.take(self.reply, now)
        for queue in self.west:
            flit = self.bench.take(queue, now) if self.chance(p) else None
            if flit is not None and flit & LAST:
                following, number = self.bench.state.packet["next"], flit >> 21 & (1 << 40) - 1
                following[number], following[0] = following[0], number

    def cycle(self, now: int, events: list[tuple[HostEvent, Any]]) -> None:
        """One cycle of both."""
        s = self.bench.state
        s.port[0]["event"] = 0
        s.port[0]["events"] = len(events)
        for number, (what, value) in enumerate(events):
            s.host[number] = now, what, len(value) if what == HostEvent.ROW else value
        i = self.way.pop(now, PortInputs())
        i.events = events
        i.reply_room, i.data_room = self.room(self.reply, now), [self.room(queue, now) for queue in self.west]
        before = s.queue["tail"].copy()
        step(self.bench, now, 0, tile=TILES)
        self.check(self.port.step(i), before, now)

    def room(self, queue: int, now: int) -> bool:
        q = self.bench.state.queue[queue]
        stamp = self.bench.state.cell["stamp"][q["base"] + q["tail"]]
        return bool(stamp <= 0 and -stamp <= now)

    def check(self, o: PortOutputs, before: np.ndarray, now: int) -> None:
        """Demand that both sent the same."""
        s = self.bench.state
        moved = [int(queue) for queue in (self.reply, *self.west) if s.queue["tail"][queue] != before[queue]]
        wanted = [self.reply] if o.send is not None else []
        wanted += [self.west[o.flit[0]]] if o.flit is not None else []
        assert moved == wanted, f"cycle {now}"
        if o.send is not None:
            word = self.pushed(self.reply, before)
            assert (word & 127, word >> 7 & 127, word >> 14 & 31) == (*o.send, int(Message.SEND) << 1)
            self.asked["RESULT"].remove(o.send[0] + COLUMNS * o.send[1])
            self.due.append(self.random.randrange(6))
            self.seen["sends"] += 1
        if o.flit is not None:
            flit = self.pushed(self.west[o.flit[0]], before)
            assert (flit >> 14 & 7, bool(flit & LAST)) == (6, o.flit[2])
            self.seen["flits"] += 1
            if o.flit[2]:
                self.asked["ROW"].remove((flit & 127) + COLUMNS * (flit >> 7 & 127))

    def pushed(self, queue: int, before: np.ndarray) -> int:
        q = self.bench.state.queue[queue]
        return int(self.bench.state.cell["data"][q["base"] + before[queue]])


@pytest.mark.parametrize(
    "config",
    [Config(), Config(data_vcs=2, data_width=128), Config(link_latency=3, data_width=32)],
    ids=["", "2", "slow"],
)
def test_the_port_does_what_the_page_says(config: Config) -> None:
    beside = Beside(config, 5)
    for now in range(1, 6000):
        beside.tell(now)
        beside.leave(now)
        beside.cycle(now, beside.act(now))
        beside.take(now, 0.6 if now % 500 < 400 else 0.05)
    assert beside.seen["flits"] > 1000
    assert beside.seen["sends"] > 300
    assert beside.bench.state.port["refused"][0] == 0


class Wilful:
    """A run whose host does whatever it may, whenever it likes: it is slow, in a hurry, silent for long.

    `events` is what it has done.
    """

    def __init__(self, picture: Image, seed: int) -> None:
        self.picture, self.random = picture, Random(seed)
        self.state = s = build(picture, 1 << 16, host=np.zeros(CAPACITY, HOST_EVENT))
        self.events: list[tuple[int, HostEvent, int]] = []
        s.port["events"], s.due[-1], s.wake[-1] = 0, st.NEVER, st.NEVER
        self.rows = s.queue[int(s.params[0]["tiles"] * s.params[0]["queues"]) + st.PORT_ROWS]

    def act(self, now: int, what: HostEvent, count: int) -> None:
        s = self.state
        s.host[len(self.events)] = now, what, count
        self.events.append((now, what, count))
        s.port["events"], s.due[-1], s.wake[-1] = len(self.events), now, now

    def choose(self, now: int) -> None:
        """Do at most one thing in this cycle, of those that are possible."""
        s, port = self.state, self.state.port[0]
        head = s.cell[self.rows["base"] + self.rows["head"]]
        doubt = self.random.random()
        if doubt < 0.5 and 0 < head["stamp"] <= now and port["rows_count"] + (port["left"] > 0) < 4:
            self.act(now, HostEvent.ROW, len(self.picture.row(int(head["data"]) >> 33 & 0xFFFFFFFF)))
        elif doubt < 0.7 and port["results_count"]:
            self.act(now, HostEvent.TAKEN, 1)
        elif doubt < 0.8 and port["credits"] < 20:
            self.act(now, HostEvent.CREDIT, self.random.randint(1, 5))

    def over(self) -> bool:
        s = self.state
        return bool(s.engine["ended"].sum() == s.engine["expected"].sum() and not s.port["buffers"][0])

    def run(self) -> np.ndarray:
        """Run to the end; return the chip's events."""
        address, now = self.state.header.ctypes.data, 0
        while not self.over():
            assert now < 1_000_000
            now += self.random.choice([1, 1, 1, 4, 20, 400])
            run_until(address, now, 0)
            self.choose(now)
        run_until(address, st.NEVER, 0)
        return sort_events(self.state.event[: self.state.total[st.TOTAL_EVENTS]].copy())


@pytest.mark.parametrize("seed", range(60))
def test_all_instances_end_whatever_the_host_does(seed: int) -> None:
    """Each gets its row and retires once; and a host that does the same again gets the same."""
    picture = hosted(random_image(seed, columns=1 + seed % 3, rows=1 + seed % 2), Random(seed), [seed % 3, 1])
    wilful = Wilful(picture, seed)
    events = wilful.run()
    instances = sorted(int(n) for tile in picture.tiles for n in tile.list["instance"])
    served = [n for its in picture.inputs for n in range(its.first, its.first + its.instances)]
    for event, wanted in ((Event.INJECT, instances), (Event.RETIRE, instances), (Event.ARRIVE, served)):
        assert sorted(events["instance"][events["event"] == event].tolist()) == wanted
    assert sum(count for _, what, count in wilful.events if what == HostEvent.TAKEN) == len(instances)
    again = run(picture, host=np.array(wilful.events, HOST_EVENT))
    assert np.array_equal(again.events, events)
    assert_at_rest(again)
