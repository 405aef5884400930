# SPDX-License-Identifier: Apache-2.0
"""A token as the state keeps it: `LONGS` words of 64 bits, two of a packet's in each; and what its fields are."""

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.layout import Token
from octopus_sim.model.fields import LONG, packer, reader, words_of, writer
from octopus_sim.model.kernel import kernel
from octopus_sim.model.state import Record

#: Words of the state, and flits, that a token takes.
LONGS = words_of(Token)
FLITS = Token.words
_IN_LONG = LONG // WORD
_MASK = (1 << WORD) - 1

pack_token = packer(Token, LONG)
token_home = reader(Token, "home_x", "home_y", "slot", bits=LONG)
token_block = reader(Token, "block", bits=LONG)
token_index = reader(Token, "index", bits=LONG)
token_value = reader(Token, "value", bits=LONG)
token_instance = reader(Token, "instance", bits=LONG)
token_round = reader(Token, "round", bits=LONG)
token_variant = reader(Token, "variant", bits=LONG)
token_next = reader(Token, "next", bits=LONG)
token_weight = reader(Token, "weight", bits=LONG)
set_value = writer(Token, "value")


@kernel
def copy_token(to: Record, token: Record) -> None:
    """Put a token where the state keeps one."""
    for i in range(LONGS):
        to[i] = token[i]


@kernel
def token_flit(token: Record, i: int) -> int:
    """Return a token's i-th flit."""
    return token[i // _IN_LONG] >> WORD * (i % _IN_LONG) & _MASK


@kernel
def collect_flit(token: Record, i: int, word: int) -> None:
    """Put a token's i-th flit away; the flits before it have come."""
    low = WORD * (i % _IN_LONG)
    token[i // _IN_LONG] = (token[i // _IN_LONG] if low else 0) | word << low


@kernel
def worth(weight: int) -> int:
    """Return the units of work that a weight is worth (docs/timing.md#work)."""
    return (2 + (weight & 1)) << (weight >> 1) if weight else 0
