# SPDX-License-Identifier: Apache-2.0
"""Logic sees of a unit that is emitted apart nothing but its ports.

Amaranth lets logic read any signal that it can name. If the signal is a register inside a unit with a module of its
own, the reader's module gets a wire of that name which nothing drives: simulators of the description see the register,
the exported Verilog a constant.
"""

from collections.abc import Iterable, Iterator, Mapping

from amaranth.hdl import Fragment, Instance, Signal
from amaranth.hdl._ast import SignalSet
from amaranth.hdl._mem import MemoryInstance
from amaranth.lib import wiring

__all__ = ["port_leak"]


def port_leak(fragment: Fragment) -> str | None:
    """Describe a signal inside a placed unit that the logic around it reads; None if there is no such signal.

    Only what a unit keeps in its attributes can be named from outside, so only that is looked at.
    """
    reads, driven = SignalSet(), SignalSet()
    for part in _parts(fragment):
        reads |= SignalSet(_read(part))
        driven |= SignalSet(_driven(part))
    for part in _parts(fragment):
        for unit in _placed(part):
            for name, signal in _kept(vars(unit).items()):
                if signal in reads and signal not in driven:
                    return f"{name} of {type(unit).__name__} is read by the logic around it, but is not a port"
    return None


def _parts(fragment: Fragment) -> Iterator[Fragment]:
    yield fragment
    for part, _, _ in fragment.subfragments:
        yield from _parts(part)


def _read(part: Fragment) -> Iterator[Signal]:
    for statements in part.statements.values():
        yield from statements._rhs_signals()
    if isinstance(part, MemoryInstance):
        for port in [*part._read_ports, *part._write_ports]:
            yield from port._addr._rhs_signals() | port._en._rhs_signals()
        for port in part._write_ports:
            yield from port._data._rhs_signals()


def _driven(part: Fragment) -> Iterator[Signal]:
    for statements in part.statements.values():
        yield from statements._lhs_signals()
    if isinstance(part, MemoryInstance):
        for port in part._read_ports:
            yield from port._data._lhs_signals()
    if isinstance(part, Instance):
        # Both ways: what a unit takes in may be left at its initial value.
        yield from (value for value, _ in part.ports.values() if isinstance(value, Signal))


def _placed(part: Fragment) -> Iterable[wiring.Component]:
    """Units that the part is an instance of."""
    origins = part.origins or () if isinstance(part, Instance) else ()
    return (origin for origin in origins if isinstance(origin, wiring.Component))


def _kept(attributes: Iterable[tuple[str, object]]) -> Iterator[tuple[str, Signal]]:
    """Signals among a unit's attributes, alone and in collections."""
    for name, value in attributes:
        match value:
            case Signal():
                yield name, value
            case list() | tuple():
                yield from _kept((name, one) for one in value)
            case Mapping():
                yield from _kept((name, one) for one in value.values())
