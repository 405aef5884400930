# SPDX-License-Identifier: Apache-2.0
"""Everything around the CBUs of a mesh, without cycles of its own: what takes time takes a random time."""

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import Image
from octopus_sim.reference.balancing import partner_at
from octopus_sim.reference.holders import Inputs, Outputs
from octopus_sim.reference.senders import sent


def words_of(command: dict[str, Any]) -> int:
    """Words that a command sends (docs/timing.md#senders)."""
    there = command["length"] - 4 * command["begin"]
    return int(max(0, min(there, command["words"]), 4 * command["room"]))


@dataclass
class Sender:
    """A command queue of depth 2 and what is being sent."""

    queue: deque[Any] = field(default_factory=deque)
    sending: Any = None
    until: int = 0


class Asker:
    """In the balancer's place: wants work of partners that exist and are not promised anything, whenever it likes."""

    def __init__(self, world: "World", x: int, y: int) -> None:
        self.world = world
        image = world.image
        tiles = {partner: partner_at(x, y, partner) for partner in range(16)}
        inside = {p: xy for p, xy in tiles.items() if 0 <= xy[0] < image.columns and 0 <= xy[1] < image.rows}
        self.partners = list(inside)
        self.promised: set[int] = set()
        self.wants, self.wanted = False, 0

    def inputs(self, i: Inputs) -> None:
        chance = self.world.chance
        if not self.world.image.mode["balance"]:
            return
        i.tick = chance(self.world.ticks)
        left = [partner for partner in self.partners if partner not in self.promised]
        if self.wants:
            self.wants = chance(0.98)
        elif left and chance(self.world.wanting):
            self.wants, self.wanted = True, self.world.random.choice(left)
        i.wants, i.wanted = self.wants, self.wanted

    def apply(self, o: Outputs) -> None:
        if o.granted:
            assert self.wants
            self.promised.add(self.wanted)
            self.wants = False
        if o.taken_partner is not None:
            self.promised.remove(o.taken_partner)


class Surroundings:
    """TBUs, senders, home and networks of one tile."""

    def __init__(self, world: "World", tbus: int, x: int, y: int) -> None:
        self.world = world
        self.source = {"source_x": x, "source_y": y}
        self.asker = Asker(world, x, y)
        self.senders = [Sender() for _ in range(tbus + 1)]
        self.running: list[list[Any]] = [[] for _ in range(tbus)]
        self.done: list[deque[Any]] = [deque() for _ in range(tbus)]
        self.used: list[set[int]] = [set() for _ in range(tbus)]
        self.arrivals: deque[Any] = deque()
        self.asked: deque[Any] = deque()
        self.answers: deque[Any] = deque()
        self.finished = self.retired = 0

    def inputs(self, cycle: int) -> Inputs:
        chance, senders = self.world.chance, self.senders
        i = Inputs(
            cycle=cycle,
            done=[queue[0] if queue else None for queue in self.done],
            ready=[len(sender.queue) < 2 for sender in senders],
            vacant=[not sender.queue for sender in senders],
            release=[None] * len(self.done),
            arrival=self.arrivals[0][0] if self.arrivals else None,
            arrival_row=bool(self.arrivals) and self.arrivals[0][1],
            asked=self.asked[0] if self.asked else None,
            answer=self.answers[0] if self.answers else None,
            request_ready=chance(0.7),
            reply_ready=chance(self.world.replies),
            result_ready=chance(self.world.replies),
            tbu_work=[self.world.works.choice([0, 3, 40, 2000, 16383]) for _ in self.done],
        )
        self.asker.inputs(i)
        for number, sender in enumerate(senders):
            self._send(i, number, sender)
        for tbu, running in enumerate(self.running):
            due = [entry for entry in running if entry[0] <= cycle]
            if due:
                running.remove(due[0])
                self.done[tbu].append({"place": due[0][1], "token": due[0][2]})
        return i

    def _send(self, i: Inputs, number: int, sender: Sender) -> None:
        if sender.sending is not None:
            if i.cycle < sender.until:
                return
            command, sender.sending = sender.sending, None
            if command["host"]:
                i.freed_slot = command["token"]["slot"]
                self.world.results.append(command)
                return
            if command["release"]:
                i.release[number] = command["source"]
                self.used[number].remove(command["source"])
            self.world.deliver(command, i.cycle)
        elif sender.queue and self.world.chance(0.6):
            command = sender.queue.popleft()
            if command["empty"]:
                i.release[number] = command["source"]
                self.used[number].remove(command["source"])
            else:
                sender.sending = command
                sender.until = i.cycle + 6 + sent(command)[1]

    def accept(self, tbu: int, place: int, token: dict[str, int], cycle: int) -> None:
        random_ = self.world.random
        changed = token | {"value": random_.choice([token["value"], random_.choice(self.world.values)])}
        changed["words"] = token["result"]
        until = cycle + random_.randint(1, self.world.longest)
        if self.world.slow and token["index"] == 0:
            until += self.world.slow
        self.running[tbu].append((until, place, changed))
        self.world.tasks.append(token)
        assert all(place != other[1] for other in self.running[tbu][:-1]), "a place is used twice"

    def apply(self, o: Outputs, cycle: int, i: Inputs) -> None:
        if o.taken == "arrival":
            self.arrivals.popleft()
        elif o.taken in ("asked", "answer"):
            {"asked": self.asked, "answer": self.answers}[o.taken].popleft()
        elif o.taken:
            self.done[int(o.taken[4:])].popleft()
        for tbu, place, token in o.accept:
            self.used[tbu].add(place)
            self.accept(tbu, place, token, cycle)
        for sender, command in o.command:
            self.senders[sender].queue.append(command)
            assert len(self.senders[sender].queue) <= 2
        if o.request is not None and i.request_ready:
            self.world.post(cycle, self.world.at(o.request["x"], o.request["y"]).asked, o.request)
        if o.reply is not None and i.reply_ready and o.reply["message"] == "ROW":
            self.world.send_row(cycle, self, o.reply["instance"])
        elif o.reply is not None and i.reply_ready:
            self.world.post(cycle, self.world.at(o.reply["x"], o.reply["y"]).answers, o.reply | self.source)
        if o.result and i.result_ready:
            self.world.post(cycle, self.answers, {"message": "SEND", "source_x": 0, "source_y": 0})
        self.asker.apply(o)
        self.world.events += o.events
        self.retired += sum(event[1] == "retire" for event in o.events)


