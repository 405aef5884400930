# SPDX-License-Identifier: Apache-2.0
"""Means, speed-ups and tables of rows made by hand."""

import pytest

from octopus_lab.bench.summary import arrange, geomean, meshes, over_best, speedup, strategies, summarise
from octopus_lab.bench.tables import latencies, report
from octopus_lab.table import markdown
from tests.lab.bench.samples import a_row

ROWS = [
    a_row("a", "octopus", 100),
    a_row("a", "naive", 400),
    a_row("a", "profiled", 200),
    a_row("b", "octopus", 100, bound=90),
    a_row("b", "naive", 100, bound=90),
]


def test_geomean() -> None:
    assert geomean([1, 4]) == pytest.approx(2) and geomean([]) is None


def test_speedups() -> None:
    table = arrange(ROWS, "2x2")
    assert speedup(table["a"], "octopus", "naive") == 4 and speedup(table["b"], "octopus", "profiled") is None
    assert over_best(table["a"], "octopus") == 2 and over_best(table["a"], "profiled") == 0.5
    assert over_best({"octopus": ROWS[0]}, "octopus") is None


def test_summary() -> None:
    found = summarise(ROWS)
    assert list(found) == ["2x2"] and list(found["2x2"]) == ["naive", "profiled", "octopus"]
    octopus = found["2x2"]["octopus"]
    assert (octopus["workloads"], octopus["load"]) == (2, 4.0)
    assert octopus["efficiency"] == pytest.approx((0.5 * 0.9) ** 0.5)
    assert octopus["speedup"] == {
        "naive": {"geomean": pytest.approx(2), "best": 4, "on": "a"},
        "profiled": {"geomean": 2, "best": 2, "on": "a"},
    }


def test_open_arrivals_are_not_judged_by_their_makespan() -> None:
    late = [a_row("c", name, cycles, arrivals="open") for name, cycles in (("naive", 10), ("octopus", 1000))]
    assert summarise([*ROWS, *late]) == summarise(ROWS) and summarise(late) == {}


def test_meshes_and_strategies_in_order() -> None:
    rows = [a_row("a", name, 1, mesh=mesh) for name, mesh in (("x", [16, 2]), ("octopus", [4, 4]), ("naive", [8, 8]))]
    assert meshes(rows) == ["4x4", "16x2", "8x8"] and strategies(rows) == ["naive", "octopus", "x"]


def test_missed_deadlines_are_of_those_that_have_one() -> None:
    row = a_row("c", "naive", 70, missed=3, with_deadline=12)
    assert latencies(row) == [70, 70, 70, 70, 3, 12, 25.0]
    assert latencies(a_row("c", "naive", 70))[4:] == [0, 0, None]


def test_tables() -> None:
    timed = [
        a_row("c", name, p99, arrivals="open", missed=1, with_deadline=4)
        for name, p99 in (("profiled", 90), ("octopus", 30))
    ]
    text = report([*ROWS, *timed], markdown)
    assert "| workload | load | bound | naive | profiled | octopus | x naive | x profiled | x best other |" in text
    assert "| a | 4.000 | 50 | 0.125 | 0.250 | 0.500 | 4.000 | 2.000 | 2.000 |" in text
    assert "| b | 4.000 | 90 | 0.900 | - | 0.900 | 1.000 | - | 1.000 |" in text
    assert "| geomean | - | - | 0.335 | 0.250 | 0.671 | 2.000 | 2.000 | 1.414 |" in text
    assert "| c, octopus | 30 | 30 | 30 | 30 | 1 | 4 | 25.000 | 3.000 |" in text
    assert "| 2x2 octopus | 2 | 4.000 | 0.671 | 2.000 | 4.000 | 2.000 | 2.000 | - | - |" in text
