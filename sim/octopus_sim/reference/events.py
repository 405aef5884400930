# SPDX-License-Identifier: Apache-2.0
"""What every tile adds up over its events (docs/timing.md#event-hash)."""

from __future__ import annotations

from collections.abc import Mapping

from octopus_hw.contract.codes import Event

__all__ = ["MASK", "event_hash", "rotl"]

MASK = 0xFFFFFFFF


def rotl(word: int, by: int) -> int:
    """Rotate 32 bits to the left."""
    return (word << by | word >> (32 - by)) & MASK


def event_hash(cycle: int, unit: int, event: Event, token: Mapping[str, int], data: int = 0) -> int:
    """Return one event's hash; `unit` is 0 for the CBU and 1 + 8 x TBU + PEA else, `data` a finish's."""
    w1 = token["block"] << 16 | token["index"]
    w2 = token["round"] << 24 | token["instance"]
    w3 = unit << 4 | event
    a = ((cycle ^ data) + rotl(w1, 13)) & MASK
    b = ((w2 ^ rotl(a, 7)) + rotl(w3, 22)) & MASK
    return ((a ^ rotl(b, 15)) + rotl(b, 3)) & MASK
