# SPDX-License-Identifier: Apache-2.0
"""The token test against the exhaustive token game, and against the forward push that the file format describes."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.bodies import spawn_bodies
from octopus_hw.owg.check import check
from octopus_hw.owg.structure import check_structure
from octopus_hw.owg.tokens import check_tokens
from tests.owg.forward_push import Push
from tests.owg.samples import mutate, parse, well_formed
from tests.owg.token_game import Game, TooLargeError

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def accepts(workflow):
    try:
        check_tokens(workflow)
    except InputError:
        return False
    return True


def agree(workflow, play=True):
    """Compare test, push and game; None if the structure is wrong already or the game too large."""
    try:
        check_structure(workflow)
        bodies = spawn_bodies(workflow)
    except InputError:
        return None
    verdict = accepts(workflow)
    assert verdict == Push(workflow).sound(bodies)
    try:
        assert not play or verdict == Game(workflow).sound()
    except TooLargeError:
        return None
    return verdict


@quick
@given(st.data())
def test_well_formed_graphs_are_accepted(data):
    document = well_formed(lambda low, high: data.draw(st.integers(low, high)), size=8)
    workflow = check(parse(document))
    agree(workflow)


@quick
@given(st.data())
def test_agrees_with_the_token_game_on_mutated_graphs(data):
    def choose(low, high):
        return data.draw(st.integers(low, high))

    document = well_formed(choose, size=7)
    for _ in range(choose(1, 3)):
        mutate(document, choose)
    agree(parse(document))


def soak(seeds, size=7, depth=3, play=True):
    verdicts = []
    for seed in seeds:
        choose = Random(seed).randint
        document = well_formed(choose, size, depth)
        for _ in range(choose(1, 3)):
            mutate(document, choose)
        verdicts.append(agree(parse(document), play))
    return verdicts


def test_agrees_with_the_token_game_on_many_seeds():
    verdicts = soak(range(6000))
    assert verdicts.count(True) > 300
    assert verdicts.count(False) > 200


def test_agrees_with_the_forward_push_on_larger_graphs():
    verdicts = soak(range(1500), size=60, depth=5, play=False)
    assert verdicts.count(True) > 100
    assert verdicts.count(False) > 50


@pytest.mark.slow
def test_agrees_with_the_token_game_soak():
    soak(range(10_000, 110_000))
