# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octopus_hw.owg.draw import draw, pick
from octopus_hw.owg.sources import (
    LIMIT,
    Affine,
    Const,
    Point,
    Quantiles,
    Replay,
    Scenes,
    Thresholds,
    Value,
    cycles_of,
    scene_sources,
)

POINT = Point(seed=1, instance=5, block=2, index=3, round=0, field=0, k=4)
RECORD = Replay((((1, 2), (3,)), ((4,),)))


def test_constant_and_value():
    assert Const(7).evaluate(3, POINT) == 7
    assert Value().evaluate(3, POINT) == 3


@pytest.mark.parametrize(
    ("a", "b", "value", "result"),
    [(200, 10, 3, 230), (10, -4, 2, 2), (10, -4, 3, 0), (0, 65535, 2, 65535), (-65535, 65535, 2, 65535), (-5, 1, 9, 4)],
)
def test_affine_clamps(a, b, value, result):
    assert Affine(a, b).evaluate(value, POINT) == result


def test_quantiles_draw():
    source = Quantiles((10, 20, 30))
    assert source.evaluate(0, POINT) == (10, 20, 30)[pick(draw(1, 5, 2, 3, 0, 0), 3)]
    drawn = [source.evaluate(0, POINT._replace(instance=n)) for n in range(3000)]
    assert all(900 < drawn.count(number) < 1100 for number in (10, 20, 30))


def test_scenes():
    source = Scenes((("quiet", Const(1)), ("crowd", Scenes((("quiet", Const(2)), ("crowd", Const(3)))))))
    assert source.evaluate(0, POINT) == 1
    assert source.evaluate(0, POINT._replace(scene="quiet")) == 1
    assert source.evaluate(0, POINT._replace(scene="crowd")) == 3
    assert source.for_scene("crowd") == Const(3)
    assert source.for_scene(None) == Const(1)
    assert [len(scenes.pairs) for scenes in scene_sources(source)] == [2, 2]
    assert scene_sources(Const(1)) == []


@pytest.mark.parametrize(
    ("k", "round", "index", "result"),
    [(0, 0, 0, 1), (0, 0, 1, 2), (0, 0, 9, 2), (0, 1, 1, 3), (0, 9, 0, 3), (1, 5, 5, 4), (2, 0, 1, 2), (3, 0, 0, 4)],
)
def test_replay_wraps_the_instance_and_stays_at_the_last_of_the_others(k, round, index, result):
    assert RECORD.evaluate(0, POINT._replace(k=k, round=round, index=index)) == result


def test_thresholds_count_those_reached():
    assert [Thresholds((2, 5)).evaluate(value, POINT) for value in (0, 1, 2, 4, 5, 99)] == [0, 0, 1, 1, 2, 2]


def test_cycles_are_at_least_one():
    assert cycles_of(Affine(0, 0), 0, POINT) == 1
    assert cycles_of(Value(), LIMIT, POINT) == LIMIT


SOURCES = [
    Const(7),
    Value(),
    Affine(100, -3),
    Affine(-9, 2),
    Quantiles((4, 1, 9)),
    RECORD,
    Thresholds((3, 60)),
    Scenes((("a", Const(5)), ("b", Affine(1, 1)))),
]


@pytest.mark.parametrize("source", SOURCES)
@given(low=st.integers(0, 70), more=st.integers(0, 70), number=st.integers(0, 99))
def test_bounds_hold(source, low, more, number):
    least, most = source.bounds(low, low + more)
    point = POINT._replace(instance=number, k=number, index=number % 3, scene=("a", "b", None)[number % 3])
    for value in (low, low + more // 2, low + more):
        assert least <= source.evaluate(value, point) <= most


@pytest.mark.parametrize(
    ("source", "mean"),
    list(zip(SOURCES, (7, 20, 40, 31, 14 / 3, 2.5, 1, 13), strict=True)),
)
def test_means(source, mean):
    assert source.mean(20) == pytest.approx(mean)
