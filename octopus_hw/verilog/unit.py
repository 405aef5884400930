# SPDX-License-Identifier: Apache-2.0
"""Components that are emitted once, however often they are placed.

Amaranth emits one Verilog module per instance. A `Unit` is an ordinary component until it is elaborated
for a `Definitions` object: then every unit with equal parameters becomes one module, and each place where
it is used becomes an `Instance` of it.

::

    Fragment.get(top, Definitions())         Fragment.get(top, None)
      top                                      top
       |- Instance top_tile                     |- tile_0 (logic)
       |- Instance top_tile                     |- tile_1 (logic)
      definitions: top_tile (logic)

With any other platform, `None` included, a unit elaborates to plain logic: that is the path of Amaranth's own
simulator, which silently ignores instances, and of formal proofs.
"""

import dataclasses
import enum
import functools
import hashlib
import inspect
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, ClassVar, Literal, Self

from amaranth.back import rtlil
from amaranth.hdl import (
    ClockDomain,
    ClockSignal,
    Fragment,
    Instance,
    ResetSignal,
    Shape,
    Signal,
    Value,
    ValueCastable,
)
from amaranth.hdl._ir import PortDirection
from amaranth.lib import data, wiring

from octopus_hw.verilog.naming import module_names, snake
from octopus_hw.verilog.port_leaks import port_leak

__all__ = ["Definitions", "Unit", "canonical", "ports_of"]

#: Which repetitions of a unit are elaborated again and compared with the first one's text.
Verify = Literal["none", "second", "all"]


def canonical(value: object) -> str:
    """Text that is equal exactly when two parameter values are.

    Raises
    ------
    TypeError
        If the value is of a kind whose text says nothing about it, such as a lambda or an arbitrary object.
    """
    match value:
        case enum.Enum():
            return f"{canonical(type(value))}.{value.name}"
        case None | bool() | int() | float() | str() | bytes() | range():
            return repr(value)
        case list() | tuple():
            return "[" + ",".join(map(canonical, value)) + "]"
        case set() | frozenset():
            return "{" + ",".join(sorted(map(canonical, value))) + "}"
        case Mapping():
            return "{" + ",".join(f"{canonical(k)}:{canonical(v)}" for k, v in value.items()) + "}"
        case Unit():
            return value.unit_key
        case type():
            layout = canonical(data.Layout.cast(value).members) if issubclass(value, data.Struct) else ""
            return f"{value.__module__}.{value.__qualname__}{layout}"
        case FunctionType() if "<" not in value.__qualname__:
            return f"{value.__module__}.{value.__qualname__}"
        case Shape() | data.Layout() | data.Const() | wiring.Signature() | wiring.Member():
            return repr(value)
        case functools.partial():
            return f"partial({canonical(value.func)},{canonical(value.args)},{canonical(value.keywords)})"
        case _ if dataclasses.is_dataclass(value):
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return f"{canonical(type(value))}{canonical(fields)}"
        case _:
            raise TypeError(
                f"{value!r} cannot be a unit's parameter: its text does not identify it; override `parameters()`"
            )


def ports_of(component: wiring.Component) -> dict[str, tuple[Value, wiring.Flow]]:
    """All ports of a component that have any bits, by the name they get in Verilog (``i__payload``)."""
    ports: dict[str, tuple[Value, wiring.Flow]] = {}
    for path, member, port in component.signature.flatten(component):
        value = port.as_value() if isinstance(port, ValueCastable) else port
        if isinstance(value, Value) and len(value):
            ports["__".join(map(str, path))] = (value, member.flow)
    return ports


