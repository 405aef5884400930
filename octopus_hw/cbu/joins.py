# SPDX-License-Identifier: Apache-2.0
"""Joins under way: their records, and what one more arrival does to one.

::

    address ────────▶ [ join records ] ──▶ record ─┬─▶ [ Arrival ] ──▶ after, fires, ...
    write, write_address, write_data ─▶┤           └─▶ [ LaneClaim ] ────▶ after, granted
       held ─▶ [ a row of no join ] ─▶┘        (in the next cycle)

A join of "all" whose record has `missing` = 0 is not under way: its first token starts it, with as many missing as it
has flows. A spawn's join is started by the engine. So a join fires in the arrival that finds one missing, and then
`missing` is 0 again: once for each collection, and not before all have come.

No record is under way at the start: while the tile is held, `some` is cleared in one row in each cycle, by its time.
Whatever else a record holds is written before it is looked at.
"""

from amaranth.hdl import Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.cbu.records import body, join_record
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import INDEX, LANES, ROUND, VALUE
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import chip_state
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.block_ram import block_ram
from octopus_hw.parts.onehot import one_of

__all__ = ["Arrival", "JoinTable", "LaneClaim"]

_SUM, _MAX, _COUNT = 1, 2, 3


class JoinTable(wiring.Component):
    """The records.

    Attributes
    ----------
    state : In(chip_state)
        Whether the tile is held, and which row is cleared then.
    address : In(join)
        The record to read.
    record : Out(join_record)
        It, in the next cycle.
    write, write_address, write_data : In(1), In(join), In(join_record)
        Write one, visible to reads from the next cycle on.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        kept, join = join_record(config), layouts(config).join
        super().__init__(
            {
                "state": In(chip_state(config)),
                "address": In(join),
                "record": Out(kept),
                "write": In(1),
                "write_address": In(join),
                "write_data": In(kept),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.records = records = block_ram(join_record(self.config), self.config.join_records)
        read, write = records.read_port(), records.write_port()
        # All around is held in reset; these two registers are not.
        clears, row = Signal(reset_less=True), Signal(len(write.addr), reset_less=True)
        m.d.sync += [clears.eq(self.state.held), row.eq(self.state.cycle)]
        m.d.comb += [
            read.addr.eq(self.address),
            self.record.eq(read.data),
            write.addr.eq(Mux(clears, row, self.write_address)),
            write.data.eq(self.write_data),
            write.data.some.eq(self.write_data.some & ~clears),
            write.en.eq(self.write | clears),
        ]
        return m


class LaneClaim(wiring.Component):
    """What a child that sets out does to its spawn's join record. Combinational.

    Attributes
    ----------
    record : In(join_record)
        The record of the spawn's join.
    index : In(16)
        The child's number.
    spawn : In(record)
        The spawn's home record.
    after : Out(join_record)
        The record to write.
    granted : Out(1)
        The child has its lane; else the spawn waits.
    last : Out(1)
        It is the last child.
    """

    def __init__(self, config: Config) -> None:
        kept = join_record(config)
        super().__init__(
            {
                "record": In(kept),
                "index": In(INDEX),
                "spawn": In(layouts(config).record),
                "after": Out(kept),
                "granted": Out(1),
                "last": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        lane = self.index[: (LANES - 1).bit_length()]
        m.d.comb += [
            self.after.eq(self.record),
            self.granted.eq(~self.record.busy.bit_select(lane, 1)),
            self.last.eq(self.index + 1 == self.record.total),
        ]
        with m.If(self.granted):
            m.d.comb += self.after.busy.bit_select(lane, 1).eq(1)
        with m.Else():
            m.d.comb += [self.after.waiting.eq(1), self.after.spawn.eq(self.spawn)]
        return m


class Arrival(wiring.Component):
    """What a token that arrives at a join does to its record. Combinational.

    Attributes
    ----------
    record : In(join_record)
        The join's record.
    row : In(flow_row)
        The row that the token came by.
    body : In(body)
        The token.
    after : Out(join_record)
        The record to write.
    fires : Out(1)
        All have come.
    index, round, value : Out(16), Out(8), Out(16)
        Of the token that the join emits, if it fires.
    wakes : Out(1)
        The spawn `record.spawn` waited for a lane and can go on.
    """

    def __init__(self, config: Config) -> None:
        kept = join_record(config)
        super().__init__(
            {
                "record": In(kept),
                "row": In(struct(layouts(config).flow_row)),
                "body": In(body(config)),
                "after": Out(kept),
                "fires": Out(1),
                "index": Out(INDEX),
                "round": Out(ROUND),
                "value": Out(VALUE),
                "wakes": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        seen, row, token, after, starts = self.record, self.row, self.body, self.after, Signal()

        def start(afresh: Value, further: Value) -> Value:
            """TbuSelect late: whether the token starts the join follows from the record."""
            return one_of((starts, afresh), (~starts, further))

        m.d.comb += [
            starts.eq(row.all & ~seen.some),
            after.eq(seen),
            after.total.eq(start(row.count, seen.total)),
            after.missing.eq(start((row.count - 1)[:INDEX], (seen.missing - 1)[:INDEX])),
            after.index.eq(start(token.index, seen.index)),
            after.round.eq(Mux(starts | (token.round > seen.round), token.round, seen.round)),
            after.accumulator.eq(start(*self._collect())),
            after.some.eq(~self.fires),
            after.one.eq(start(row.count == 2, seen.missing == 2)),
            self.fires.eq(start(row.count == 1, seen.one)),
        ]
        with m.If(row.all):
            m.d.comb += after.value.eq(Mux(row.first, token.value, Mux(starts, 0, seen.value)))
        with m.Else():
            lane = token.index[: (LANES - 1).bit_length()]
            m.d.comb += [after.busy.bit_select(lane, 1).eq(0), after.waiting.eq(0), self.wakes.eq(seen.waiting)]
        m.d.comb += [
            self.index.eq(after.index),
            self.round.eq(after.round),
            self.value.eq(Mux(row.mode == 0, after.value, after.accumulator)),
        ]
        return m

    def _collect(self) -> tuple[Value, Value]:
        """Return the accumulator with the token's value alone, and with it and what was there."""
        before, value, mode = self.record.accumulator, self.body.value, self.row.mode
        total = before + value
        alone = one_of(((mode == _SUM) | (mode == _MAX), value), (mode == _COUNT, Const(1, VALUE)))
        further = one_of(
            (mode == 0, before),
            (mode == _SUM, total[:VALUE] | total[VALUE].replicate(VALUE)),
            (mode == _MAX, Mux(value > before, value, before)),
            (mode == _COUNT, (before + 1)[:VALUE]),
        )
        return alone, further
