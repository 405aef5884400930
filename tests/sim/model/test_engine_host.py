# SPDX-License-Identifier: Apache-2.0
"""Rows from the host and results for it, by hand from docs/timing.md#rows and what it leads to."""

from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.codes import HostEvent, Kind, SourceKind
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import Image
from octopus_sim.host_events import HOST_EVENT
from octopus_sim.model import ModelError, run

from .samples import VALUE, flow, image, numbers, source, story, task, with_rows
from .test_order import assert_at_rest


def one_task(words: int = 3, count: int = 1, **keys: Any) -> Image:
    """A task of 5 cycles that gets its instance's row, and whose result is the instance's."""
    flows = [flow(1, Kind.END, words=words, keep=1), task(0, 0, words=words, result=words)]
    lists = {(0, 0): [{"instance": n} for n in range(count)]}
    picture = image(flows, numbers({0: (source(SourceKind.CONST, 5), VALUE)}, 2), lists=lists, **keys)
    return with_rows(picture, words)


def host(*events: tuple[int, HostEvent, int]) -> np.ndarray:
    return np.array([*events], HOST_EVENT)


def test_a_row_comes_and_a_result_leaves() -> None:
    """1x1, 64 bits, three words: two rows behind a head of three flits."""
    assert -(-layouts(Config()).token_head.size // 64) == 3
    result = run(one_task())
    # Reserved in 2; reply queue 3, local queue 4 (router), link: taken by the port in 6, in its queue in 7. The host is
    # told in 8 and sends 2 + 3 words: `row` in 13, taken then. Flits 14 to 18, the last in the router in 20, in the
    # tile switch in 21, taken by the home in 22.
    assert story(result.events)[:5] == [
        (23, "cbu", "arrive", 0),
        (24, "cbu", "inject", 0),
        # FLOW 25, ACT 26; the sender takes it in 27, flits 28 to 32, switch 33, accepted in 34: 16 before its start.
        (26, "cbu", "dispatch", 0),
        (50, "0.0", "start", 0),
        (55, "0.0", "finish", 0),
    ]
    # IDLE 56, FLOW 57, ACT 58; flits 60 to 64; home 66, IDLE 67, FLOW 68, ARRIVE.
    assert story(result.events)[5:] == [(69, "cbu", "retire", 1)]
    # RESULT offered in 70, router 71, in the port's queue in 74: SEND; router 76, IDLE 77, HOLD 78, REPORT 79; flits 81
    # to 85, slot free in 86: DONE, router.
    assert result.done_cycle == 87
    # The last flit: switch 86, router 87, taken by the port in 89; from 90 on the host takes 3 + 3 words.
    assert result.cycles == 97
    assert_at_rest(result)


def test_the_slot_is_taken_with_the_row_and_free_behind_the_result() -> None:
    """Of one slot: the next instance's row is asked for when the result before has left, in the first even cycle."""
    result = run(one_task(count=2, slots=1))
    arrivals = [line[0] for line in story(result.events, "arrive")]
    assert arrivals == [23, 86 + 21]


def test_the_next_row_is_asked_for_while_one_is_used() -> None:
    """Injected in 24, so the engine is IDLE again in 27, and stream 0 has its turn in 28."""
    result = run(one_task(count=2))
    assert [line[0] for line in story(result.events, "arrive")] == [23, 28 + 21]
    assert [line[0] for line in story(result.events, "inject")] == [24, 50]


def test_a_row_waits_for_the_due_cycle_of_its_instance() -> None:
    picture = one_task()
    picture.tiles[0].list["due"] = 1001
    result = run(picture)
    assert [line[::2] for line in story(result.events, "arrive", "inject")] == [(23, "arrive"), (1002, "inject")]
    assert result.tile_cycles < 200


def test_a_slow_host_takes_so_many_cycles_for_a_word() -> None:
    result = run(one_task(), host_cycles=10)
    assert story(result.events)[0] == (8 + 5 * 10 + 10, "cbu", "arrive", 0)
    assert result.cycles == result.done_cycle + 3 + 10 * 6 + 1


def test_host_events_are_followed() -> None:
    """The same as with the model's own host, and with all of it later."""
    events = host((0, HostEvent.CREDIT, 1), (13, HostEvent.ROW, 3), (96, HostEvent.TAKEN, 1))
    own, followed = run(one_task()), run(one_task(), host=events)
    assert np.array_equal(own.events, followed.events)
    assert (own.done_cycle, own.cycles) == (followed.done_cycle, followed.cycles)
    late = run(one_task(), host=host((100, HostEvent.ROW, 3), (1074, HostEvent.CREDIT, 2), (2000, HostEvent.TAKEN, 1)))
    assert [line[0] for line in story(late.events, "arrive", "retire")] == [110, 157]
    assert late.done_cycle == 1087


def test_a_row_has_the_words_that_the_host_sends() -> None:
    """All 20 of them, in ten flits, but the task gets three."""
    result = run(one_task(), host=host((13, HostEvent.ROW, 20), (14, HostEvent.CREDIT, 1), (99, HostEvent.TAKEN, 1)))
    lines = story(result.events)
    assert lines[0] == (23 + 8, "cbu", "arrive", 0)
    assert [line[0] for line in lines[1:4]] == [32, 34, 58]


@pytest.mark.parametrize("width", [32, 128])
def test_widths(width: int) -> None:
    config = Config(data_width=width)
    flits = -(-layouts(config).token_head.size // width) + -(-3 * 32 // width)
    assert story(run(one_task(config=config)).events)[0] == (18 + flits, "cbu", "arrive", 0)


def test_results_are_sent_one_after_the_other() -> None:
    """Of inline ends, so of no words: a SEND answers each RESULT, four are under way until the host takes them."""
    flows = [flow(1, Kind.END, keep=1), task(0, 0)]
    lists = {(0, 0): [{"instance": n} for n in range(12)]}
    picture = image(flows, numbers({0: (source(SourceKind.CONST, 5), VALUE)}, 2), lists=lists, slots=12)
    free = run(picture)
    assert_at_rest(free)
    stuck = host((5, HostEvent.CREDIT, 9), (3000, HostEvent.TAKEN, 1), (4000, HostEvent.TAKEN, 1))
    with pytest.raises(ModelError) as caught:
        run(picture, host=stuck)
    assert str(caught.value).splitlines() == [
        # SEND in 4000, IDLE 4003, REPORT 4005; flits 4007 to 4009, the last at the port in 4013, which looks again.
        "stuck in cycle 4015: 12 of 12 instances retired",
        "  tile 0,0: 6 results for the host; 6 instances left",
        "  host port: 0 ROWs, 1 RESULTs, 0 rows and 4 results in buffers, 3 credits; the host does nothing more",
    ]


def test_a_silent_host_holds_up_its_stream_alone() -> None:
    """Two streams, the second with rows that do not come: the first one ends."""
    flows = [flow(1, Kind.END), task(0, 0)]
    lists = {(0, 0): [{"instance": n} for n in range(20)]}
    picture = image(flows, numbers({0: (source(SourceKind.CONST, 5), VALUE)}, 2), lists=lists)
    streams = np.concatenate([picture.tiles[0].streams] * 2)
    streams["count"], streams["first"], streams["slot"] = 10, [0, 10], [0, 4]
    object.__setattr__(picture.tiles[0], "streams", streams)
    with pytest.raises(ModelError) as caught:
        run(with_rows(picture, 4, stream=1), host=host())
    assert str(caught.value).splitlines()[0].endswith(": 10 of 20 instances retired")
    assert str(caught.value).splitlines()[1:] == [
        "  tile 0,0: a row under way; 10 instances left",
        "  host port: 1 ROWs, 0 RESULTs, 0 rows and 0 results in buffers, 0 credits; the host does nothing more",
    ]
    assert_at_rest(run(with_rows(picture, 4, stream=1)))


@pytest.mark.parametrize(
    "event", [(3, HostEvent.ROW, 3), (20, HostEvent.TAKEN, 1), (6, HostEvent.ROW, 3)], ids=["row", "taken", "early"]
)
def test_what_a_host_cannot_have_done_is_refused(event: tuple[int, HostEvent, int]) -> None:
    with pytest.raises(
        ModelError, match=rf"host event {event[1].name.lower()} \({event[2]}\) of cycle {event[0]} is not"
    ):
        run(one_task(), host=host(event))


def test_a_run_that_is_cut_off_says_so() -> None:
    with pytest.raises(ModelError, match="not finished after 60 cycles: 0 of 1 instances retired"):
        run(one_task(), 60)
