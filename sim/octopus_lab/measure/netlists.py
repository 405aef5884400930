# SPDX-License-Identifier: Apache-2.0
"""Whether two netlists do the same in every cycle, found by structure alone; names inside them do not count.

All cells of both netlists are put into classes. At first two registers or memories are in one class if they are of one
kind, with equal parameters and equal contents at the start; two other cells, if they are of one kind and their inputs
are in the same classes. Then classes of registers whose inputs differ are split, until nothing changes. What is in one
class then has the same value in every cycle, by induction: it has at the start; and if it has in one cycle then in the
next, for the inputs are in the same classes. So the netlists are equal if their outputs, and what they print, are in
the same classes. Netlists that do the same with different logic are told apart: the check errs on the safe side only.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

__all__ = ["Netlist", "differences"]

#: Parameters of cells that say nothing about what they do: a name, and the order of what is printed in one cycle.
_NO_MATTER = ("MEMID", "PRIORITY")

#: Operations on unsigned numbers that zeros above an operand do not change.
_WIDER_ALIKE = ("$add", "$sub", "$mul", "$eq", "$ne", "$lt", "$le", "$gt", "$ge")

#: A net by its number, or a constant.
Bit = int | str


@dataclass
class _Cell:
    """What a cell is, and the nets at its inputs and outputs, in an order that follows from what it is."""

    kind: object
    inputs: list[Bit]
    outputs: list[Bit]
    group: int = 0


@dataclass
class Netlist:
    """A flat module, as Yosys writes it into JSON after `proc`, `memory_collect` and `flatten`.

    Attributes
    ----------
    inputs, outputs
        The nets of each port.
    states
        Registers, memories, and cells that print.
    logic
        All other cells, each after those whose outputs it reads.
    """

    inputs: dict[str, list[Bit]] = field(default_factory=dict)
    outputs: dict[str, list[Bit]] = field(default_factory=dict)
    states: list[_Cell] = field(default_factory=list)
    logic: list[_Cell] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, top: str) -> "Netlist":
        """Read a module.

        Raises
        ------
        graphlib.CycleError
            Its logic has a loop.
        """
        module = json.loads(path.read_text())["modules"][top]
        self = cls()
        for name, port in module["ports"].items():
            (self.inputs if port["direction"] == "input" else self.outputs)[name] = port["bits"]
        start = {
            bit: value
            for net in module["netnames"].values()
            for bit, value in zip(net["bits"], reversed(net["attributes"].get("init", "")), strict=False)
            if value in "01"
        }
        for number, cell in enumerate(module["cells"].values()):
            if cell["type"] != "$scopeinfo":
                self._add(number, cell, start)
        self.logic = list(_sorted(self.logic))
        return self

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.states) + len(self.logic)

    def _add(self, number: int, cell: dict[str, Any], start: dict[Bit, str]) -> None:
        ways, type_, parameters, nets = cell["port_directions"], *_plainer(cell)
        ports = {way: sorted(name for name in nets if ways[name] == way) for way in ("input", "output")}
        inputs, outputs = ([bit for name in ports[way] for bit in nets[name]] for way in ("input", "output"))
        what = tuple(sorted((key, value) for key, value in parameters.items() if key not in _NO_MATTER))
        kind = (type_, what, tuple((name, len(nets[name])) for name in sorted(nets)))
        if type_ == "$mem_v2":
            rest = [bit for name in ports["input"] if name != "RD_ADDR" for bit in nets[name]]
            self._memory(f"memory {number}", kind, rest, nets, parameters)
        elif "dff" in type_:
            self.states.append(_Cell((*kind, *(start.get(bit, "x") for bit in nets["Q"])), inputs, outputs))
        elif not outputs:
            self.states.append(_Cell(kind, inputs, []))
        else:
            self.logic.append(_Cell(kind, inputs, outputs))

    def _memory(self, name: str, kind: object, inputs: list[Bit], nets: Any, parameters: dict[str, Any]) -> None:
        """Add a memory as its contents, and each asynchronous read port as logic behind them.

        `inputs` are all but the addresses to read: those of clocked ports belong to the contents, in their order.
        """
        width, address = (int(parameters[key], 2) for key in ("WIDTH", "ABITS"))
        clocked = str(parameters["RD_CLK_ENABLE"])[::-1]
        contents = _Cell(kind, inputs, [name])
        for port in range(int(parameters["RD_PORTS"], 2)):
            read = nets["RD_DATA"][port * width : (port + 1) * width]
            where = nets["RD_ADDR"][port * address : (port + 1) * address]
            if clocked[port] == "1":
                contents.inputs += where
                contents.outputs += read
            else:
                self.logic.append(_Cell("read", [name, *where], read))
        self.states.append(contents)


def differences(one: Netlist, other: Netlist) -> list[str]:
    """Return the bits of outputs that may differ in some cycle; "what is printed" stands for prints.

    Raises
    ------
    ValueError
        The ports are not the same.
    """
    if any(
        {name: len(bits) for name, bits in left.items()} != {name: len(bits) for name, bits in right.items()}
        for left, right in ((one.inputs, other.inputs), (one.outputs, other.outputs))
    ):
        raise ValueError("two netlists with different ports")
    both = (one, other)
    kinds: dict[object, int] = {}
    for cell in (cell for netlist in both for cell in (*netlist.states, *netlist.logic)):
        cell.group = kinds.setdefault(cell.kind, len(kinds))
    count = 0
    while True:
        classes: dict[object, int] = {}
        values = [_values(netlist, classes) for netlist in both]
        groups: dict[object, int] = {}
        for netlist, value in zip(both, values, strict=True):
            for state in netlist.states:
                key = (state.group, *(value[bit] for bit in state.inputs))
                state.group = groups.setdefault(key, len(groups))
        if len(groups) == count:
            break
        count = len(groups)
    found = [
        f"{name}[{index}]"
        for name, bits in one.outputs.items()
        for index, (left, right) in enumerate(zip(bits, other.outputs[name], strict=True))
        if values[0][left] != values[1][right]
    ]
    prints = [Counter(state.group for state in netlist.states if not state.outputs) for netlist in both]
    return found if prints[0] == prints[1] else [*found, "what is printed"]


def _values(netlist: Netlist, classes: dict[object, int]) -> dict[Bit, int]:
    """Put every net into a class, given those of the states."""

    def drive(bits: Sequence[Bit], source: tuple[object, ...]) -> None:
        number = classes.setdefault(source, len(classes))
        for index, bit in enumerate(bits):
            value[bit] = classes.setdefault(("bit", number, index), len(classes))

    value: dict[Bit, int] = {constant: -1 - index for index, constant in enumerate("01xz")}
    for name, bits in netlist.inputs.items():
        drive(bits, ("input", name))
    for state in netlist.states:
        drive(state.outputs, ("state", state.group))
    for cell in netlist.logic:
        key = ("logic", cell.group, *(value[bit] for bit in cell.inputs))
        drive(cell.outputs, key)
    return value


def _plainer(cell: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, list[Bit]]]:
    """Return a cell's type, parameters and nets, the same for cells that differ by constant zeros or in name only."""
    type_, parameters, nets = cell["type"], dict(cell["parameters"]), dict(cell["connections"])
    if type_ == "$logic_not" and len(nets["A"]) == len(nets["Y"]) == 1:
        type_ = "$not"
    if type_ in _WIDER_ALIKE and "1" not in parameters["A_SIGNED"] + parameters["B_SIGNED"]:
        for name in ("A", "B"):
            bits = list(nets[name])
            while bits and bits[-1] == "0":
                bits.pop()
            nets[name] = bits
            del parameters[f"{name}_WIDTH"]
    return type_, parameters, nets


def _sorted(cells: Iterable[_Cell]) -> Iterator[_Cell]:
    """Yield logic in an order in which it can be computed."""
    cells = list(cells)
    driver = {bit: index for index, cell in enumerate(cells) for bit in cell.outputs}
    waits = {index: {driver[bit] for bit in cell.inputs if bit in driver} for index, cell in enumerate(cells)}
    return (cells[index] for index in TopologicalSorter(waits).static_order())
