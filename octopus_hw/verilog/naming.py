# SPDX-License-Identifier: Apache-2.0
"""Names of modules that a person can read.

A module is called after the top module and its class: ``octopus_tile``. Where a design has units of one class with
different parameters, those parameters follow that tell them apart: ``octopus_queue_flit_4``; what these leave alike is
numbered. So two chips with tops of different names can stand in one design, and no name is a keyword.
"""

import enum
import functools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any

from amaranth.hdl import Shape

__all__ = ["module_names", "short", "snake"]


def snake(name: str) -> str:
    """Return the name of a class in small letters, words joined by underscores."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower().strip("_")


def short(name: str, value: object) -> str | None:
    """Return a parameter's value in a few letters; None if that takes more than a few."""
    match value:
        case bool():
            return name if value else ""
        case enum.Enum():
            return value.name.lower()
        case int():
            return f"{value}" if value >= 0 else f"m{-value}"
        case str() if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", value):
            return value.lower()
        case Shape():
            return f"{'s' if value.signed else 'u'}{value.width}"
        case type() | FunctionType():
            return snake(value.__name__)
        case tuple() | list() if value and all(isinstance(part, enum.Enum) for part in value):
            return "_".join(part.name.lower() for part in value)
        case functools.partial():
            parts = [short(name, part) for part in (value.func, *value.args, *value.keywords.values())]
            return None if None in parts else "_".join(filter(None, parts))
        case _:
            return None


def module_names(top: str, units: Mapping[str, tuple[type, Mapping[str, Any]]]) -> dict[str, str]:
    """Name the units of a design.

    Parameters
    ----------
    top
        The top module's name; all others begin with it.
    units
        Class and parameters of every unit, by whatever identifies it, in order of definition.

    Returns
    -------
    names
        One for each of `units`, all different; where class and parameters leave a tie, the later ones have a number.
    """
    classes = defaultdict(set)
    for kind, _ in units.values():
        classes[snake(kind.__name__)].add(kind)
    names: dict[str, str] = {}
    for identifier, (kind, parameters) in units.items():
        base = snake(kind.__name__)
        if len(classes[base]) > 1:
            base = "_".join([*kind.__module__.split(".")[-2:-1], base])
        alike = [others for other, others in units.values() if other is kind]
        telling = (short(key, parameters[key]) for key in _telling(alike))
        name = wanted = "_".join([top, base, *filter(None, telling)])
        number = 2
        while name in names.values() or name == top:
            name, number = f"{wanted}_{number}", number + 1
        names[identifier] = name
    return names


def _telling(alike: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return parameters whose short forms tell units of one class apart, each of which tells more than those before."""
    found: list[str] = []
    apart = 1
    for key in (key for key in alike[0] if all(key in parameters for parameters in alike)):
        count = len({tuple(short(name, parameters[name]) for name in (*found, key)) for parameters in alike})
        if count > apart:
            found, apart = [*found, key], count
    return found
