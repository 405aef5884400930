# SPDX-License-Identifier: Apache-2.0
import re
from dataclasses import fields, replace
from typing import Any

import pytest

from octopus_hw.contract.bits import Layout
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import Layouts, layouts

NAMES = [name for name in vars(Layouts) if not name.startswith("_")]
SMALL = Config(
    tbus=2, peas=2, queue_depth=4, coord_bits=3, max_blocks=16, max_flows=32, max_instances=4, list_depth=64,
    home_records=64, join_records=16, store_words=1024, owner_entries=32, buffer_words=32, config_words=100,
)  # fmt: skip
LEAST = Config(**{field.name: field.metadata["low"] for field in fields(Config)})
MOST = Config(**{field.name: field.metadata["high"] for field in fields(Config)})


def sizes(config: Config) -> dict[str, int]:
    return {name: getattr(layouts(config), name).size for name in NAMES}


def test_a_layout_has_the_name_and_the_words_of_its_method() -> None:
    flow_row = layouts(Config()).flow_row
    assert isinstance(flow_row, Layout)
    assert (flow_row.name, flow_row.doc) == ("FlowRow", "A row of the flow table: all about where a flow leads.")


def test_a_configuration_has_its_layouts_once() -> None:
    assert layouts(Config()) is layouts(replace(SMALL, **vars(Config())))
    assert layouts(Config()).token is layouts(Config()).token
    assert layouts(Config(link_latency=3)).token == layouts(Config()).token


def test_a_small_chip_has_small_ones() -> None:
    small, usual, most = sizes(SMALL), sizes(Config()), sizes(MOST)
    assert (small["token"], usual["token"], most["token"]) == (118, 142, 156)
    assert (small["flow_row"], usual["flow_row"], most["flow_row"]) == (125, 177, 204)
    assert all(small[name] < usual[name] for name in NAMES if name not in ("flit", "list_row"))
    assert all(sizes(LEAST)[name] <= small[name] for name in NAMES)
    tables = [getattr(layouts(config), name).columns for config in (SMALL, MOST) for name in ("flow_row", "slot_row")]
    assert tables == [4, 1, 8, 2]


@pytest.mark.parametrize("config", [LEAST, SMALL, Config(), MOST])
def test_every_number_that_there_can_be_fits(config: Config) -> None:
    widths = layouts(config)
    largest: dict[str, dict[str, Any]] = {
        "token": {"home_x": (1 << config.coord_bits) - 1, "slot": config.max_instances - 1,
                  "block": config.max_blocks - 1, "next": config.max_flows - 1},
        "header": {"unit": 7},
        "token_head": {"arg": max((config.store_words - 1) // 4, config.queue_depth - 1)},
        "command": {"source": max((config.store_words - 1) // 4, config.queue_depth - 1), "words": config.buffer_words},
        "place_request": {"holder": config.holders - 1, "tbu": config.tbus - 1},
        "library_row": {"address": (config.store_words - 1) // 4, "words": config.config_words, "parallel": 3},
        "flow_row": {"dest": config.max_blocks - 1, "record": config.home_records - 1, "join": config.join_records - 1,
                     "area": (config.store_words - 1) // 4, "stride": min(config.store_words, 16380) // 4,
                     "words": config.buffer_words, "result": config.buffer_words, "pinned_tbu": config.tbus - 1},
        "slot_row": {"record": config.home_records - 1, "data": (config.store_words - 1) // 4},
        "stream_row": {"first": config.list_depth - 1, "count": config.list_depth, "slots": config.max_instances},
        "own_head": {"base": config.owner_entries - 1, "count": config.owner_entries},
        "owner": {"tbu": config.tbus - 1},
    }  # fmt: skip
    for name, numbers in largest.items():
        layout = getattr(widths, name)
        assert layout.unpack(layout.pack(**numbers)) | numbers == layout.unpack(layout.pack(**numbers))


def test_a_number_of_a_larger_chip_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("Token.block: 16 does not fit 4 bits") + "$"):
        layouts(SMALL).token.pack(block=16)


def test_a_header_is_one_flit() -> None:
    assert layouts(MOST).header.size <= layouts(MOST).flit["data"].width
