# SPDX-License-Identifier: Apache-2.0
"""Drives a Cbu beside its twin: loads an image, hands both the same inputs, and compares what they do in each cycle."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

import octopus_sim.reference.cbu as reference
from octopus_hw.cbu.cbu import Cbu
from octopus_hw.contract.bits import Layout
from octopus_hw.contract.codes import Event, LoadTarget, Message
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.boot import pack_rows
from octopus_hw.image.image import Image
from octopus_sim.reference.events import MASK, event_hash
from octopus_sim.reference.holders import Inputs, Outputs
from tests.cbu.world import World
from tests.simulate import simulate


def fields(view: Any) -> Any:
    """A constant view's fields as numbers."""
    layout = view.shape()
    return {name: fields(view[name]) if hasattr(view[name], "shape") else int(view[name]) for name, _ in layout}


def packed(layout: Layout, message: dict[str, Any]) -> int:
    """The fields of a layout that are in a message, as a payload."""
    return int(layout.pack(**{name: message[name] for name in layout.spans}))


def looked_at(command: dict[str, Any]) -> dict[str, Any]:
    """A command without what nobody looks at in a result's token (docs/timing.md#results)."""
    kept = ("home_x", "home_y", "slot", "instance", "value")
    return command | {"token": {name: command["token"][name] for name in kept}} if command["host"] else command


