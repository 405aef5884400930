# SPDX-License-Identifier: Apache-2.0
"""The payload of a control message, by the names of the fields that lie in it.

::

    payload     [ 0 ............................ │ tbu │ holder ]      of a PLACE
"""

from typing import Any

from amaranth.hdl import Cat, Const, Value

from octopus_hw.contract.bits import Layout
from octopus_hw.interfaces.layouts import struct

__all__ = ["payload_as", "payload_of"]


def payload_as(layout: Layout, message: Any) -> Any:
    """Return the fields of a message's payload, to be read or driven.

    Parameters
    ----------
    layout
        Of the payload, from bit 0 on.
    message
        A ControlFlit.
    """
    return struct(layout)(message.payload[: layout.size])


def payload_of(layout: Layout, **fields: Value) -> Value:
    """Return a payload of these fields, each cut or zero-extended to its width.

    Raises
    ------
    KeyError
        A field of the layout is not given.
    """
    return Cat(_fit(fields[name], field.width) for name, field in layout.spans.items())


def _fit(value: Value, width: int) -> Value:
    return value[:width] if len(value) >= width else value | Const(0, width)
