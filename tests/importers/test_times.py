# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.importers import Task, TaskGraph
from octopus_hw.importers.times import MEAN, count_cycles


def timed(*seconds: float | None, **exact: int) -> TaskGraph:
    graph = TaskGraph("g", "g.json")
    for number, time in enumerate(seconds):
        graph.add_task(Task(name=f"t{number}", seconds=time))
    for name, cycles in exact.items():
        graph.add_task(Task(name=name, seconds=77, cycles=cycles))
    return graph


def test_halves_round_up_and_nothing_takes_no_time() -> None:
    times = count_cycles(timed(0, 0.4, 0.5, 1.49, 1.5, 7), 1.0, None)
    assert list(times.cycles.values()) == [1, 1, 1, 1, 2, 7] and times.raised == 2


def test_cycles_that_are_given_stay() -> None:
    times = count_cycles(timed(2, x=2, y=65535), 0.5, None)
    assert times.cycles == {"t0": 4, "x": 2, "y": 65535}
    assert count_cycles(timed(x=2), 0.001, None).cycle is None


def test_the_chosen_cycle_bounds_the_longest_and_the_mean() -> None:
    assert count_cycles(timed(1.3, 1.5), None, None).cycle == 0.002
    uneven = count_cycles(timed(*[0.001] * 999, 600), None, None)
    assert uneven.cycle == 0.01 and max(uneven.cycles.values()) == 60000
    assert sum(count_cycles(timed(3, 4, 500), None, None).cycles.values()) <= 3 * MEAN + 3
    assert count_cycles(timed(0, 0), None, None).cycles == {"t0": 1, "t1": 1}


def test_what_takes_too_long_is_refused_with_a_cycle_that_is_long_enough() -> None:
    with pytest.raises(InputError, match=r"task 't1': 70 s are 70000 cycles of 1 ms.*let a cycle be 2 ms or longer"):
        count_cycles(timed(1, 70), 1e-3, None)
    assert count_cycles(timed(1, 70), 2e-3, None).cycles["t1"] == 35000
    assert count_cycles(timed(65.535), 1e-3, None).cycles["t0"] == 65535
    with pytest.raises(InputError, match="2 ms or longer"):
        count_cycles(timed(65.536), 1e-3, None)


def test_missing_times_are_refused_with_the_names_or_replaced() -> None:
    graph = timed(1, *[None] * 7)
    with pytest.raises(InputError, match="for 7 tasks: 't1', 't2', 't3', 't4', 't5' and 2 more"):
        count_cycles(graph, 1.0, None)
    times = count_cycles(graph, 1.0, 5.0)
    assert times.missing == 7 and list(times.cycles.values()) == [1, *[5] * 7]
