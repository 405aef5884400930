# SPDX-License-Identifier: Apache-2.0
"""Tokens that travel in packets: of a packet's flits each says where its token stands (docs/timing.md#packets)."""

from octopus_sim.model.kernel import kernel
from octopus_sim.model.state import Mesh, Record
from octopus_sim.model.token import copy_token


@kernel
def new_packet(s: Mesh, place: int, token: Record) -> int:
    """Put a token into a packet; return the packet."""
    number = s.packet[0].next
    packet = s.packet[number]
    s.packet[0].next = packet.next
    packet.place = place
    copy_token(packet.token, token)
    return number


@kernel
def end_packet(s: Mesh, number: int) -> None:
    """Let a packet be used again."""
    s.packet[number].next = s.packet[0].next
    s.packet[0].next = number
