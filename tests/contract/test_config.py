# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw.contract.config import Config


@pytest.mark.parametrize("side", [3, 5, 6, 7])
def test_a_library_region_has_a_power_of_two_of_tiles_a_side(side: int) -> None:
    assert [Config(library_region=1 << bit).library_depth for bit in range(4)] == [4, 16, 64, 256]
    with pytest.raises(ValueError, match=f"library_region: {side} is not a power of two"):
        Config(library_region=side)


@pytest.mark.parametrize(("key", "most"), [("store_words", 1 << 18), ("config_words", 16383), ("buffer_words", 16383)])
def test_memories_have_a_largest_size(key: str, most: int) -> None:
    assert getattr(Config(**{key: most}), key) == most
    with pytest.raises(ValueError, match=f"{key}: {most + 1} is not a whole number from 1 to {most}"):
        Config(**{key: most + 1})
