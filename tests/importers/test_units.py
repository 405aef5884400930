# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw.importers.units import nice, parse_size, parse_time, show_size, show_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1ms", 1e-3), (" 2.5 us ", 2.5e-6), ("3", 3), (0.25, 0.25), ("1e-3s", 1e-3), (".5min", 30), ("2h", 7200), (0, 0)],
)
def test_times(text: str | float, seconds: float) -> None:
    assert parse_time(text) == pytest.approx(seconds)


@pytest.mark.parametrize(("text", "size"), [("1MB", 1e6), ("2KiB", 2048), ("7", 7), (8, 8), ("0.5kB", 500)])
def test_sizes(text: str | float, size: float) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "ms", "1 parsec", "-1ms", "1ms 2", "1MB", "1e", -1, float("nan"), float("inf")])
def test_no_times(text: str | float) -> None:
    with pytest.raises(ValueError, match="is no time; give a number"):
        parse_time(text)


@pytest.mark.parametrize("seconds", [1e-9, 2e-6, 5e-3, 1.0, 20.0, 5000.0, 0.999e-3])
def test_what_is_shown_can_be_read(seconds: float) -> None:
    assert parse_time(show_time(seconds)) == pytest.approx(seconds)
    assert parse_size(show_size(seconds * 1e9)) == pytest.approx(seconds * 1e9)


def test_shown_with_the_unit_that_fits() -> None:
    assert [show_time(t) for t in (1e-3, 0.02, 921.24, 1e-12)] == ["1 ms", "20 ms", "921.24 s", "0.001 ns"]
    assert [show_size(s) for s in (4, 5e5, 2e9)] == ["4 B", "500 kB", "2 GB"]


@pytest.mark.parametrize(
    ("least", "chosen"), [(1, 1), (1.01, 2), (2, 2), (3, 5), (5.1, 10), (0.014, 0.02), (1e-6, 1e-6), (70, 100)]
)
def test_nice(least: float, chosen: float) -> None:
    assert nice(least) == chosen
