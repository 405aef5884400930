# SPDX-License-Identifier: Apache-2.0
from dataclasses import fields, replace
from zlib import crc32

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.identity import configuration_hash

LOADED = {"balance_shift", "hysteresis", "reactive_threshold"}


@pytest.mark.parametrize("key", [f.name for f in fields(Config)])
def test_every_size_that_is_built_counts_and_no_other(key):
    meta = {f.name: f.metadata for f in fields(Config)}[key]
    value = getattr(Config(), key)
    other = next(
        n for n in (value * 2, value // 2, value + 1, value - 1) if meta["low"] <= n <= meta["high"] and n != value
    )
    same = configuration_hash(replace(Config(), **{key: other})) == configuration_hash(Config())
    assert same == (key in LOADED)


def test_the_text_is_that_of_the_page():
    text = ["octopus 1", *(f"{f.name}={getattr(Config(), f.name)}" for f in fields(Config) if f.name not in LOADED)]
    assert configuration_hash(Config()) == crc32(("\n".join(text) + "\n").encode("ascii"))
