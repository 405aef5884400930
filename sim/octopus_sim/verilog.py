# SPDX-License-Identifier: Apache-2.0
"""Verilog as Yosys writes it, arranged so that Verilator makes less of it. Nothing here changes a cycle."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

__all__ = ["Port", "module_texts", "placed", "ports", "reachable", "settled"]

_MODULE = re.compile(r"^module (\S+?) ?\(.*?^endmodule\n", re.MULTILINE | re.DOTALL)
_INSTANCE = re.compile(r"^  (\S+) +\S+ +\($", re.MULTILINE)
_PORT = re.compile(r"^  (input|output)(?: \[(\d+):0\])? (\S+);$", re.MULTILINE)
_NUMBERED = re.compile(r"\$auto\$verilog_backend\.cc:\d+:dump_module\$\d+")


@dataclass(frozen=True)
class Port:
    """A port of a module; `direction` is ``input`` or ``output``."""

    name: str
    direction: str
    width: int

    def declaration(self, *, reg: bool = False) -> str:
        """Write it as Verilog does, as a register if it is one."""
        return f"{self.direction}{' reg' * reg}{self.range_} {self.name};"

    @property
    def range_(self) -> str:
        """Bits of a vector, with a space before; a single bit has none."""
        return f" [{self.width - 1}:0]" if self.width > 1 else ""


def ports(module: str) -> list[Port]:
    """List the ports of a module, in order."""
    return [Port(name, direction, int(last or 0) + 1) for direction, last, name in _PORT.findall(module)]


def module_texts(verilog: str) -> dict[str, str]:
    """Text of every module, by name, in order; a text does not depend on the modules beside it."""
    return {match[1]: _NUMBERED.sub("$initial", match[0]) for match in _MODULE.finditer(verilog)}


def reachable(modules: Mapping[str, str], top: str) -> set[str]:
    """Name of a module, and of all those that are placed in it."""
    seen: set[str] = set()
    asked = [top]
    while asked:
        name = asked.pop()
        if name in modules and name not in seen:
            seen.add(name)
            asked += _INSTANCE.findall(modules[name])
    return seen


def placed(modules: Mapping[str, str], top: str, wanted: Collection[str]) -> int:
    """Count the places in a design where one of some modules stands."""
    if top in wanted:
        return 1
    return sum(placed(modules, name, wanted) for name in _INSTANCE.findall(modules[top]) if name in modules)


def settled(module: str, name: str, fixed: Collection[str] = ()) -> str:
    """Put a module behind one of the same name and ports whose reset is known by its edges.

    Verilator evaluates all that follows an input at every look at the design, several times in a cycle, for it might
    have changed; nearly everything follows the reset.

    Parameters
    ----------
    module
        Text of the module.
    name
        Its name; the clock is ``clk``, the reset ``rst``.
    fixed
        Inputs that stay as they are while the reset is 0. They are taken at clock edges.
    """
    outside = {port.name: port for port in ports(module)}
    inside = {port: port for port in outside} | {"rst": "rst_settled"}
    lines = [f"module {name}({', '.join(outside)});"]
    lines += [f"  {port.declaration()}" for port in outside.values()]
    lines += ["  reg rst_settled;", "  always @(posedge rst or negedge rst) rst_settled = rst;"]
    for port in sorted(set(fixed) & set(outside)):
        inside[port] = f"{port}_settled"
        lines += [f"  reg{outside[port].range_} {inside[port]};", f"  always @(posedge clk) {inside[port]} <= {port};"]
    pins = ", ".join(f".{port}({signal})" for port, signal in inside.items())
    lines += [f"  {name}_settled settled ({pins});", "endmodule\n"]
    return module.replace(f"module {name}(", f"module {name}_settled(", 1) + "\n".join(lines)
