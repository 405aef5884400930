# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octopus_hw.owg.draw import draw, draw_array, key_of, mix, pick

KEY = (st.integers(0, 2**32 - 1), st.integers(0, 2**24 - 1), st.integers(0, 4095), st.integers(0, 65535))
FIELDS = ((0, 32), (1, 24), (2, 12), (3, 16), (4, 8))


def rotate(x, k):
    return ((x << k) | (x >> (32 - k))) & 0xFFFFFFFF


def jenkins_final(a, b, c):
    """The seven steps as lookup3 writes them."""
    steps = ((2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24))
    words = [a, b, c]
    for target, source, by in steps:
        words[target] ^= words[source]
        words[target] = (words[target] - rotate(words[source], by)) & 0xFFFFFFFF
    return words


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_mix_is_the_final_mix_of_lookup3(a, b, c):
    assert mix(a, b, c) == tuple(jenkins_final(a, b, c))


def test_mix_gives_the_published_hash_of_a_string():
    """In lookup3.c, hashlittle("", 0, 0) is deadbeef unmixed; of a 30-byte string with seed 0 it is 17770551."""
    words = np.frombuffer(b"Four score and seven years ago".ljust(36, b"\0"), "<u4").tolist()
    a = b = c = 0xDEADBEEF + 30
    for k in (0, 3):
        a, b, c = (x + y & 0xFFFFFFFF for x, y in zip((a, b, c), words[k : k + 3], strict=True))
        a, b, c = jenkins_mix(a, b, c)
    a, b, c = (x + y & 0xFFFFFFFF for x, y in zip((a, b, c), words[6:], strict=True))
    assert mix(a, b, c)[2] == 0x17770551


def jenkins_mix(a, b, c):
    for by in (4, 6, 8, 16, 19, 4):
        a = (a - c & 0xFFFFFFFF) ^ rotate(c, by)
        c = c + b & 0xFFFFFFFF
        a, b, c = b, c, a
    return a, b, c


@given(*KEY, st.integers(0, 255))
def test_fields_of_a_key(seed, instance, block, index, round):
    b = instance | round << 24
    low = index | block << 16
    assert draw(seed, instance, block, index, round, 0) == mix(seed, b, low)[2]
    assert draw(seed, instance, block, index, round, 1) == mix(seed, b, low)[1]
    assert draw(seed, instance, block, index, round, 2) == mix(seed, b, low | 1 << 28)[2]
    assert draw(seed, instance, block, index, round, 3) == mix(seed, b, low | 1 << 28)[1]
    assert key_of(seed, instance, block, index, round) == mix(seed, b, low)[0]


@given(*KEY, st.integers(0, 255), st.integers(0, 3))
def test_arrays_are_twins(seed, instance, block, index, round, field):
    array = draw_array([seed, seed ^ 1], instance, block, index, round, field)
    assert array.dtype == np.uint32
    assert array.tolist() == [draw(s, instance, block, index, round, field) for s in (seed, seed ^ 1)]


def test_picks_stay_in_range():
    assert [pick(drawn, 3) for drawn in (0, 0x55555555, 0x55555556, 0xAAAAAAAB, 0xFFFFFFFF)] == [0, 0, 1, 2, 2]


def chi_square(numbers, bins):
    counts = np.bincount(numbers, minlength=bins)
    expected = len(numbers) / bins
    return ((counts - expected) ** 2).sum() / expected


@pytest.mark.parametrize("field", [0, 1, 2])
@pytest.mark.parametrize("n", [2, 3, 4, 16])
def test_picks_are_uniform_over_every_input(field, n):
    count = 1 << 16
    steps = np.arange(count)
    for key in ((steps, 5, 1, 0, 0), (1, steps, 1, 0, 0), (1, 5, steps & 4095, steps >> 12, 0), (1, 5, 1, steps, 0)):
        picked = draw_array(*key, field).astype(np.uint64) * np.uint64(n) >> np.uint64(32)
        assert chi_square(picked.astype(np.int64), n) < n - 1 + 6 * (2 * (n - 1)) ** 0.5 + 6


@pytest.mark.parametrize(("word", "width"), FIELDS)
@pytest.mark.parametrize("field", [0, 1])
def test_every_input_bit_reaches_every_output_bit(word, width, field):
    """Flipping one input bit flips each output bit in 20 to 80 % of random keys, and half of all on average."""
    rng = np.random.default_rng(7)
    keys = [rng.integers(0, 1 << bits, 4096) for _, bits in FIELDS]
    before = draw_array(*keys, field)
    shares = []
    for bit in range(width):
        flipped = list(keys)
        flipped[word] = keys[word] ^ (1 << bit)
        difference = before ^ draw_array(*flipped, field)
        shares.append([(difference >> np.uint32(k) & 1).mean() for k in range(32)])
    assert np.min(shares) > 0.2 and np.max(shares) < 0.8
    assert abs(np.mean(shares) - 0.5) < 0.03


def test_fields_are_independent():
    steps = np.arange(1 << 16)
    drawn = [draw_array(1, steps, 3, 0, 0, field) for field in (0, 1, 2)]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        pairs = (drawn[one] >> np.uint32(28)).astype(int) * 16 + (drawn[other] >> np.uint32(28))
        assert chi_square(pairs, 256) < 255 + 6 * (2 * 255) ** 0.5
        assert abs(np.corrcoef(drawn[one], drawn[other])[0, 1]) < 0.02


def test_neighbours_are_independent():
    steps = np.arange(1 << 16)
    base = draw_array(1, steps, 3, 2, 1, 0)
    neighbours = ((2, steps, 3, 2, 1), (1, steps + 1, 3, 2, 1), (1, steps, 4, 2, 1), (1, steps, 3, 3, 1))
    for key in (*neighbours, (1, steps, 3, 2, 2)):
        other = draw_array(*key, 0)
        pairs = (base >> np.uint32(28)).astype(int) * 16 + (other >> np.uint32(28))
        assert chi_square(pairs, 256) < 255 + 6 * (2 * 255) ** 0.5
