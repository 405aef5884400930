# SPDX-License-Identifier: Apache-2.0
"""Rows from the host and results for it: RTL beside its twin in every cycle, and the page's cycles one by one."""

import random
from collections import Counter
from collections.abc import Collection
from functools import cache
from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.codes import Kind
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import Image
from octopus_sim.reference.holders import Inputs, Outputs
from tests.cbu.rig import Bench, hash_of, run_in_a_mesh
from tests.cbu.samples import hosted, random_image
from tests.cbu.test_cbu_balance import busy_image
from tests.image.samples import chain, compiled, task

SEEDS = range(10)


def image_of(seed: int) -> Image:
    """Some streams with rows, all, or none; every third image is one whose tokens find no place."""
    rng = random.Random(seed)
    image = busy_image(seed) if seed % 3 == 2 else random_image(seed)
    return hosted(image, rng, ([0], range(99), [])[seed % 4 % 3])


@cache
def bench_of(seed: int) -> Bench:
    image = image_of(seed)
    return run_in_a_mesh(image, seed, seed % len(image.tiles), replies=0.2 if seed % 2 else 0.7)


@pytest.mark.parametrize("seed", SEEDS)
def test_does_what_its_twin_does(seed: int) -> None:
    bench = bench_of(seed)
    assert bench.printed() == bench.events
    assert bench.counters["hash"] == hash_of(bench.events)


def test_every_transition_is_driven() -> None:
    seen, names = Counter[tuple[str, str, str]](), Counter[str]()
    for seed in SEEDS:
        seen += bench_of(seed).twin.seen
        names += Counter(event[1] for event in bench_of(seed).events)
    rows = {("IDLE", "arri", "IDLE"), ("IDLE", "answ", "HOLD"), ("HOLD", "LIST", "REPORT"), ("REPORT", "LIST", "IDLE")}
    assert {row for row in rows if not seen[row]} == set()
    # Streams without rows have no `arrive`.
    assert 0 < names["arrive"] < names["inject"]


CONFIG = Config(max_streams=2)
#: What comes with a row, but for its words; and what asks for a result.
NOTHING = dict.fromkeys(layouts(CONFIG).token.spans, 0)
SEND = {"message": "SEND", "source_x": 0, "source_y": 0}


def one_task(*mesh: Any, streams: Collection[int], **keys: Any) -> Image:
    """One task and an end that keeps; flows carry no words, so that nothing is sent but results."""
    image = hosted(compiled(chain(task("only")), *mesh, config=CONFIG, **keys).image, random.Random(1), streams)
    image.flows["words"] = 0
    return image


class Host:
    """What comes to the CBU in given cycles, and what it does.

    By default two instances, one after the other, whose stream has rows, on a 1x1 mesh.
    """

    def __init__(self, image: Image | None = None) -> None:
        self.bench = Bench(image or one_task(streams=[0], instances=2, stream={"window": 1}))
        self.row = NOTHING | {"words": 5}
        self.came: dict[int, dict[str, Any]] = {}
        self.did: dict[str, list[Any]] = {"ROW": [], "RESULT": [], "command": [], "finished": []}

    def at(self, cycle: int, **inputs: Any) -> None:
        self.came.setdefault(cycle, {}).update(inputs)

    def surroundings(self, cycle: int) -> Inputs:
        usual: dict[str, Any] = {
            "done": [None] * 4, "ready": [True] * 5, "vacant": [True] * 5, "release": [None] * 4, "tbu_work": [0] * 4,
        }  # fmt: skip
        return Inputs(cycle=cycle, **usual | self.came.get(cycle, {}))

    def applied(self, o: Outputs, cycle: int, i: Inputs) -> None:
        if o.reply is not None and o.reply["message"] == "ROW":
            self.did["ROW"].append((cycle, o.reply["instance"]))
        if o.result:
            self.did["RESULT"].append(cycle)
        if o.finished:
            self.did["finished"].append(cycle)
        self.did["command"] += [(cycle, sender, command) for sender, command in o.command]
        for _, _, token in o.accept:
            self.at(cycle + 10, done=[{"place": 0, "token": token}, None, None, None])

    def run(self, cycles: int) -> list[tuple[int, str]]:
        """Return the events that the RTL printed, with their cycles; what it does is in `did`."""
        last = cycles
        self.bench.run(self.surroundings, self.applied, lambda: self.bench.twin.i.cycle == last)
        return [(event[0], event[1]) for event in self.bench.printed()]


