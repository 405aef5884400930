# SPDX-License-Identifier: Apache-2.0
"""A chip without time that knows an image's tables and nothing of workflows.

It takes the engine's steps of docs/timing.md#states in any order, parks tokens, lets places be inherited and packets
travel at random, and checks that no record, join record, lane or word of the home store is used by two at a time. Words
are carried by the rows alone, from and to memories that hold noise where nobody wrote. The host gives an instance its
words and takes its result.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from octopus_hw.contract.codes import Kind, SourceKind
from octopus_hw.contract.layout import LANES
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.boot import pack_rows
from octopus_hw.image.compile import Compiled
from octopus_hw.image.image import Image
from octopus_hw.owg.draw import draw, key_of, pick

from .space import Space, Use


def quads(row: Any, name: str) -> int:
    """Return the words that a field counts in quads."""
    return 4 * int(row[name])


@dataclass
class Token:
    value: int = 0
    index: int = 0
    round: int = 0
    words: int = 0


@dataclass
class Holder:
    """What a holder emits: rows from `cursor` on to the last, or the children of a spawn."""

    record: int
    token: Token
    cursor: int
    memory: list[int]  #: a place's, or the home store
    source: int  #: where its data lie there
    length: int
    use: Use = field(default_factory=Use)  #: of its data at home; a place's has no words
    single: bool = False
    sent: bool = False
    spawn: Any = None
    left: int = 0
    child: int = 0


class Machine:
    """One instance in one slot."""

    def __init__(self, image: Image, tile: int, stream: int, slot: int, instance: Any, random: Random) -> None:
        self.image, self.random = image, random
        self.layouts = layouts(image.config)
        self.slot = image.slots[slot]
        following = image.slots[slot + 1] if slot + 1 < len(image.slots) else None
        config = image.config
        self.end = (
            int(following["record"]) if following is not None else config.home_records,
            min(
                (int(row["join"]) for row in image.slots if row["join"] > self.slot["join"]),
                default=config.join_records,
            ),
        )
        self.instance, self.variant = int(instance["instance"]), int(instance["variant"])
        self.busy: set[int] = set()
        self.space = Space()
        self.store = self.noise(config.store_words)
        self.packets: list[Callable[[], None]] = []
        self.joins: dict[int, dict[str, Any]] = {}
        self.lanes: dict[int, set[int]] = {}
        self.invocations: Counter[tuple[int, ...]] = Counter()
        self.decisions: Counter[tuple[int, int, int]] = Counter()
        self.fired: Counter[tuple[int, int, int, int]] = Counter()
        self.retired: list[Token] = []
        self.result: list[int] | None = None  #: the words that the host gets
        self.holders: list[Holder] = []
        self.inject(image.tiles[tile].streams[stream])

    def inject(self, stream: Any) -> None:
        """Begin with the row of words that the host has sent, if it sends one."""
        start, data, use = int(self.slot["record"]), quads(self.slot, "data"), Use()
        row = self.image.row(self.instance).tolist() if stream["rows"] else []
        self.layouts.token.pack(words=len(row))
        self.space.take(use, data, -(-len(row) // 4) * 4)
        self.store[data : data + len(row)] = row
        self.hold(Holder(start, Token(), int(stream["entry"]), self.store, data, len(row), use, single=True))

    def run(self) -> None:
        while self.holders or self.packets:
            choice = self.random.randrange(len(self.holders) + len(self.packets))
            if choice < len(self.holders):
                (self.report if self.retired else self.emit)(self.holders[choice])
            else:
                self.packets.pop(choice - len(self.holders))()
        assert len(self.retired) == 1 and not self.busy and self.space.empty()
        assert not any(join["arrived"] for join in self.joins.values()) and not any(self.lanes.values())

    def noise(self, words: int) -> list[int]:
        """Return a memory of which nobody knows what it holds."""
        return [self.random.getrandbits(32)] * words

    def hold(self, holder: Holder) -> None:
        assert holder.record not in self.busy, "a record is used twice"
        assert int(self.slot["record"]) <= holder.record < self.end[0]
        self.busy.add(holder.record)
        self.holders.append(holder)

    def release(self, holder: Holder) -> None:
        self.busy.discard(holder.record)
        self.holders.remove(holder)
        self.space.leave(holder.use)

    def emit(self, holder: Holder) -> None:
        row = self.image.flows[holder.cursor]
        if holder.spawn is not None:
            lanes = self.lanes.setdefault(self.join_at(holder.spawn, 0), set())
            if holder.child % LANES in lanes:
                return
            lanes.add(holder.child % LANES)
            value = holder.token.value if holder.spawn["keep"] else holder.child
            token = Token(value, holder.child, holder.token.round)
            holder.child += 1
            last = holder.child == holder.left
        else:
            token = Token(holder.token.value, holder.token.index, holder.token.round)
            last = bool(row["last"]) or holder.single
        first = holder.cursor
        holder.cursor += holder.spawn is None
        holder.use.count += 1
        if last:
            self.release(holder)
        self.walk(token, first, holder, last)
        if holder.spawn is not None:
            step = quads(row, "step")
            holder.source, holder.length = holder.source + step, max(0, holder.length - step)

    def report(self, holder: Holder) -> None:
        """Send the host the words that came to the end."""
        assert holder.use.words.issuperset(range(holder.source, holder.source + holder.length))
        self.result = self.store[holder.source : holder.source + holder.length]
        self.release(holder)

    def walk(self, token: Token, flow: int, source: Holder, last: bool) -> None:
        row = self.image.flows[flow]
        if row["kind"] == Kind.BRANCH:
            self.decisions[int(row["dest"]), token.index, token.round] += 1
            choice = min(self.number(2 * int(row["dest"]), token, 0), int(row["count"]) - 1)
            taken = int(row["next"]) + choice
            candidate = self.image.flows[taken]
            if candidate["loop"] and token.round >= candidate["max_rounds"]:
                taken = int(row["next"] + row["aux"])
            else:
                token.round += int(candidate["loop"])
            self.walk(token, taken, source, last)
        elif row["kind"] == Kind.TASK and self.inherits(row, source, last):
            self.space.leave(source.use)
            token.words = min(source.length, int(row["words"]))
            self.execute(token, row, source.memory)
        else:
            self.send(token, flow, source)

    def inherits(self, row: Any, source: Holder, last: bool) -> bool:
        """Whether a token takes over the place of its holder with its data."""
        can = source.record < 0 and last and not source.sent and not row["begin"]
        return can and self.random.random() < 0.5

    def send(self, token: Token, flow: int, source: Holder) -> None:
        """Let a token leave its holder, with its data, which may come later."""
        row = self.image.flows[flow]
        begin = 0 if source.single else quads(row, "begin")
        taken = min(max(source.length - begin, 0), int(row["words"]))
        token.words = max(taken, quads(row, "room"))
        self.check_fits(row, token, source)
        start, at_home = source.source + begin, source.record >= 0
        if at_home:
            assert source.use.words.issuperset(range(start, start + taken)), "words are sent that nobody wrote"
        to_tbu = row["kind"] == Kind.TASK and (at_home or self.random.random() < 0.5)
        use = Use() if to_tbu else self.use_at(row, token)
        memory, at = self.noise(self.image.config.buffer_words), 0
        if not to_tbu:
            memory, (own, at) = self.store, self.addresses(row, token)
            assert row["kind"] != Kind.TASK or at == own, "a parked token's operand is its own"
            copied = source.use if at_home and at == source.source else None
            self.space.take(use, at, -(-token.words // 4) * 4, but=copied)
        assert at + token.words <= len(memory), "words are sent to where no memory is"

        def arrive() -> None:
            memory[at : at + token.words] = source_memory[start : start + taken] + [0] * (token.words - taken)
            self.space.leave(source.use)
            if to_tbu:
                self.execute(token, row, memory)
            else:
                self.arrive(token, flow, row, use)

        source_memory = source.memory
        if row["words"] or row["room"] or self.random.random() < 0.5:
            source.sent = True
            self.packets.append(arrive)
        else:
            arrive()

    def check_fits(self, row: Any, token: Token, source: Holder) -> None:
        """Pack what a command says, which fails if a number does not fit its field."""
        said = {name: int(row[name]) for name in ("begin", "words", "room")}
        self.layouts.command.pack(length=source.length, source=source.source // 4, **said)
        self.layouts.token.pack(words=token.words, result=int(row["result"]))

    def addresses(self, row: Any, token: Token) -> tuple[int, int]:
        """Return where the data of a row's destination begin, and where those of this token go."""
        lane = token.index % LANES
        start = quads(self.slot, "data") + quads(row, "area")
        own = start + (lane * quads(row, "stride") if row["laned"] else 0)
        gathers = row["kind"] == Kind.JOIN and not row["all"]
        return own, own + (token.index * quads(row, "stride") if gathers else 0) + quads(row, "offset")

    def use_at(self, row: Any, token: Token) -> Use:
        """Return the use of data that come to a block at home: of a join, one for all that it gathers."""
        if row["kind"] != Kind.JOIN:
            return Use()
        join = self.joins.setdefault(self.join_at(row, token.index % LANES), {"arrived": 0})
        return join.setdefault("use", Use())  # type: ignore[no-any-return]

    def arrive(self, token: Token, flow: int, row: Any, use: Use) -> None:
        lane = token.index % LANES
        record = int(self.slot["record"] + row["record"] + (lane if row["laned"] else 0))
        data, words = self.addresses(row, token)[0], token.words
        kind = Kind(int(row["kind"]))
        if kind == Kind.TASK:
            self.hold(Holder(record, token, flow, self.store, data, words, use, single=True))
        elif kind == Kind.FORK:
            self.hold(Holder(record, token, int(row["next"]), self.store, data, words, use))
        elif kind == Kind.SPAWN:
            self.spawn(token, row, record, data, use)
        elif kind == Kind.JOIN:
            self.join(token, row, record, data)
        else:
            assert kind == Kind.END and not self.holders and not self.packets, "something is left when the end comes"
            self.retired.append(token)
            if row["keep"]:
                self.hold(Holder(record, token, flow, self.store, data, words, use))
            else:
                assert not words, "words come to an end that does not report"

    def execute(self, token: Token, row: Any, place: list[int]) -> None:
        block = int(row["dest"])
        cycles, value = (self.number(2 * block + field, token, field) for field in (0, 1))
        size = self.make_result(token, row, place)
        total = sum((size - j) * word for j, word in enumerate(place[:size])) + 65537 * value
        invocation = block, token.index, token.round, max(1, cycles), token.value, value, total % (1 << 32)
        self.invocations[invocation] += 1
        record = -1 - len(self.invocations) - self.random.randrange(1 << 30)
        self.busy.add(record)
        made = Token(value, token.index, token.round)
        self.holders.append(Holder(record, made, int(row["next"]), place, 0, size))

    def make_result(self, token: Token, row: Any, place: list[int]) -> int:
        """Define the words of a timed task's result in its place, and return how many they are."""
        key = key_of(self.image.seed, self.instance, int(row["dest"]), token.index, token.round)
        size = int(row["result"])
        assert size <= len(place), "a result is longer than its place"
        for j in range(token.words, size):
            x = (key + j * 0x9E3779B9) % (1 << 32)
            place[j] = x ^ x >> 16
        return size

    def join_at(self, row: Any, lane: int) -> int:
        number = int(self.slot["join"] + row["join"] + (lane if row["laned"] and row["kind"] == Kind.JOIN else 0))
        assert int(self.slot["join"]) <= number < self.end[1]
        return number

    def spawn(self, token: Token, row: Any, record: int, data: int, use: Use) -> None:
        count = self.number(2 * int(row["dest"]), token, 0)
        self.decisions[int(row["dest"]), token.index, token.round] += 1
        join = self.joins.setdefault(self.join_at(row, 0), {"arrived": 0})
        into = self.image.flows[int(row["aux"])]
        self.open(join, into)
        join.update(
            total=count, token=Token(token.value, token.index, token.round), round=token.round, values=[], words=0
        )
        if count:
            held = Holder(record, token, int(row["next"]), self.store, data, token.words, use, spawn=row, left=count)
            self.hold(held)
        else:
            self.space.leave(use)
            own = quads(self.slot, "data") + quads(into, "area")
            self.fire(into, join, int(self.slot["record"] + into["record"]), own)

    def join(self, token: Token, row: Any, record: int, data: int) -> None:
        at = self.join_at(row, token.index % LANES)
        join = self.joins.setdefault(at, {"arrived": 0})
        if row["all"] and not join["arrived"]:
            self.open(join, row)
            join.update(total=int(row["count"]), token=Token(0, token.index), round=0, values=[], words=0)
        assert join["block"] == row["dest"], "a join record is used twice"
        join["arrived"] += 1
        join["words"] += quads(row, "room")
        join["round"] = max(join["round"], token.round)
        join["values"].append(token.value)
        if row["all"] and row["first"]:
            join["token"].value = token.value
        if not row["all"]:
            self.lanes[at].remove(token.index % LANES)
        if join["arrived"] == join["total"]:
            self.fire(row, join, record, data)

    def open(self, join: dict[str, Any], row: Any) -> None:
        assert join.setdefault("block", None) is None, "a join record is used twice"
        join["block"] = row["dest"]

    def fire(self, row: Any, join: dict[str, Any], record: int, data: int) -> None:
        values = join["values"]
        own = join["token"]
        ways = (own.value, min(sum(values), 65535), max(values, default=0), min(len(values), 65535))
        token = Token(ways[int(row["mode"])], own.index, join["round"])
        join.update(arrived=0, block=None)
        self.fired[int(row["dest"]), token.index, token.round, token.value] += 1
        use = join.pop("use", Use())
        self.hold(Holder(record, token, int(row["next"]), self.store, data, join["words"], use))

    def number(self, address: int, token: Token, field: int) -> int:
        numbers = self.image.numbers
        word = int(numbers[address])
        kind, _n, base = SourceKind(word >> 29), word >> 16 & 0x1FFF, word & 0xFFFF
        if kind == SourceKind.SCENES:
            return self.at(int(numbers[base + (self.variant >> 12)]), address, token, field)
        return self.at(word, address, token, field)

    def at(self, word: int, address: int, token: Token, field: int) -> int:
        numbers = self.image.numbers
        kind, n, base = SourceKind(word >> 29), word >> 16 & 0x1FFF, word & 0xFFFF
        if kind == SourceKind.CONST:
            return base
        if kind == SourceKind.VALUE:
            return token.value
        if kind == SourceKind.AFFINE:
            a, b = (int(numbers[base + i]) - (int(numbers[base + i]) >> 31 << 32) for i in (0, 1))
            return min(max(a + b * token.value, 0), 65535)
        if kind == SourceKind.QUANTILES:
            key = self.image.seed, self.instance, address >> 1, token.index, token.round, field
            return int(numbers[base + pick(draw(*key), n)])
        if kind == SourceKind.THRESHOLDS:
            return sum(int(number) <= token.value for number in numbers[base : base + n])
        assert kind == SourceKind.REPLAY
        rounds = int(numbers[base + (self.variant & 0xFFF)])
        indices = int(numbers[(rounds & 0xFFFF) + min(token.round, (rounds >> 16 & 0x1FFF) - 1)])
        return int(numbers[(indices & 0xFFFF) + min(token.index, (indices >> 16 & 0x1FFF) - 1)])


def run_all(compiled: Compiled, random: Random) -> Iterator[Machine]:
    """Run each instance by itself, in any of its stream's slots."""
    pack_rows(layouts(compiled.image.config).flow_row, compiled.image.flows)
    for number, tile in enumerate(compiled.image.tiles):
        for stream, row in enumerate(tile.streams):
            for position in range(int(row["first"]), int(row["first"] + row["count"])):
                slot = int(row["slot"]) + random.randrange(int(row["slots"]))
                machine = Machine(compiled.image, number, stream, slot, tile.list[position], random)
                machine.run()
                yield machine
