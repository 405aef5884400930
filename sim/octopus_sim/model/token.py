# SPDX-License-Identifier: Apache-2.0
"""A token as the state keeps it: `LONGS` words of 64 bits; and what its fields are."""

from octopus_sim.model.fields import LONG, packer, reader, words_of, writer
from octopus_sim.model.kernel import kernel
from octopus_sim.model.state import Record
from octopus_sim.model.widest import WIDEST

_TOKEN = WIDEST.token
#: Words of the state that a token takes.
LONGS = words_of(_TOKEN)

pack_token = packer(_TOKEN, LONG)
token_home = reader(_TOKEN, "home_x", "home_y", "slot", bits=LONG)
token_slot = reader(_TOKEN, "slot", bits=LONG)
token_block = reader(_TOKEN, "block", bits=LONG)
token_index = reader(_TOKEN, "index", bits=LONG)
token_value = reader(_TOKEN, "value", bits=LONG)
token_instance = reader(_TOKEN, "instance", bits=LONG)
token_round = reader(_TOKEN, "round", bits=LONG)
token_variant = reader(_TOKEN, "variant", bits=LONG)
token_next = reader(_TOKEN, "next", bits=LONG)
token_weight = reader(_TOKEN, "weight", bits=LONG)
token_words = reader(_TOKEN, "words", bits=LONG)
token_result = reader(_TOKEN, "result", bits=LONG)
set_value = writer(_TOKEN, "value")
set_words = writer(_TOKEN, "words")


@kernel
def copy_token(to: Record, token: Record) -> None:
    """Put a token where the state keeps one."""
    for i in range(LONGS):
        to[i] = token[i]


@kernel
def worth(weight: int) -> int:
    """Return the units of work that a weight is worth (docs/timing.md#work)."""
    return (2 + (weight & 1)) << (weight >> 1) if weight else 0