class World:
    """The tiles' surroundings and what travels between them."""

    def __init__(
        self,
        image: Image,
        seed: int,
        longest: int = 25,
        values: tuple[int, ...] = (0, 1, 2, 3, 4),
        slow: int = 0,
        ticks: float = 0.02,
        wanting: float = 0.2,
        replies: float = 0.7,
    ) -> None:
        self.random, self.works = random.Random(seed), random.Random(seed)
        self.image, self.longest, self.values, self.slow = image, longest, values, slow
        self.ticks, self.wanting, self.replies = ticks, wanting, replies
        self.tiles = [Surroundings(self, image.config.tbus, tile.x, tile.y) for tile in image.tiles]
        self.mail: list[tuple[int, Any, Any]] = []
        self.tasks: list[dict[str, int]] = []  #: tokens that TBUs have accepted
        self.events: list[tuple[Any, ...]] = []  #: of all CBUs
        self.results: list[dict[str, Any]] = []  #: commands whose results have left for the host

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def at(self, x: int, y: int) -> Surroundings:
        return self.tiles[y * self.image.columns + x]

    def post(self, cycle: int, queue: deque[Any], item: Any) -> None:
        self.mail.append((cycle + self.random.randint(2, 12), queue, item))

    def send_row(self, cycle: int, tile: Surroundings, instance: int) -> None:
        """The host's answer to a ROW."""
        token = dict.fromkeys(layouts(self.image.config).token.spans, 0) | {"words": len(self.image.row(instance))}
        self.post(cycle, tile.arrivals, (token, True))

    def deliver(self, command: dict[str, Any], cycle: int) -> None:
        tile, token = self.at(command["x"], command["y"]), command["token"] | {"words": sent(command)[1]}
        if command["unit"] == 7:
            self.post(cycle, tile.arrivals, (token, False))
        else:
            tile.used[command["unit"]].add(command["arg"])
            tile.accept(command["unit"], command["arg"], token, cycle + 3)

    def tick(self, cycle: int) -> None:
        """End of a cycle: what is due arrives."""
        due = [entry for entry in self.mail if entry[0] <= cycle]
        self.mail = [entry for entry in self.mail if entry[0] > cycle]
        for _, queue, item in due:
            queue.append(item)
