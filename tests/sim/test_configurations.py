# SPDX-License-Identifier: Apache-2.0
"""A wrong configuration is told, though no event shows it."""

import numpy as np

from octopus_hw.contract.config import Config
from octopus_hw.image.compile import compile_workload
from octopus_sim.configurations import LOADED, configuration_differences, parse_loaded
from tests.image.samples import chain, task, workload


def test_sums_are_those_of_the_words_in_the_image() -> None:
    """Of three blocks that lie in the stores of two tiles, one has no configuration at all."""
    owg = chain(task("a", config=5), task("b", config=0), task("c", config=70))
    image = compile_workload(workload({"owg": owg, "instances": 1}), 2, 1, Config(library_region=2), "naive").image
    sums = []
    for block, length in enumerate((5, 0, 70)):
        words = [(block << 16 | at) * 0x9E3779B1 & 0xFFFFFFFF for at in range(length)]
        sums.append(sum((at + 1) * word for at, word in enumerate(words)) & 0xFFFFFFFF)
    lines = [f"LOADED {cycle} 0 0 1 {block} {sums[block]}" for cycle, block in ((9, 2), (20, 1), (31, 0))]
    loaded = parse_loaded(["EVENT 1 2 3", *lines, "HOST 1 2 3"])
    assert loaded.dtype == LOADED and len(loaded) == 3
    assert configuration_differences(image, loaded) == []
    loaded["sum"][0] += 1
    assert configuration_differences(image, loaded) == [
        f"TBU 1 of tile 0,0 had in cycle 9 a configuration of block 2 whose words add up to {sums[2] + 1:#010x}, "
        f"in the image to {sums[2]:#010x}"
    ]
    assert configuration_differences(image, np.zeros(0, LOADED)) == []
