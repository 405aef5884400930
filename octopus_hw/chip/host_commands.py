# SPDX-License-Identifier: Apache-2.0
"""Follows the host's words, checks them, and passes on those that are right (docs/timing.md#host-port).

::

    word ─▶ [register] ─┬─▶ step: which word of which command ─▶ wrong? ─┐
                        ├─▶ [register, 0 if refused] ─▶ boot             └─▶ state, error, words
                        └─▶ rows' words, credits

One step for each word of a command, as in the boot nodes::

    HEAD ─▶ LOAD:  PLACE ─▶ COUNT ─▶ DATA x count      ─▶ IDENTITY: HASH
         ─▶ START: TIME                                ─▶ SEAL:     WORDS ─▶ SUM
         ─▶ READ:  COUNTERS                            ─▶ RESET, STATUS, 0: HEAD
         ─▶ ROW:   LENGTH ─▶ ROW x length              ─▶ CREDIT: CREDITS

A word that is wrong is passed on as 0, and so is every word after it until a RESET: to the boot nodes the rest of a
command that had begun is a LOAD of no words or a READ of no counters. The words of IDENTITY, SEAL, STATUS, ROW and
CREDIT are for the port alone and are 0 to the boot nodes too. After an error a RESET is one only behind `SILENCE` words
of 0: so many lie in no LOAD and in no ROW.
"""

from enum import IntEnum

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib.wiring import In, Out

from octopus_hw.chip.host_results import CREDIT
from octopus_hw.chip.read_ledger import SIDE, ReadLedger
from octopus_hw.contract.codes import COUNTERS, BootOp, LoadTarget, PortError, PortState
from octopus_hw.contract.config import Config
from octopus_hw.contract.identity import configuration_hash
from octopus_hw.contract.layout import LOADED, WORD, BootWord, LoadPlace, PortWord, ReadWord
from octopus_hw.contract.memories import memory_words
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.crc32 import crc32_after
from octopus_hw.verilog.unit import Unit

__all__ = ["SILENCE", "HostCommands", "Step"]

#: What is wrong under which condition; the first that holds counts.
_Errors = tuple[tuple[Value, PortError], ...]

#: Words of 0 before a RESET that follows an error.
SILENCE = (1 << LOADED) - 1


class Step(IntEnum):
    """What the next word is."""

    HEAD = 0
    PLACE = 1
    COUNT = 2
    DATA = 3
    TIME = 4
    COUNTERS = 5
    HASH = 6
    WORDS = 7
    SUM = 8
    LENGTH = 9
    ROW = 10
    CREDITS = 11


