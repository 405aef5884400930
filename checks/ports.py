# SPDX-License-Identifier: Apache-2.0
"""A plugin of mypy: the ports that a component's constructor names are its attributes.

::

    class JoinTable(wiring.Component):
        def __init__(self) -> None:
            super().__init__({"address": In(JOIN), "record": Out(JoinRecord)})
                              └───────┬──────────────┘
    joins.adress      error: "JoinTable" has no attribute "adress"; maybe "address"?

Amaranth makes a component's ports when it is constructed, from a dictionary; so a type checker does not see them, and
must let every name pass. Here each key of a dictionary in the constructor becomes an attribute of the class. A port has
no type: what it is made of is known to Amaranth alone. A class whose constructor computes the name of a port lets every
name pass, as before.
"""

from collections.abc import Callable, Iterator

from mypy.nodes import (
    CallExpr,
    ClassDef,
    ConditionalExpr,
    DictExpr,
    Expression,
    ExpressionStmt,
    FuncDef,
    OpExpr,
    StrExpr,
    SuperExpr,
)
from mypy.plugin import ClassDefContext, Plugin
from mypy.plugins.common import add_attribute_to_class
from mypy.types import AnyType, TypeOfAny

_COMPONENT = "amaranth.lib.wiring.Component"


def _signatures(definition: ClassDef) -> Iterator[Expression]:
    """Give what the class's constructor calls that of its base with."""
    for function in definition.defs.body:
        if isinstance(function, FuncDef) and function.name == "__init__":
            for statement in function.body.body:
                match statement:
                    case ExpressionStmt(expr=CallExpr(callee=SuperExpr(), args=args)):
                        yield from args


def _keys(signature: Expression) -> Iterator[str | None]:
    """Give the keys of dictionaries, some of which there may be or not; None stands for a name that is computed."""
    match signature:
        case DictExpr(items=items):
            for key, _ in items:
                yield key.value if isinstance(key, StrExpr) else None
        case OpExpr(op="|", left=left, right=right):
            yield from _keys(left)
            yield from _keys(right)
        case ConditionalExpr(if_expr=some, else_expr=others):
            yield from _keys(some)
            yield from _keys(others)
        case _:
            yield None


def _add_ports(context: ClassDefContext) -> None:
    info = context.cls.info
    if not info.has_base(_COMPONENT):
        return
    for signature in _signatures(context.cls):
        for name in _keys(signature):
            if name is None:
                info.fallback_to_any = True
            elif name not in info.names:
                add_attribute_to_class(context.api, context.cls, name, AnyType(TypeOfAny.explicit))


class Ports(Plugin):
    """Adds the ports."""

    def get_base_class_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """Look at every class with a base; most are no components."""
        return _add_ports


def plugin(version: str) -> type[Plugin]:
    """Return the plugin to mypy."""
    return Ports
