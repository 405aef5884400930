# SPDX-License-Identifier: Apache-2.0
"""What crosses one side of a tile: all its wires packed into one port for each direction.

::

               north_in │ ▲ north_out                   from bit 0 on
                        ▼ │                   data      payload, valid, credit
     west_in  ──▶ ┌────────────┐ ──▶ east_out control   payload, valid, credit
     west_out ◀── │    Tile    │ ◀── east_in  work      of the sender
                  └────────────┘              boot      down (to the east and south) word, valid; up held
                        │ ▲
              south_out ▼ │ south_in

`credit` belongs to the link in the other direction. So a tile has two ports on each side, a row of tiles too, and the
text of a mesh grows by a few lines for each tile of a row and for each row. The ports are plain numbers: Amaranth would
name every field of a port with a layout, wherever the port is seen.
"""

from amaranth.hdl import Cat, Const, Module, ShapeLike, Value
from amaranth.lib import data, wiring

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import WORK
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.control_word import control_word

__all__ = ["attach", "side_layouts"]


def side_layouts(config: Config) -> tuple[data.StructLayout, data.StructLayout]:
    """Return the layouts of what goes down (to the east and south) and up (to the west and north)."""
    both = {
        "data": _link(struct(layouts(config).flit), config.data_vcs),
        "control": _link(control_word(config), 2),
        "work": data.StructLayout({"work": WORK}),
    }
    down, up = ({"boot": data.StructLayout(fields)} for fields in ({"word": 32, "valid": 1}, {"held": 1}))
    return data.StructLayout(both | down), data.StructLayout(both | up)


def attach(m: Module, comes: data.View, goes: data.View, **planes: list[wiring.PureInterface]) -> None:
    """Connect units to a side.

    Parameters
    ----------
    comes, goes
        Both directions of the side, seen from the units.
    planes
        The units' ports for each plane (``data``, ``control``, ``work``, ``boot``); together their members have the
        names of the plane's fields. Fields of `goes` that none of them has are 0.

    Raises
    ------
    ValueError
        A port's width is not its field's.
    """
    sent: dict[tuple[str, str], Value] = {}
    for plane, ports in planes.items():
        for port in ports:
            for name, member in port.signature.members.items():
                end = getattr(port, name)
                if member.flow == wiring.In:
                    m.d.comb += end.eq(comes[plane][name])
                else:
                    sent[plane, name] = Value.cast(end)
    parts = []
    for plane, fields in goes.shape():
        for name, field in fields.shape:
            part = sent.get((plane, name), Const(0, field.width))
            if len(part) != field.width:
                raise ValueError(f"{plane}.{name} has {field.width} bits at a side, {len(part)} at its unit")
            parts.append(part)
    m.d.comb += Value.cast(goes).eq(Cat(parts))


def _link(shape: ShapeLike, vcs: int) -> data.StructLayout:
    """Lay out one direction of a pair of links (`octopus_hw.noc.link.wires`)."""
    return data.StructLayout({"payload": shape, "valid": vcs, "credit": vcs})