class Bench:
    """One Cbu under test.

    `surroundings(cycle)` gives a cycle's inputs, `applied(outputs, inputs)` gets what the twin did with them.
    """

    def __init__(self, image: Image, x: int = 0, y: int = 0, world: World | None = None) -> None:
        self.image, self.world = image, world
        self.layouts = layouts(image.config)
        self.twin = reference.Cbu(image, x, y)
        self.cbu = Cbu(image.config, True)
        self.start = (x + y) * (1 + image.config.link_latency)
        self.events: list[tuple[Any, ...]] = []
        self.commands: list[tuple[str, dict[str, Any]]] = []  #: with the kind of their holders; empty ones not
        self.log = io.StringIO()

    def run(
        self,
        surroundings: Callable[[int], Inputs],
        applied: Callable[[Outputs, int, Inputs], None],
        done: Callable[[], bool],
        most: int = 20_000,
    ) -> None:
        async def bench(ctx: Any) -> None:
            self.ctx = ctx
            await self.load()
            for cycle in range(self.start + 1, most):
                i = surroundings(cycle)
                self.drive(cycle, i)
                self.check_row(i)
                o = self.twin.step(i)
                self.check(o, cycle)
                self.events += o.events
                self.commands += [(self.twin.h.kind, command) for _, command in o.command if not command["empty"]]
                applied(o, cycle, i)
                await ctx.tick()
                if done():
                    break
            else:
                raise AssertionError("it does not come to an end")
            self.drive(cycle + 1, surroundings(cycle + 1))
            assert ctx.get(self.cbu.finished) == (0 < self.twin.tile.expected == self.twin.ended)
            await ctx.tick().repeat(3)
            names = ("hash", "injected", "retired", "dispatched", "moved")
            self.counters = {name: ctx.get(getattr(self.cbu.counters, name)) for name in names}

        with contextlib.redirect_stdout(self.log):
            simulate(self.cbu, bench)

    def printed(self) -> list[tuple[Any, ...]]:
        """The events that the RTL printed; they have no data."""
        lines = [line.split() for line in self.log.getvalue().splitlines()]
        assert all(f[-1] == "0" for f in lines)
        return [(int(f[1]), f[5], *map(int, f[6:-1])) for f in lines]

    async def load(self) -> None:
        image, state, twin = self.image, self.cbu.state, self.twin
        region = image.region(twin.x, twin.y)
        values = {
            "x": twin.x, "y": twin.y, "seed": image.seed, "dead": twin.tile.dead, "streams": image.stream_mask,
            "expected": twin.tile.expected,
        }  # fmt: skip
        for name, value in values.items():
            self.ctx.set(getattr(state, name), value)
        self.ctx.set(state.mode, image.mode)
        widths = self.layouts
        tables = {
            LoadTarget.FLOW: pack_rows(widths.flow_row, image.flows),
            LoadTarget.NUMBER: image.numbers,
            LoadTarget.SLOT: pack_rows(widths.slot_row, image.slots),
            LoadTarget.OWN_HEAD: pack_rows(widths.own_head, image.own_heads[region]),
            LoadTarget.OWNER: pack_rows(widths.owner, image.owners[region]),
            LoadTarget.STREAM: pack_rows(widths.stream_row, twin.tile.streams),
            LoadTarget.LIST: pack_rows(widths.list_row, twin.tile.list),
        }
        for memory, words in tables.items():
            for address, word in enumerate(words):
                word = {"memory": int(memory), "address": address, "data": int(word)}
                self.ctx.set(self.cbu.loads.word, word)
                self.ctx.set(self.cbu.loads.valid, 1)
                await self.ctx.tick()
        self.ctx.set(self.cbu.loads.valid, 0)
        # Header and time word of the start command come at once.
        await self.ctx.tick()
        self.ctx.set(state.starts, 1)
        await self.ctx.tick()
        self.ctx.set(state.starts, 0)
        self.ctx.set(state.running, 1)

    def drive(self, cycle: int, i: Inputs) -> None:
        cbu, set_ = self.cbu, self.ctx.set
        set_(cbu.state.cycle, cycle)
        for port, completion in zip(cbu.done, i.done, strict=True):
            set_(port.valid, completion is not None)
            if completion is not None:
                set_(port.payload, completion)
        for port, ready in zip(cbu.command, i.ready, strict=True):
            set_(port.ready, ready)
        set_(cbu.vacant, sum(vacant << number for number, vacant in enumerate(i.vacant)))
        for port, place in zip(cbu.release, i.release, strict=True):
            set_(port.valid, place is not None)
            set_(port.place, place or 0)
        arrival = None if i.arrival is None else {"token": i.arrival, "row": i.arrival_row}
        for port, token in ((cbu.arrival, arrival), (cbu.asked, self.place_message(i)), (cbu.answer, self.answer(i))):
            set_(port.valid, token is not None)
            if token is not None:
                set_(port.payload, token)
        for port, work in zip(cbu.tbu_work, i.tbu_work, strict=True):
            set_(port, work)
        for name in ("tick", "wants", "wanted"):
            set_(getattr(cbu, name), getattr(i, name))
        set_(cbu.request.ready, i.request_ready)
        set_(cbu.reply.ready, i.reply_ready)
        set_(cbu.result.ready, i.result_ready)
        set_(cbu.left.valid, i.freed_slot is not None)
        set_(cbu.left.slot, i.freed_slot or 0)

    def place_message(self, i: Inputs) -> dict[str, int] | None:
        if i.asked is None:
            return None
        a = i.asked
        return {"x": a["x"], "y": a["y"], "message": int(Message.PLACE), "source_x": a["source_x"],
                "source_y": a["source_y"], "payload": packed(self.layouts.place_request, a)}  # fmt: skip

    def answer(self, i: Inputs) -> dict[str, int] | None:
        if i.answer is None:
            return None
        source = {name: i.answer[name] for name in ("source_x", "source_y")}
        return source | self.said(i.answer)

    def said(self, message: dict[str, Any]) -> dict[str, int]:
        """A reply's kind and payload."""
        kind = Message[message["message"]]
        if kind == Message.ROW:
            return {"message": int(kind), "host": 1, "payload": message["instance"]}
        if kind == Message.SEND:
            return {"message": int(kind)}
        layout = self.layouts.answer if kind == Message.ANSWER else self.layouts.grant
        return {"message": int(kind), "payload": packed(layout, message)}

    def check_row(self, i: Inputs) -> None:
        """When a row comes, its words went where the data of its slot begin."""
        if i.arrival_row:
            slot = self.twin.reserved[self.twin.row_stream]
            assert self.ctx.get(self.cbu.row_at) == self.image.slots[slot]["data"]

    def check(self, o: Outputs, cycle: int) -> None:
        did = self.did()
        place = dict.fromkeys(("x", "y", "host", "source_x", "source_y"), 0)
        expected: dict[str, Any] = {"taken": o.taken, "finished": o.finished, "request": None, "reply": None}
        result = {
            "message": int(Message.RESULT),
            "host": 1,
            "payload": 0,
            "source_x": self.twin.x,
            "source_y": self.twin.y,
        }
        expected["result"] = place | result if o.result else None
        expected |= {"work": o.work, "granted": o.granted, "taken_partner": o.taken_partner}
        expected["accept"] = [(tbu, place_, token) for tbu, place_, token in o.accept]
        expected["command"] = [
            (sender, fields | {"token": None} if fields["empty"] else looked_at(fields)) for sender, fields in o.command
        ]
        if o.request is not None:
            r = o.request
            expected["request"] = place | {
                "message": int(Message.PLACE), "payload": packed(self.layouts.place_request, r),
                "x": r["x"], "y": r["y"], "source_x": r["source_x"], "source_y": r["source_y"],
            }  # fmt: skip
        if o.reply is not None:
            there = {"x": o.reply["x"], "y": o.reply["y"], "source_x": self.twin.x, "source_y": self.twin.y}
            expected["reply"] = place | there | self.said(o.reply)
        assert did == expected, f"cycle {cycle}"

    def did(self) -> dict[str, Any]:
        """What the RTL does in this cycle."""
        cbu, get = self.cbu, self.ctx.get
        taken = [name for name in ("arrival", "asked", "answer") if self._moves(getattr(cbu, name))]
        taken += [f"done{number}" for number, port in enumerate(cbu.done) if self._moves(port)]
        assert len(taken) <= 1
        commands = []
        for number, port in enumerate(cbu.command):
            if get(port.valid):
                assert get(port.ready), "a command is pushed into a full queue"
                command = looked_at(fields(get(port.payload)))
                if command["empty"]:
                    command = {"source": command["source"], "release": command["release"], "empty": 1, "token": None}
                commands.append((number, command))
        return {
            "taken": taken[0] if taken else "",
            "accept": [
                (number, get(port.place), fields(get(port.token)))
                for number, port in enumerate(cbu.accept)
                if get(port.valid)
            ],
            "command": commands,
            "request": fields(get(cbu.request.payload)) if get(cbu.request.valid) else None,
            "reply": fields(get(cbu.reply.payload)) if get(cbu.reply.valid) else None,
            "result": fields(get(cbu.result.payload)) if get(cbu.result.valid) else None,
            "finished": bool(get(cbu.finished)),
            "work": get(cbu.work),
            "granted": bool(get(cbu.granted)),
            "taken_partner": get(cbu.taken_partner) if get(cbu.taken) else None,
        }

    def _moves(self, port: Any) -> bool:
        return bool(self.ctx.get(port.valid)) and bool(self.ctx.get(port.ready))


