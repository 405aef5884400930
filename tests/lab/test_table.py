# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_lab.table import markdown, number, plain


def test_numbers_go_to_the_right_however_they_are_written() -> None:
    rows = [("a", 1.5, "1,234", "7%", "4x4"), ("bcdefg", None, "-", "12.5%", "16x16")]
    assert plain(("what", "n", "m", "share", "mesh"), rows, indent="  ").splitlines() == [
        "  what        n      m  share  mesh",
        "  a       1.500  1,234     7%  4x4",
        "  bcdefg      -      -  12.5%  16x16",
    ]


def test_headings_alone() -> None:
    assert plain(("a", "b"), []) == "a  b"
    assert markdown(("a", "b"), []) == "| a | b |\n| --- | ---: |"


def test_markdown() -> None:
    assert markdown(("what", "n"), [("a", 1.5), ("b", None)]).splitlines()[2:] == ["| a | 1.500 |", "| b | - |"]


@pytest.mark.parametrize(("value", "text"), [(100.4, "100"), (3.0, "3"), (2.345, "2.35"), (7, "7")])
def test_as_many_digits_as_are_worth_reading(value: float, text: str) -> None:
    assert number(value) == text
