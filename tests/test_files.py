# SPDX-License-Identifier: Apache-2.0
"""Files are whole or not there, and those of one command never lie beside those of another."""

from pathlib import Path

import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.files import Outputs, output_directory, write


def tree(directory: Path) -> dict[str, str]:
    return {str(path.relative_to(directory)): path.read_text() for path in directory.rglob("*") if path.is_file()}


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "top.v"
    assert write(path, "whole") == path
    assert write(path, lambda where: where.write_text("anew")) == path

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(path, "half")
    assert tree(tmp_path) == {"deep/top.v": "anew"}


def test_outputs_take_the_place_of_earlier_ones_together(tmp_path: Path) -> None:
    for name in ("a.json", "plot_1.svg", "plot_2.svg", "other"):
        write(tmp_path / name, "old")
    write(tmp_path / "waves" / "dump", "old")
    with Outputs(tmp_path, ("a.json", "b.json", "plot_*.svg", "waves")) as outputs:
        assert outputs.write("a.json", "new") == tmp_path / "a.json"
        outputs.write("plot_2.svg", lambda path: path.write_text("new"))
        outputs.write("naive/c.json", "new")
        assert tree(tmp_path)["a.json"] == "old"
    assert tree(tmp_path) == {"a.json": "new", "plot_2.svg": "new", "naive/c.json": "new", "other": "old"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_if_it_goes_wrong_all_is_as_it_was(tmp_path: Path, error: type[BaseException]) -> None:
    write(tmp_path / "a.json", "old")

    def go_wrong() -> None:
        with Outputs(tmp_path, ("a.json", "b.json")) as outputs:
            outputs.write("a.json", "new")
            outputs.write("b.json", "new")
            raise error

    with pytest.raises(error):
        go_wrong()
    assert tree(tmp_path) == {"a.json": "old"} and len(list(tmp_path.iterdir())) == 1


def test_what_is_there_can_be_put_in_its_place_before_it_goes_wrong(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "old")

    def go_wrong() -> None:
        with Outputs(tmp_path, ("a.json",)) as outputs:
            write(outputs.staged("waves") / "dump", "new")
            outputs.commit()
            outputs.write("a.json", "never seen")
            raise ValueError

    with pytest.raises(ValueError):
        go_wrong()
    assert tree(tmp_path) == {"waves/dump": "new"}


def test_a_place_that_cannot_be_is_refused_before_the_work(tmp_path: Path) -> None:
    file = write(tmp_path / "file", "")
    message = "cannot be written (not a directory); choose another place"
    for act in (lambda: output_directory(file / "x"), Outputs(file / "x").__enter__, lambda: write(file / "x", "")):
        with pytest.raises(InputError) as caught:
            act()
        assert str(caught.value) == f"{file / 'x'}: {message}"