class Unit(wiring.Component):
    """A component that is emitted once.

    Subclasses build their signature in ``super().__init__({...})`` and implement `elaborate` as usual. The
    arguments of the constructor are remembered and decide which units are the same; a constructor that takes
    something without a telling text overrides `parameters`.

    A unit lives in the ``sync`` domain. ``ResetInserter`` and ``EnableInserter`` do not reach inside one.
    """

    #: Attributes of the places where the unit is used, for synthesis.
    attributes: ClassVar[Mapping[str, int]] = {}

    _unit_arguments: dict[str, Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember the arguments; subclasses only have an ordinary ``__init__``."""
        self = super().__new__(cls, *args, src_loc_at=1, **kwargs)
        bound = inspect.signature(cls.__init__).bind(self, *args, **kwargs)
        bound.apply_defaults()
        self._unit_arguments = dict(list(bound.arguments.items())[1:])
        return self

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "elaborate" in cls.__dict__:
            cls.elaborate = _placed(cls.__dict__["elaborate"])

    def again(self) -> Self:
        """Return another unit from the same arguments."""
        return type(self)(**self._unit_arguments)

    def parameters(self) -> Mapping[str, Any]:
        """Everything the unit's logic depends on: by default the constructor's arguments."""
        return self._unit_arguments

    @property
    def unit_key(self) -> str:
        """Full text of class and parameters; units with equal keys are the same unit."""
        return f"{canonical(type(self))}{canonical(self.parameters())}"

    @property
    def unit_name(self) -> str:
        """Name of the unit's module until the whole design is known: the class and a hash of `unit_key`."""
        return f"{snake(type(self).__name__)}_{hashlib.sha256(self.unit_key.encode()).hexdigest()[:16]}"


def _placed(elaborate: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a unit's `elaborate` so that a `Definitions` platform places it instead."""

    @functools.wraps(elaborate)
    def wrapper(self: Unit, platform: object) -> Any:
        if isinstance(platform, Definitions) and not platform.is_open(self):
            return platform.place(self)
        return elaborate(self, platform)

    return wrapper


def _name_wires(fragment: Fragment) -> None:
    """Call a wire to a unit's port after both: ``tile_0_north_in``."""
    for inner, name, _ in fragment.subfragments:
        if isinstance(inner, Instance):
            for port, (value, _) in inner.ports.items():
                if name and port != "rst" and isinstance(value, Signal):
                    value.name = f"{name}_{port}"
        else:
            _name_wires(inner)


@dataclasses.dataclass
class _Definition:
    unit: Unit
    key: str
    rtlil: str
    seen: int = 1
    uses: int = 0


class Definitions:
    """The platform that collects one definition per different unit.

    Parameters
    ----------
    verify
        Which repetitions are elaborated again and must give the same text: ``"second"`` (one per unit, the
        default), ``"all"`` (slow, for tests) or ``"none"``.
    """

    def __init__(self, *, verify: Verify = "second") -> None:
        self._verify = verify
        self._doubting = False
        self._open: list[Unit] = []
        self._units: dict[str, _Definition] = {}

    @property
    def uses(self) -> dict[str, int]:
        """How often each unit is placed in the emitted modules, by its module's name until now."""
        return {name: unit.uses for name, unit in self._units.items()}

    @property
    def units(self) -> dict[str, Unit]:
        """The first one seen of each unit, by its module's name until now."""
        return {name: definition.unit for name, definition in self._units.items()}

    @property
    def keys(self) -> dict[str, str]:
        """Class and parameters of each unit, by its module's name until now."""
        return {name: unit.key for name, unit in self._units.items()}

    @property
    def rtlil(self) -> list[str]:
        """RTLIL of every definition, users after the units they use."""
        return [unit.rtlil for unit in self._units.values()]

    def names(self, top: str) -> dict[str, str]:
        """Names for good, by the modules' names until now; all different, and none is the top module's."""
        described = {name: (type(unit), unit.parameters()) for name, unit in self.units.items()}
        return module_names(top, described)

    def is_open(self, unit: Unit) -> bool:
        """Whether this very object is being turned into a definition now, so that it must show its logic."""
        return any(opened is unit for opened in self._open)

    def place(self, unit: Unit) -> Fragment:
        """Return an instance of the unit, defining it on first sight.

        Raises
        ------
        ValueError
            If a unit with the same parameters gave a different text before.
        """
        name, key = unit.unit_name, unit.unit_key
        known = self._units.get(name)
        if known is None:
            text = self.convert(unit, name, platform=self)
            known = self._units[name] = _Definition(unit, key, text)
        else:
            known.seen += 1
            if known.key != key:
                raise ValueError(f"module name {name!r} stands for two units: {known.key} and {key}")
            doubted = self._verify == "all" or (self._verify == "second" and known.seen == 2)
            if doubted and not self._agrees(unit, name, known):
                raise ValueError(f"{key} gives two different modules: it depends on more than its parameters")
        known.uses += not self._doubting
        pins: list[tuple[str, str, Any]] = [("i", "clk", ClockSignal()), ("i", "rst", ResetSignal())]
        for port, (value, flow) in ports_of(unit).items():
            pins.append(("i" if flow == wiring.In else "o", port, value))
        pins.extend(("a", attribute, value) for attribute, value in unit.attributes.items())
        return Instance(name, *pins)

    def convert(self, component: wiring.Component, name: str, *, platform: object) -> str:
        """RTLIL of one component as a module of its own.

        With this object as the platform the units inside become instances; with `None` they are emitted plainly.

        Raises
        ------
        ValueError
            If logic reads a signal of a unit inside that is no port.
        """
        fragment = self._plain(component) if platform is self else Fragment.get(component, platform)
        if platform is self and (problem := port_leak(fragment)):
            raise ValueError(f"{type(component).__name__}: {problem}")
        _name_wires(fragment)
        sync = ClockDomain("sync")
        fragment.add_domains(sync)
        ports = {"clk": (sync.clk, PortDirection.Input), "rst": (sync.rst, PortDirection.Input)}
        for port, (value, flow) in ports_of(component).items():
            ports[port] = (value, PortDirection.Input if flow == wiring.In else PortDirection.Output)
        text: str = rtlil.convert_fragment(fragment, ports, name, emit_src=False)[0]
        return text

    def _agrees(self, unit: Unit, name: str, known: _Definition) -> bool:
        doubting, self._doubting = self._doubting, True
        try:
            return self.convert(unit, name, platform=self) == known.rtlil
        finally:
            self._doubting = doubting

    def _plain(self, component: wiring.Component) -> Fragment:
        if not isinstance(component, Unit):
            return Fragment.get(component, self)
        self._open.append(component)
        try:
            return Fragment.get(component, self)
        finally:
            self._open.pop()
