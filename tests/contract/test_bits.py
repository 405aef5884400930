# SPDX-License-Identifier: Apache-2.0
import random
import re
import subprocess
import sys

import numpy as np
import pytest

from octopus_hw.contract import layout
from octopus_hw.contract.bits import Field, Layout, Piece, Span
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import Layouts, layouts
from octopus_hw.interfaces.layouts import struct

NARROW = Config(coord_bits=3, tbus=2, max_blocks=16, max_flows=32, store_words=1024)
LAYOUTS = [value for value in vars(layout).values() if isinstance(value, Layout)] + [
    getattr(layouts(config), name)
    for name in vars(Layouts)
    if not name.startswith("_")
    for config in (Config(), NARROW)
]
ODD = Layout.of("Odd", "", Field("low", 5), Field("pad", 3), Field("across", 60), Field("high", 9))


def test_the_contract_needs_no_package_that_is_not_pythons_own() -> None:
    lines = [
        "import sys",
        "for name in ('amaranth', 'numba', 'numpy'): sys.modules[name] = None",
        "from octopus_hw.contract import bits, codes, config, errors, layout, layouts, strategies",
        "header = layouts.layouts(config.Config()).header",
        "print(header.pack(x=3, y=1, unit=layout.UNIT_HOME, config=1))",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 3 | 1 << 7 | 7 << 14 | 1 << 17


def test_fields_lie_side_by_side() -> None:
    assert ODD.spans == {"low": Span(0, 5), "across": Span(8, 60), "high": Span(68, 9)}
    assert (ODD.size, ODD.words, ODD.columns) == (77, 3, 4)
    assert ODD.pieces("across") == [Piece(0, 8, 0, 24), Piece(1, 0, 24, 32), Piece(2, 0, 56, 4)]
    assert ODD.pieces("across", 64) == [Piece(0, 8, 0, 56), Piece(1, 0, 56, 4)]
    assert ODD["high"].most == 511


@pytest.mark.parametrize("described", [ODD, *LAYOUTS], ids=lambda described: described.name)
def test_what_is_packed_is_what_amaranth_packs_and_comes_out_again(described: Layout) -> None:
    rng = random.Random(described.name)
    shape = struct(described)
    assert shape.as_shape().size == described.size
    for _ in range(20):
        spans = described.spans.items()
        values = {name: rng.choice((0, span.most, rng.getrandbits(span.width))) for name, span in spans}
        packed, words = described.pack(**values), described.pack_words(values)
        nested = {
            field.name: struct(field.shape).from_bits(values[field.name])
            for field in described.fields
            if isinstance(field.shape, Layout)
        }
        assert shape.const(values | nested).as_bits() == packed
        assert words == [packed >> 32 * word & 0xFFFFFFFF for word in range(described.words)]
        assert described.unpack(packed) == described.unpack_words(words) == values


def test_arrays_are_packed_element_by_element() -> None:
    rng = np.random.default_rng(1)
    values = {name: rng.integers(0, span.most, 50, endpoint=True) for name, span in ODD.spans.items()}
    words = ODD.pack_words(values)
    for at in range(50):
        assert [word[at] for word in words] == ODD.pack_words({name: int(part[at]) for name, part in values.items()})
    assert {name: part.tolist() for name, part in ODD.unpack_words(words).items()} == {
        name: part.tolist() for name, part in values.items()
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"low": 32}, "Odd.low: 32 does not fit 5 bits"),
        ({"low": -1}, "Odd.low: -1 does not fit 5 bits"),
        ({"high": np.array([1, 2, 600, 700])}, "Odd.high: 600 does not fit 9 bits"),
        ({"low": 1, "middle": 0}, "Odd: no field 'middle'; there are low, across, high"),
        ({"pad": 0}, "Odd: no field 'pad'; there are low, across, high"),
    ],
)
def test_what_does_not_fit_is_refused(values: dict[str, object], message: str) -> None:
    for pack in (lambda: ODD.pack(**values), lambda: ODD.pack_words(values)):
        with pytest.raises(ValueError, match=re.escape(message) + "$"):
            pack()
