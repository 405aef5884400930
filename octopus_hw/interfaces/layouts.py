# SPDX-License-Identifier: Apache-2.0
"""The contract's layouts as Amaranth's: shapes of signals, ports and memories, with a typed view of each field."""

from typing import Any

from amaranth.lib import data

from octopus_hw.contract import layout
from octopus_hw.contract.bits import Layout

__all__ = [
    "Answer",
    "Balance",
    "BootWord",
    "Command",
    "Completion",
    "ConfigRequest",
    "ControlFlit",
    "Descriptor",
    "EventWord",
    "Flit",
    "FlowRow",
    "Grant",
    "Header",
    "HostWord",
    "Invocation",
    "LibraryRow",
    "LibraryTile",
    "ListRow",
    "LoadShape",
    "LoadWord",
    "Mode",
    "OwnHead",
    "Owner",
    "Partner",
    "PlaceRequest",
    "ReadWord",
    "SlotRow",
    "StreamRow",
    "Token",
    "Variant",
    "struct",
]


def struct(description: Layout) -> Any:
    """Return the `data.Struct` with a layout's fields; `description` is the layout itself."""
    shapes = {name: struct(shape) if isinstance(shape, Layout) else shape for name, shape, _ in description.fields}
    members = {"__annotations__": shapes, "__doc__": description.doc, "__module__": __name__}
    return type(data.Struct)(description.name, (data.Struct,), members | {"description": description})


Answer = struct(layout.Answer)
Balance = struct(layout.Balance)
BootWord = struct(layout.BootWord)
Command = struct(layout.Command)
Completion = struct(layout.Completion)
ConfigRequest = struct(layout.ConfigRequest)
ControlFlit = struct(layout.ControlFlit)
Descriptor = struct(layout.Descriptor)
EventWord = struct(layout.EventWord)
Flit = struct(layout.Flit)
FlowRow = struct(layout.FlowRow)
Grant = struct(layout.Grant)
Header = struct(layout.Header)
HostWord = struct(layout.HostWord)
Invocation = struct(layout.Invocation)
LibraryRow = struct(layout.LibraryRow)
LibraryTile = struct(layout.LibraryTile)
ListRow = struct(layout.ListRow)
LoadShape = struct(layout.LoadShape)
LoadWord = struct(layout.LoadWord)
Mode = struct(layout.Mode)
OwnHead = struct(layout.OwnHead)
Owner = struct(layout.Owner)
Partner = struct(layout.Partner)
PlaceRequest = struct(layout.PlaceRequest)
ReadWord = struct(layout.ReadWord)
SlotRow = struct(layout.SlotRow)
StreamRow = struct(layout.StreamRow)
Token = struct(layout.Token)
Variant = struct(layout.Variant)