def run_in_a_mesh(image: Image, seed: int, number: int = 0, **keys: Any) -> Bench:
    """One tile's RTL beside its twin, twins in the other tiles."""
    world = World(image, seed, **keys)
    bench = Bench(image, image.tiles[number].x, image.tiles[number].y, world)
    others = [
        (place, reference.Cbu(image, tile.x, tile.y)) for place, tile in enumerate(image.tiles) if place != number
    ]

    def surroundings(cycle: int) -> Inputs:
        for place, twin in others:
            i = world.tiles[place].inputs(cycle)
            world.tiles[place].apply(twin.step(i), cycle, i)
        return world.tiles[number].inputs(cycle)

    def applied(o: Outputs, cycle: int, i: Inputs) -> None:
        world.tiles[number].apply(o, cycle, i)
        world.tick(cycle)

    def done() -> bool:
        return all(twin.ended == twin.tile.expected for twin in (bench.twin, *(twin for _, twin in others)))

    bench.run(surroundings, applied, done)
    return bench


def hash_of(events: list[tuple[Any, ...]]) -> int:
    """What a CBU adds up over its events."""
    fields = ("instance", "block", "index", "round")
    return sum(event_hash(e[0], 0, Event[e[1].upper()], dict(zip(fields, e[2:], strict=True))) for e in events) & MASK
