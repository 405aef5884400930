# SPDX-License-Identifier: Apache-2.0
"""Rows of NumPy files, good and bad; every refusal in its exact words."""

from contextlib import suppress
from random import Random

import numpy as np
import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.inputs import load_inputs


def stored(path, array):
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=True)
    return path


def refusal(path):
    with pytest.raises(InputError) as caught:
        load_inputs(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("dtype", ["<u4", ">u4", "<i4"])
def test_words(tmp_path, dtype):
    rows = load_inputs(stored(tmp_path / "a.npy", np.array([[1, 2**31 - 1], [-1, 0]]).astype(dtype)))
    assert rows.dtype == np.uint32
    assert rows.tolist() == [[1, 2**31 - 1], [2**32 - 1, 0]]


def test_rows_cannot_be_written_to(tmp_path):
    rows = load_inputs(stored(tmp_path / "a.npy", np.ones((1, 1), np.uint32)))
    with pytest.raises(ValueError, match="read-only"):
        rows[0, 0] = 2


def test_bytes_are_little_endian_words(tmp_path):
    array = np.arange(10, dtype=np.uint8).reshape(2, 5)
    assert load_inputs(stored(tmp_path / "a.npy", array)).tolist() == [[0x03020100, 4], [0x08070605, 9]]
    assert load_inputs(stored(tmp_path / "a.npy", np.asfortranarray(array[:, :4]))).tolist() == [
        [0x03020100],
        [0x08070605],
    ]
    assert load_inputs(stored(tmp_path / "a.npy", array[:, :0])).shape == (2, 0)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives(tmp_path, save):
    save(tmp_path / "a.npz", labels=np.zeros(3), inputs=np.ones((2, 3), np.int32))
    assert load_inputs(tmp_path / "a.npz").tolist() == [[1, 1, 1]] * 2


GIVE = "give bytes (uint8) or words (uint32 or int32)"


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(4, np.uint8), "1 dimensions; give two, a row for each instance"),
        (np.zeros((1, 2, 3), np.uint8), "3 dimensions; give two, a row for each instance"),
        (np.zeros((0, 3), np.uint8), "no rows; give one at least"),
        (np.zeros((1, 3), np.int64), f"numbers of type int64; {GIVE}"),
        (np.zeros((1, 3), np.float32), f"numbers of type float32; {GIVE}"),
        (np.zeros((1, 3), np.int8), f"numbers of type int8; {GIVE}"),
        (np.zeros((1, 3), object), f"Python objects; {GIVE}"),
        (np.zeros((1, 16384), np.uint32), "rows of 16384 words, but a token carries at most 16383; shorten them"),
        (np.zeros((1, 65533), np.uint8), "rows of 16384 words, but a token carries at most 16383; shorten them"),
    ],
)
def test_refuses_arrays(tmp_path, array, message):
    assert refusal(stored(tmp_path / "a.npy", array)) == f"inputs: {message}"
    np.savez(tmp_path / "a.npz", inputs=array)
    assert refusal(tmp_path / "a.npz") == f"inputs: {message}"


def test_refuses_files(tmp_path):
    path = tmp_path / "a.npz"
    assert refusal(path) == "no such file; check the path"
    assert refusal(tmp_path) == "is a directory; name a .npy or .npz file in it"
    np.savez(path, rows=np.ones((2, 3), np.int32))
    assert refusal(path) == "has no array 'inputs'; save the rows under that name"
    for content in (b"", b"some text", path.read_bytes()[:-9]):
        path.write_bytes(content)
        assert refusal(path) == "is no .npy or .npz file; write it with numpy.save or numpy.savez"


def test_broken_files_are_refused(tmp_path):
    good = stored(tmp_path / "a.npy", np.ones((3, 5), np.uint32)).read_bytes()
    np.savez_compressed(tmp_path / "a.npz", inputs=np.ones((3, 5), np.uint32))
    for seed in range(500):
        random = Random(seed)
        content = bytearray(random.choice((good, (tmp_path / "a.npz").read_bytes())))
        for _ in range(random.randint(1, 3)):
            content[random.randrange(len(content))] = random.randrange(256)
        (tmp_path / "b.npz").write_bytes(content[: random.choice((-1, len(content)))])
        with suppress(InputError):
            load_inputs(tmp_path / "b.npz")