def test_a_row_comes_and_a_result_goes() -> None:
    """A slot is reserved in 2, the row comes in 9; the task is dispatched in 12 and done in 22."""
    host = Host()
    host.at(9, arrival=host.row, arrival_row=True)
    # The RESULT moves in 28; the SEND waits for the home's sender until 33; the slot is free in 41.
    for cycle in (25, 26, 27):
        host.at(cycle, result_ready=False)
    for cycle in (31, 32):
        host.at(cycle, answer=SEND, ready=[True, True, True, True, False])
    host.at(33, answer=SEND)
    host.at(40, freed_slot=0)
    events = host.run(45)
    # Stream 0 has its turn in even cycles: the row is there from 10 on.
    assert events == [(9, "arrive"), (10, "inject"), (12, "dispatch"), (24, "retire")]
    assert host.did["RESULT"] == [25, 26, 27, 28]
    # IDLE in 33, HOLD in 34, REPORT in 35.
    ((cycle, sender, command),) = host.did["command"]
    assert (cycle, sender) == (35, 4)
    wanted = {"x": 0, "y": 0, "host": 1, "unit": 7, "arg": 0, "begin": 0, "room": 0, "release": 1, "length": 0}
    assert {name: command[name] for name in wanted} == wanted
    assert (command["token"]["instance"], command["token"]["slot"]) == (0, 0)
    # The next one's slot is reserved in 42, the first turn in which it is free: the ROW is a reply from 43 on.
    assert host.did["ROW"] == [(3, 0), (43, 1)]
    assert host.did["finished"] == []


def test_finished_when_the_last_result_has_left() -> None:
    host = Host()
    host.at(9, arrival=host.row, arrival_row=True)
    host.at(30, answer=SEND)
    host.at(40, freed_slot=0)
    # The second one: reserved in 42, dispatched in 53, done in 63, retired in 65.
    host.at(50, arrival=host.row, arrival_row=True)
    host.at(70, answer=SEND)
    host.at(81, freed_slot=0)
    events = host.run(85)
    assert [event for event in events if event[0] > 41] == [
        (50, "arrive"), (52, "inject"), (54, "dispatch"), (66, "retire"),
    ]  # fmt: skip
    assert host.did["finished"] == [82, 83, 84, 85]


def test_a_row_waits_for_a_reply_queue_that_is_empty() -> None:
    host = Host()
    # A PLACE is answered in 1, and the ANSWER waits until 5.
    asked = {"x": 0, "y": 0, "source_x": 1, "source_y": 0, "holder": 3, "tbu": 1}
    host.at(1, asked=asked)
    for cycle in range(2, 6):
        host.at(cycle, reply_ready=False)
    host.run(12)
    assert host.did["ROW"] == [(9, 0)]


def test_a_result_goes_while_requests_wait() -> None:
    """Only the home's sender must have room: what is in a reply eject queue never waits for the network."""
    host = Host(one_task(2, 1, "naive", streams=[], instances=40, stream={"window": 20}))
    end = int(np.flatnonzero(host.bench.image.flows["kind"] == Kind.END)[0])
    host.at(1, arrival=NOTHING | {"next": end})
    for cycle in range(1, 100):
        host.at(cycle, request_ready=False)
    host.at(90, answer=SEND)
    host.run(95)
    assert len(host.bench.twin.requests) == 2
    assert [cycle for cycle, _, command in host.did["command"] if command["host"]] == [92]
