# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.contract.layout import Mode
from octopus_hw.contract.strategies import MECHANISMS, STRATEGIES, name_of, strategy


def test_presets() -> None:
    assert list(STRATEGIES) == ["naive", "profiled", "profiled-pea", "adaptive", "reactive", "octopus"]
    assert all(strategy(name) == preset and preset.name == name for name, preset in STRATEGIES.items())
    assert [name for name, preset in STRATEGIES.items() if preset.static] == ["naive", "profiled", "profiled-pea"]
    assert [name for name, preset in STRATEGIES.items() if preset.is_profiled] == [
        "profiled",
        "profiled-pea",
        "octopus",
    ]
    assert STRATEGIES["octopus"].mechanisms == set(MECHANISMS) - {"announce"}
    assert all(preset.mechanisms <= set(MECHANISMS) for preset in STRATEGIES.values())


def test_every_mode_bit_is_a_mechanism_or_one_of_two() -> None:
    assert set(Mode.spans) - {"static", "adaptive"} <= set(MECHANISMS)
    assert not any(strategy("adaptive-late-affinity-prefetch-split").mode.values())
    assert {bit for bit, is_on in STRATEGIES["naive"].mode.items() if is_on} == {"static", "affinity"}


def test_names_can_be_told_from_changes() -> None:
    assert all(re.fullmatch("[a-z]+", mechanism) for mechanism in MECHANISMS)
    assert not any(f"-{mechanism}" in name for name in STRATEGIES for mechanism in MECHANISMS)


def test_mechanisms_are_switched_alone() -> None:
    octopus, adaptive = STRATEGIES["octopus"], STRATEGIES["adaptive"]
    assert strategy("octopus-split").mechanisms == octopus.mechanisms - {"split"}
    assert strategy("octopus-split").name == "octopus-split"
    assert strategy("adaptive+balance-late+early").mechanisms == (adaptive.mechanisms - {"late"}) | {"balance", "early"}
    assert name_of("adaptive", (adaptive.mechanisms - {"late"}) | {"early"}) == "adaptive-late+early"
    assert name_of("octopus", octopus.mechanisms) == "octopus"
    changed = strategy("profiled-pea-affinity")
    assert (changed.shares, changed.mechanisms) == ("peas", frozenset())
    assert strategy("profiled+late").shares == "work"
    assert strategy("adaptive+profile").is_profiled and not strategy("octopus-profile-discriminate").is_profiled


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("octopuss", "is not known; did you mean 'octopus'?"),
        ("", "is not known; known: 'naive', 'profiled', 'profiled-pea', 'adaptive', 'reactive', 'octopus'"),
        ("best", "is not known; known: 'naive', "),
        ("split", "is not known; known: 'naive', "),
        ("octopus-splt", "'splt' is no mechanism; did you mean 'split'?"),
        ("profiled-peas", "'peas' is no mechanism; did you mean 'profiled-pea'?"),
        ("octopus-magic", "'magic' is no mechanism; known: 'late', 'affinity', "),
        ("octopus-", "'' is no mechanism; did you mean 'octopus'?"),
        ("octopus--split", "'' is no mechanism; known: "),
        ("octopus split", "is not known; "),
        ("octopus-split\n", "'split ' is no mechanism; did you mean 'split'?"),
        ("Octopus", "is not known; did you mean 'octopus'?"),
        ("naive-balance", "naive is without 'balance' by itself; leave out -balance"),
        ("adaptive+late", "adaptive has 'late' by itself; leave out +late"),
        ("octopus-split+split", "'split' is named twice; name it once"),
        ("octopus-split-split", "'split' is named twice; name it once"),
    ],
)
def test_bad_names_get_a_hint(name: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        strategy(name)
    assert str(caught.value).startswith("--strategy: ") and message in str(caught.value)
