# SPDX-License-Identifier: Apache-2.0
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct


def test_a_layout_is_one_struct_whose_fields_are_structs_too() -> None:
    widths = layouts(Config())
    command = struct(widths.command)
    assert struct(widths.command) is command and command.description == widths.command
    assert command.as_shape()["token"].shape is struct(widths.token)


def test_layouts_of_equal_fields_are_one_struct_and_others_are_not() -> None:
    usual, slow, narrow = Config(), Config(link_latency=3), Config(max_blocks=4)
    assert struct(layouts(slow).token) is struct(layouts(usual).token)
    assert struct(layouts(narrow).token) is not struct(layouts(usual).token)
