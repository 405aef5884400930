# SPDX-License-Identifier: Apache-2.0
import functools

import pytest
from amaranth.hdl import signed, unsigned

from octopus_hw.contract.codes import Kind
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.verilog.naming import module_names, short, snake

ControlFlit = struct(layouts(Config()).control_flit)


class Queue:
    pass


class Tile:
    pass


def other_queue() -> type:
    """Return a class of the same name from another package."""
    return type("Queue", (), {"__module__": "chip.tbu.queue"})


def named(*units: tuple[type, dict[str, object]]) -> list[str]:
    return list(module_names("chip", {str(number): unit for number, unit in enumerate(units)}).values())


@pytest.mark.parametrize(
    ("value", "text"),
    [(4, "4"), (-4, "m4"), (True, "library"), (False, ""), (Kind.JOIN, "join"), ("deep", "deep"), ("a b", None),
     (ControlFlit, "control_flit"), (unsigned(3), "u3"), (signed(3), "s3"), (snake, "snake"), ((1, 2), None),
     ((), None), ((Kind.JOIN, Kind.END), "join_end"),
     (functools.partial(snake, 4), "snake_4"), (functools.partial(snake, (4, 5)), None)],
)  # fmt: skip
def test_short_forms(value: object, text: str | None) -> None:
    assert short("library", value) == text


def test_a_class_with_one_set_of_parameters_is_its_name() -> None:
    assert named((Tile, {"size": 4}), (Queue, {"shape": ControlFlit})) == ["chip_tile", "chip_queue"]


def test_parameters_that_differ_are_told() -> None:
    queues = [{"shape": shape, "depth": depth, "same": 1} for shape in (ControlFlit, unsigned(3)) for depth in (2, 4)]
    assert named(*((Queue, parameters) for parameters in queues)) == [
        "chip_queue_control_flit_2", "chip_queue_control_flit_4", "chip_queue_u3_2", "chip_queue_u3_4",
    ]  # fmt: skip


def test_parameters_that_tell_no_more_are_left_out() -> None:
    queues = [{"depth": depth, "bits": 2 * depth, "ways": ways} for depth in (2, 4) for ways in ((Kind.JOIN,), (3, 4))]
    assert named(*((Queue, parameters) for parameters in queues)) == [
        "chip_queue_2_join", "chip_queue_2", "chip_queue_4_join", "chip_queue_4",
    ]  # fmt: skip


def test_what_has_no_short_form_is_numbered() -> None:
    assert named(*((Tile, {"turns": (number,)}) for number in range(3))) == ["chip_tile", "chip_tile_2", "chip_tile_3"]


def test_classes_of_one_name_are_told_apart_by_their_package() -> None:
    assert named((Queue, {}), (other_queue(), {})) == ["chip_verilog_queue", "chip_tbu_queue"]


def test_no_name_stands_for_two_units() -> None:
    flit_queue = type("QueueFlit", (), {})
    flit = type("Flit", (), {})
    units = [(Queue, {"shape": flit, "depth": depth}) for depth in (3, 4)]
    units += [(Queue, {"shape": unsigned(1), "depth": 4}), (flit_queue, {"depth": 4}), (flit_queue, {"depth": 5})]
    names = named(*units)
    assert names[1] == "chip_queue_flit_4" and names[3] == "chip_queue_flit_4_2"
    assert len(set(names)) == len(names)
