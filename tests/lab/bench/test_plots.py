# SPDX-License-Identifier: Apache-2.0
"""Plots say what they show, look alike, and are the same for the same numbers."""

import itertools
from fnmatch import fnmatch
from pathlib import Path

import pytest
from matplotlib.colors import to_rgb

from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.files import write
from octopus_lab.bench.plots.bars import change_bars, efficiency_bars, speedup_bars
from octopus_lab.bench.plots.curves import Panel, curves
from octopus_lab.bench.plots.gallery import PATTERNS, gallery
from octopus_lab.bench.plots.style import look_of, looks, svg
from tests.lab.bench.samples import a_row

ROWS = [a_row(name, strategy, cycles) for name in "ab" for strategy, cycles in (("naive", 200), ("octopus", 60))]


def test_a_strategy_has_one_look_and_no_two_share_it() -> None:
    shown = looks([*STRATEGIES, "octopus-split", "adaptive+balance"])
    assert shown["octopus"] == looks(["octopus"])["octopus"] == look_of("octopus")
    assert len({look["color"] for look in shown.values()}) == len({look["marker"] for look in shown.values()}) == 8


def test_colours_differ_in_more_than_hue() -> None:
    def seen_without_red(colour: str) -> tuple[float, float]:
        red, green, blue = to_rgb(colour)
        return 0.3 * red + 0.6 * green + 0.1 * blue, blue  # lightness, and what is left of hue

    colours = [seen_without_red(look_of(name)["color"]) for name in STRATEGIES]
    for one, other in itertools.combinations(colours, 2):
        assert abs(one[0] - other[0]) + abs(one[1] - other[1]) > 0.08


def test_bars_have_the_heights_of_the_rows() -> None:
    (axes,) = speedup_bars(ROWS, "2x2", ["naive", "octopus"], "naive").axes
    assert [patch.get_height() for patch in axes.patches] == pytest.approx([200 / 60] * 3)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "geomean"]
    (axes,) = efficiency_bars(ROWS, "2x2", ["naive", "octopus"]).axes
    assert [patch.get_height() for patch in axes.patches] == pytest.approx([0.25] * 3 + [50 / 60] * 3)
    assert axes.get_ylabel() == "efficiency" and "1 is the bound" in axes.get_title("left")
    assert axes.get_lines()[0].get_ydata()[0] == 1


def test_changes() -> None:
    (axes,) = change_bars({"octopus-split": {"2x2": 5.0, "4x4": -1.0}, "octopus-late": {"2x2": None}}, "t").axes
    assert [patch.get_width() for patch in axes.patches] == [5.0, 0.0, -1.0, 0.0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["octopus-split", "octopus-late"]


def test_curves() -> None:
    lines = {"octopus": [(0.5, 0.25), (2.0, 0.5), (4.0, None)], "naive": [(0.5, 0.125)]}
    panels = [Panel(title=f"t{at}", x="load", y="e", lines=lines, log_x=True, level=1.0, mark=2.0) for at in range(4)]
    drawn = curves(panels, 3)
    assert [axes.get_visible() for axes in drawn.axes] == [True] * 4 + [False] * 2
    first = drawn.axes[0].get_lines()[0]
    assert first.get_xydata().tolist() == [[0.5, 0.25], [2.0, 0.5]] and first.get_color() == look_of("octopus")["color"]
    assert [text.get_text() for text in drawn.legends[0].get_texts()] == ["octopus", "naive"]


def test_files_are_the_same_again(tmp_path: Path) -> None:
    rows = [*ROWS, a_row("c", "octopus", 80, arrivals="open")]
    texts = []
    for name in "xy":
        (tmp_path / name).mkdir()
        paths = [write(tmp_path / name / f"{at}.svg", svg(figure)) for at, figure in gallery(rows).items()]
        texts.append([path.read_text() for path in paths])
    assert [path.stem for path in paths] == [
        "efficiency_2x2",
        "speedup_over_naive_2x2",
        "latency_2x2",
        "utilisation_2x2",
    ]
    assert all(any(fnmatch(path.name, pattern) for pattern in PATTERNS) for path in paths)
    assert texts[0] == texts[1] and all("octopus" in text and "2x2" in text for text in texts[0])
