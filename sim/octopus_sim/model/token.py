# SPDX-License-Identifier: Apache-2.0
"""A token as the state keeps it, in `PARTS` words that travel as the first of its flits; and what its fields are."""

from octopus_sim.model.fields import packer, reader, words_of, writer
from octopus_sim.model.kernel import kernel
from octopus_sim.model.state import PART, Record
from octopus_sim.model.widest import WIDEST

#: Words of the state that a token takes: no more than the flits of the narrowest chip's.
PARTS = words_of(WIDEST.token, PART)

pack_token = packer(WIDEST.token, PART)
token_home = reader(WIDEST.token, "home_x", "home_y", "slot", bits=PART)
token_block = reader(WIDEST.token, "block", bits=PART)
token_index = reader(WIDEST.token, "index", bits=PART)
token_value = reader(WIDEST.token, "value", bits=PART)
token_instance = reader(WIDEST.token, "instance", bits=PART)
token_round = reader(WIDEST.token, "round", bits=PART)
token_variant = reader(WIDEST.token, "variant", bits=PART)
token_next = reader(WIDEST.token, "next", bits=PART)
token_weight = reader(WIDEST.token, "weight", bits=PART)
set_value = writer(WIDEST.token, "value", PART)


@kernel
def copy_token(to: Record, token: Record) -> None:
    """Put a token where the state keeps one."""
    for i in range(PARTS):
        to[i] = token[i]


@kernel
def token_flit(token: Record, i: int) -> int:
    """Return a token's i-th flit."""
    return token[i] if i < PARTS else 0


@kernel
def collect_flit(token: Record, i: int, word: int) -> None:
    """Put a token's i-th flit away."""
    if i < PARTS:
        token[i] = word


@kernel
def worth(weight: int) -> int:
    """Return the units of work that a weight is worth (docs/timing.md#work)."""
    return (2 + (weight & 1)) << (weight >> 1) if weight else 0
