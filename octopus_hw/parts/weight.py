# SPDX-License-Identifier: Apache-2.0
"""What a weight is worth in units of work: 0, 3, 4, 6, 8, 12, ... 384."""

from amaranth.hdl import Cat, Const, Mux, Value

from octopus_hw.contract.layout import WEIGHT

__all__ = ["WORTH", "worth"]

#: Bits of what a weight is worth.
WORTH = 9


def worth(weight: Value) -> Value:
    """Return what a weight of 4 bits is worth: 0 if it is 0, else (2 + its lowest bit) << its three upper bits.

    Parameters
    ----------
    weight
        Of `WEIGHT` bits.

    Returns
    -------
    Value
        Unsigned, of `WORTH` bits.
    """
    assert len(weight) == WEIGHT
    shifted = Cat(weight[0], Const(1, 1)) << weight[1:]
    return Mux(weight == 0, 0, shifted)[:WORTH]
