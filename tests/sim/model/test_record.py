# SPDX-License-Identifier: Apache-2.0
"""Event records in their several forms."""

from pathlib import Path

import numpy as np
import pytest

from octopus_hw.contract.codes import Event
from octopus_sim.events import (
    COLUMNS,
    EVENT,
    event_hashes,
    parse_events,
    read_events,
    sort_events,
    unit_number,
    unit_text,
    write_events,
)

LINES = [
    "EVENT 9 1 0 cbu dispatch 16777215 4095 65535 255 0",
    "- some other line",
    "EVENT 9 0 1 2.1 finish 3 5 0 0 4294967295",
    "EVENT 9 1 0 0.0 start 3 6 1 2 0",
    "EVENT 2 1 0 cbu inject 3 4 0 0 0",
    "EVENT 9 0 0 5.7 start 3 6 1 2 0",
]


def test_lines_are_put_in_the_one_order() -> None:
    events = parse_events(LINES)
    assert events["cycle"].tolist() == [2, 9, 9, 9, 9]
    assert [unit_text(int(unit)) for unit in events["unit"]] == ["cbu", "5.7", "cbu", "0.0", "2.1"]
    assert events[2].tolist() == (9, 1, 0, 0, Event.DISPATCH, 16777215, 4095, 65535, 255, 0)
    assert np.array_equal(sort_events(events[::-1]), events)


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    events = parse_events(LINES)
    write_events(tmp_path / "events.csv", events)
    text = (tmp_path / "events.csv").read_text().splitlines()
    assert text[0] == ",".join(COLUMNS)
    assert text[-1] == "9,0,1,2.1,finish,3,5,0,0,4294967295"
    assert np.array_equal(read_events(tmp_path / "events.csv"), events)


def test_no_events_are_an_empty_table(tmp_path: Path) -> None:
    assert parse_events(["nothing"]).dtype == EVENT
    write_events(tmp_path / "events.csv", parse_events([]))
    assert len(read_events(tmp_path / "events.csv")) == 0


@pytest.mark.parametrize("line", ["EVENT 1 2", "EVENT 1 0 0 cbu fly 0 0 0 0 0", "EVENT 1 0 0 1.x start 0 0 0 0 0"])
def test_a_broken_line_is_quoted(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 1: '1"):
        parse_events([line])


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("a,b\n")
    with pytest.raises(ValueError, match="line 1: expected the columns"):
        read_events(tmp_path / "events.csv")


def test_units() -> None:
    assert [unit_number(text) for text in ("cbu", "0.0", "5.7")] == [0, 1, 48]
    for number in range(49):
        assert unit_number(unit_text(number)) == number


def naive_hash(cycle: int, w1: int, w2: int, w3: int, data: int) -> int:
    """The formula of docs/timing.md#event-hash, word by word."""

    def rotl(word: int, by: int) -> int:
        return (word << by | word >> 32 - by) % 2**32

    a = ((cycle ^ data) + rotl(w1, 13)) % 2**32
    b = ((w2 ^ rotl(a, 7)) + rotl(w3, 22)) % 2**32
    return ((a ^ rotl(b, 15)) + rotl(b, 3)) % 2**32


def test_hashes() -> None:
    events = parse_events(LINES)
    for event, told in zip(events, event_hashes(events), strict=True):
        cycle, _, _, unit, code, instance, block, index, round_, data = event.tolist()
        assert told == naive_hash(cycle, block << 16 | index, round_ << 24 | instance, unit << 4 | code, data)