class HostCommands(Unit):
    """The parser at the host port.

    Parameters
    ----------
    columns, rows
        The mesh.
    config
        Sizes.
    room
        Answers to a READ for which there is room.
    reset_cycles
        From a RESET to the first header of a START or READ: `Config.reset_cycles` in a chip.

    Attributes
    ----------
    word, valid : In(32), In(1)
        A word of the host, which is always taken.
    passed, passes : Out(32), Out(1)
        A word for the boot nodes, two cycles later.
    taken : In(1)
        The host takes a DATA.
    asked : Out(1)
        A STATUS came.
    due, credits : In(1), In(16)
        A ROW that the host was told waits for an answer; credits that are left.
    came : Out(32)
        The word that is checked in this cycle, one after it came.
    counts, fills, filled, gives : Out(1)
        It is right, and says how many words a row has; is one of them; is the last of all these; gives credits.
    state, error, words : Out
        What a STATUS tells: `PortState`, `PortError`, and words since the RESET.
    """

    def __init__(self, columns: int, rows: int, config: Config, room: int, reset_cycles: int) -> None:
        self.columns, self.rows = columns, rows
        self.config = config
        self.room = room
        self.reset_cycles = reset_cycles
        super().__init__(
            {
                "word": In(WORD),
                "valid": In(1),
                "passed": Out(WORD),
                "passes": Out(1),
                "taken": In(1),
                "asked": Out(1),
                "due": In(1),
                "credits": In(CREDIT),
                "came": Out(WORD),
                "counts": Out(1),
                "fills": Out(1),
                "filled": Out(1),
                "gives": Out(1),
                "state": Out(PortWord["state"].width),
                "error": Out(PortWord["error"].width),
                "words": Out(WORD),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        word, valid, step = Signal(WORD), Signal(), Signal(Step)
        wrong, keeps, reset = Signal(PortError), Signal(), Signal()
        failed = self.state == PortState.FAILED
        m.d.sync += [word.eq(self.word), valid.eq(self.valid), self.passes.eq(valid)]
        m.d.sync += self.passed.eq(Mux(keeps, word, 0))
        m.d.comb += [
            self.came.eq(word),
            keeps.eq(reset | ((wrong == PortError.NONE) & ~failed & self._is_for_tiles(word, step))),
            reset.eq(
                valid & (struct(BootWord)(word).op == BootOp.RESET) & self._may_reset(m, word, valid, step, failed)
            ),
            self.asked.eq(valid & (word == BootOp.STATUS << WORD - 4) & (failed | (step == Step.HEAD))),
        ]
        good = valid & ~failed & (wrong == PortError.NONE)
        left = self._walk(m, word, step, good)
        m.d.comb += [
            self.counts.eq(good & (step == Step.LENGTH)),
            self.fills.eq(good & (step == Step.ROW)),
            self.filled.eq((self.counts & (word == 0)) | (self.fills & (left == 1))),
            self.gives.eq(good & (step == Step.CREDITS)),
        ]
        self._check(m, word, step, wrong, good, reset)
        with m.If(valid & ~failed):
            m.d.sync += self.words.eq(self.words + 1)
            with m.If(wrong != PortError.NONE):
                m.d.sync += [self.state.eq(PortState.FAILED), self.error.eq(wrong), step.eq(Step.HEAD)]
        with m.If(reset):
            m.d.sync += [self.state.eq(PortState.EMPTY), self.error.eq(PortError.NONE), self.words.eq(0)]
        return m

    @staticmethod
    def _is_for_tiles(word: Value, step: Value) -> Value:
        """Whether a word that is right means something to the boot nodes."""
        op = struct(BootWord)(word).op
        heads = (op == BootOp.LOAD) | (op == BootOp.START) | (op == BootOp.READ)
        return Mux(step == Step.HEAD, heads, step <= Step.COUNTERS)

    @staticmethod
    def _may_reset(m: Module, word: Value, valid: Value, step: Value, failed: Value) -> Value:
        """Whether a RESET would be one here: at a head, and after an error behind many words of 0."""
        left = Signal(LOADED)
        with m.If(~failed | (valid & (word != 0))):
            m.d.sync += left.eq(SILENCE)
        with m.Elif(valid & (left != 0)):
            m.d.sync += left.eq(left - 1)
        return Mux(failed, left == 0, step == Step.HEAD)

    @staticmethod
    def _walk(m: Module, word: Value, step: Value, good: Value) -> Signal:
        """Go from step to step; return how many words of a LOAD or ROW are left."""
        left, heads = Signal(LOADED), {
            BootOp.LOAD: Step.PLACE,
            BootOp.START: Step.TIME,
            BootOp.READ: Step.COUNTERS,
            BootOp.IDENTITY: Step.HASH,
            BootOp.SEAL: Step.WORDS,
            BootOp.ROW: Step.LENGTH,
            BootOp.CREDIT: Step.CREDITS,
        }  # fmt: skip
        with m.If(good), m.Switch(step):
            with m.Case(Step.HEAD), m.Switch(struct(BootWord)(word).op):
                for op, following in heads.items():
                    with m.Case(op):
                        m.d.sync += step.eq(following)
            with m.Case(Step.PLACE):
                m.d.sync += step.eq(Step.COUNT)
            for begins, goes_on in ((Step.COUNT, Step.DATA), (Step.LENGTH, Step.ROW)):
                with m.Case(begins):
                    m.d.sync += [left.eq(word), step.eq(Mux(word == 0, Step.HEAD, goes_on))]
            with m.Case(Step.DATA, Step.ROW):
                m.d.sync += left.eq(left - 1)
                with m.If(left == 1):
                    m.d.sync += step.eq(Step.HEAD)
            with m.Case(Step.WORDS):
                m.d.sync += step.eq(Step.SUM)
            with m.Default():
                m.d.sync += step.eq(Step.HEAD)
        return left

    def _check(self, m: Module, word: Value, step: Value, wrong: Value, good: Value, reset: Value) -> None:
        """Find out what is wrong with a word, and go from state to state with those that are right."""
        checks: dict[Step, _Errors] = {
            Step.HEAD: self._check_head(m, word, reset),
            **self._check_load(m, word, step),
            Step.COUNTERS: self._check_read(m, word, step, good, reset),
            Step.HASH: ((word != configuration_hash(self.config), PortError.IDENTITY),),
            **self._check_seal(m, word, good, reset),
            **self._check_host(word),
        }
        with m.Switch(step):
            for at, errors in checks.items():
                with m.Case(at):
                    for condition, error in reversed(errors):
                        with m.If(condition):
                            m.d.comb += wrong.eq(error)
        for at, state in ((Step.HASH, PortState.LOADING), (Step.SUM, PortState.SEALED), (Step.TIME, PortState.STARTED)):
            with m.If(good & (step == at)):
                m.d.sync += self.state.eq(state)

    def _check_head(self, m: Module, word: Value, reset: Value) -> _Errors:
        """Check a command's first word."""
        head, state = struct(BootWord)(word), self.state
        inside = (head.x0 <= head.x1) & (head.x1 < self.columns) & (head.y0 <= head.y1) & (head.y1 < self.rows)
        is_mesh = word[: BootWord["op"].offset] == BootWord.pack(x1=self.columns - 1, y1=self.rows - 1)
        is_ = {op: head.op == op for op in BootOp}
        is_image = is_[BootOp.IDENTITY] | is_[BootOp.LOAD] | is_[BootOp.SEAL]
        is_bare = is_[BootOp.STATUS] | is_[BootOp.ROW] | is_[BootOp.CREDIT]
        waits = is_[BootOp.START] | is_[BootOp.READ] | is_[BootOp.ROW] | is_[BootOp.CREDIT]
        elsewhere = ((is_[BootOp.LOAD] | is_[BootOp.READ]) & ~inside) | (is_[BootOp.START] & ~is_mesh)
        early = self._early(m, reset)
        # Zero is no operation; that it is all 0 says this alone.
        unknown = (head.op > max(BootOp)) | (((head.op == 0) | is_bare) & word[: BootWord["op"].offset].any())
        return (
            (unknown, PortError.OPERATION),
            (is_image & (state >= PortState.SEALED), PortError.SEALED),
            (is_[BootOp.IDENTITY] & ((state != PortState.EMPTY) | ~is_mesh), PortError.IDENTITY),
            ((is_[BootOp.LOAD] | is_[BootOp.SEAL]) & (state == PortState.EMPTY), PortError.IDENTITY),
            (elsewhere, PortError.RECTANGLE),
            (waits & early, PortError.EARLY),
            (is_[BootOp.START] & (state == PortState.STARTED), PortError.STARTED),
            (is_[BootOp.START] & (state != PortState.SEALED), PortError.UNSEALED),
            (is_[BootOp.ROW] & ~self.due, PortError.ROWS),
        )

    def _early(self, m: Module, reset: Value) -> Value:
        """Whether tiles may still be held."""
        left = Signal(range(self.reset_cycles), init=self.reset_cycles - 1)
        with m.If(left != 0):
            m.d.sync += left.eq(left - 1)
        with m.If(reset):
            m.d.sync += left.eq(self.reset_cycles - 1)
        return left != 0

    def _check_load(self, m: Module, word: Value, step: Value) -> dict[Step, _Errors]:
        """Check where a LOAD begins, then where it ends."""
        place, most = struct(LoadPlace)(word), memory_words(self.config)
        end, room = Signal(LoadPlace["address"].width + 1), Signal(LoadPlace["address"].width + 1)
        with m.Switch(place.memory):
            for memory in LoadTarget:
                with m.Case(memory):
                    m.d.comb += end.eq(most[memory])
        with m.If(step == Step.PLACE):
            m.d.sync += room.eq(end - place.address)
        return {
            Step.PLACE: ((place.memory > max(LoadTarget), PortError.MEMORY),),
            Step.COUNT: (((word >> LOADED).any() | (word[:LOADED] > room[:-1]) | room[-1], PortError.ADDRESS),),
        }

    def _check_read(self, m: Module, word: Value, step: Value, good: Value, reset: Value) -> _Errors:
        """Check a READ's second word, and keep account of the answers."""
        m.submodules.ledger = ledger = ReadLedger(self.room)
        head, read, width, height = struct(BootWord)(word), struct(ReadWord)(word), Signal(SIDE), Signal(SIDE)
        with m.If(good & (step == Step.HEAD)):
            m.d.sync += [width.eq(head.x1 - head.x0 + 1), height.eq(head.y1 - head.y0 + 1)]
        one_tile, some = (width == 1) & (height == 1), read.count != 0
        m.d.comb += [
            ledger.reads.eq(good & (step == Step.COUNTERS) & some),
            ledger.each.eq(Mux(one_tile, read.count, width)),
            ledger.times.eq(height),
            ledger.taken.eq(self.taken),
            ledger.clear.eq(reset),
        ]
        many = ledger.busy | ((read.count > 1) & ~one_tile)
        known = len(COUNTERS)
        beyond = (read.first > known) | (read.count > known) | (read.first[:4] + read.count[:4] > known)
        return (beyond, PortError.COUNTER), (some & many, PortError.READS)

    def _check_seal(self, m: Module, word: Value, good: Value, reset: Value) -> dict[Step, _Errors]:
        """Check a SEAL: how many words came before its second one, and the CRC of all before its third."""
        crc = Signal(WORD, init=(1 << WORD) - 1)
        with m.If(good):
            m.d.sync += crc.eq(crc32_after(crc, word))
        with m.If(reset):
            m.d.sync += crc.eq(crc.init)
        return {
            Step.WORDS: ((word != self.words, PortError.SEAL),),
            Step.SUM: ((word != ~crc, PortError.SEAL),),
        }

    def _check_host(self, word: Value) -> dict[Step, _Errors]:
        """Check how many words a row has, then how many credits there would be."""
        most = min(self.config.buffer_words, SILENCE)
        credits = self.credits + word[:CREDIT]
        return {
            Step.LENGTH: (((word >> LOADED).any() | (word[:LOADED] > most), PortError.ROWS),),
            Step.CREDITS: (((word >> CREDIT).any() | credits[CREDIT], PortError.CREDITS),),
        }
