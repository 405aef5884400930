# SPDX-License-Identifier: Apache-2.0
"""Units one by one, each rule of docs/timing.md by itself."""

import numpy as np
import pytest

from octopus_hw.contract.codes import Message, SourceKind
from octopus_hw.contract.config import Config
from octopus_hw.owg.draw import draw
from octopus_sim.model import state as st
from octopus_sim.model.twins import Bench, draw_twin

from .rig import CONTROL, DATA, ENGINE, PORTS, SWITCH, TBU, bench, bound, step, tbu
from .samples import numbers, source

LAST = 1 << 61


# The draw unit: values, and cycles from k to r.


@pytest.mark.parametrize(
    ("descriptor", "more", "number", "late"),
    [
        (source(SourceKind.CONST, 77), [], 77, 0),
        (source(SourceKind.VALUE), [], 9, 0),
        (source(SourceKind.AFFINE, 4), [100, -3], 73, 3),
        (source(SourceKind.AFFINE, 4), [1, -3], 0, 3),
        (source(SourceKind.AFFINE, 4), [65000, 100], 65535, 3),
        (source(SourceKind.THRESHOLDS, 4, 4), [3, 9, 10, 65535], 2, 4),
        (source(SourceKind.REPLAY, 4), [0, 2 << 16 | 6, 1 << 16 | 8, 2 << 16 | 9, 1, 2, 3], 3, 3),
        (source(SourceKind.SCENES, 4), [0, 0, source(SourceKind.CONST, 5)], 5, 1),
        (source(SourceKind.SCENES, 4), [0, 0, source(SourceKind.AFFINE, 7), 1, 1], 10, 4),
    ],
)  # fmt: skip
def test_numbers_and_latencies(descriptor: int, more: list[int], number: int, late: int) -> None:
    table = numbers({0: (descriptor, 0)}, 2, *more).astype(np.int64)
    # Value 9, index 7, round 3, scene 2, replay row 1.
    result, r = draw_twin(table, 1, 0, 0, 5, 7, 3, 9, 2 << 12 | 1)
    assert (result, r) == (number, late)


@pytest.mark.parametrize("field", [0, 1])
def test_quantiles_follow_the_hash(field: int) -> None:
    table = numbers({1: (source(SourceKind.QUANTILES, 4, 7),) * 2}, 2, *range(7)).astype(np.int64)
    for instance in range(50):
        result, late = draw_twin(table, 0xDEADBEEF, 1, field, instance, 3, 200, 0, 0)
        assert result == draw(0xDEADBEEF, instance, 1, 3, 200, field) * 7 >> 32
        assert late == 4  # t = k - 1; e = t + 4; r = e + 1


# Queues.


def test_a_take_in_the_same_cycle_makes_no_room() -> None:
    b = bench()
    k = b.queue("eject")  # depth 4
    assert [b.push(k, 10 + n, n) for n in range(5)] == [True] * 4 + [False]
    assert b.take(k, 15) == 0
    assert not b.push(k, 15, 9)
    assert b.push(k, 16, 9)
    assert [b.take(k, 17 + n) for n in range(5)] == [1, 2, 3, 9, None]


def test_an_item_is_seen_in_the_next_cycle_and_on_a_link_one_latency_later() -> None:
    b = bench(config=Config(link_latency=3))
    local, link = b.queue("data", 0), b.queue("data", 1)
    assert b.push(local, 5, 1) and b.take(local, 5) is None and b.take(local, 6) == 1
    assert b.push(link, 5, 1) and b.take(link, 8) is None and b.take(link, 9) == 1
    depth = int(b.state.queue[link]["depth"])
    assert depth == 8
    assert [b.push(link, 6, n) for n in range(8)] == [True] * 7 + [False]  # the credit is back in 9 + 1 + 3
    assert not b.push(link, 12, 7)
    assert b.push(link, 13, 7)


# The wormhole switch.


def flit(x: int, y: int, unit: int, number: int = 0) -> int:
    return x | y << 7 | unit << 14 | number << 21


def test_a_packet_keeps_its_output_until_its_last_flit() -> None:
    b = bench(3, 1)
    ins = [b.queue("data", port, tile=1) for port in range(5)]
    out = b.queue("data", 4, tile=2)  # eastwards: the next tile's input west
    first, second = flit(2, 0, 0, 1), flit(2, 0, 0, 2)
    for now, last in enumerate((0, 0, LAST)):
        b.push(ins[0], now, first | last)
        b.push(ins[4], now, second | last)
    for now in range(2, 12):
        step(b, now, DATA, tile=1)
    taken = [(now, b.take(out, now)) for now in range(4, 16)]
    words = [(now, word) for now, word in taken if word is not None]
    # Link depth is 4: the fifth flit waits for the first one's credit.
    assert [word for _, word in words[:4]] == [first, first, first | LAST, second]
    assert b.state.switch[2]["pointer"][2] == 0  # behind input 4


@pytest.mark.parametrize(
    ("to", "port"), [((1, 1), 0), ((1, 0), 1), ((2, 0), 2), ((2, 2), 2), ((1, 2), 3), ((0, 1), 4), ((0, 2), 4)]
)
def test_routes_go_by_x_first(to: tuple[int, int], port: int) -> None:
    b = bench(3, 3)
    tile = 4
    b.push(b.queue("data", 0, tile=tile), 0, flit(*to, 0) | LAST)
    step(b, 5, DATA, tile=tile)
    outs = b.state.switch[2 * tile]["out"]
    held = [o for o in range(5) if b.state.cell["stamp"][b.state.queue[outs[o]]["base"]] > 0]
    assert held == [port]


@pytest.mark.parametrize(("unit", "x", "port"), [(0, 0, 0), (3, 0, 3), (7, 0, 4), (7, 1, 5), (2, 1, 5)])
def test_the_tile_switch_knows_units(unit: int, x: int, port: int) -> None:
    b = bench(2, 1)
    b.push(b.queue("switch", 1), 0, flit(x, 0, unit) | LAST)
    step(b, 3, SWITCH)
    outs = b.state.switch[1]["out"]
    held = [o for o in range(6) if b.state.cell["stamp"][b.state.queue[outs[o]]["base"]] > 0]
    assert held == [port]


# The control plane.


def message(x: int, y: int, kind: Message, host: int = 0, payload: int = 0) -> int:
    return x | y << 7 | host << 14 | int(kind) << 15 | payload << 33


def test_a_reply_goes_before_a_request_of_the_same_input() -> None:
    b = bench(2, 1)
    b.push(b.queue("control", 0), 0, message(1, 0, Message.PLACE))
    b.push(b.queue("control", 1), 0, message(1, 0, Message.ANSWER))
    step(b, 1, CONTROL)
    request, reply = b.queue("control", 8, tile=1), b.queue("control", 9, tile=1)
    assert b.take(reply, 3) is not None and b.take(request, 3) is None
    step(b, 2, CONTROL)
    assert b.take(request, 4) is not None


def test_a_request_goes_where_the_reply_cannot() -> None:
    b = bench(2, 1)
    reply = b.queue("control", 9, tile=1)
    while b.push(reply, 0, 0):  # no credit left for replies
        pass
    b.push(b.queue("control", 0), 0, message(1, 0, Message.PLACE))
    b.push(b.queue("control", 1), 0, message(1, 0, Message.ANSWER))
    step(b, 1, CONTROL)
    assert b.take(b.queue("control", 8, tile=1), 3) is not None


def test_the_host_is_west_of_the_first_tile() -> None:
    b = bench(2, 1)
    b.push(b.queue("control", 5), 0, message(0, 0, Message.DONE, host=1))  # from the east
    step(b, 3, CONTROL)
    assert b.state.total[st.TOTAL_DONE] == 3


def test_two_units_take_from_the_requests_but_one_in_a_cycle() -> None:
    for order in ((PORTS, ENGINE), (ENGINE, PORTS)):
        b = bench()
        b.state.engine["ticked"] = 0
        eject = b.queue("eject")
        b.push(eject, 0, message(0, 0, Message.CONFIG))
        b.push(eject, 1, message(0, 0, Message.PLACE))
        step(b, 5, *order)
        assert b.take(b.queue("library"), 6) is not None
        assert b.take(b.queue("reply"), 6) is None
        step(b, 6, *order)
        assert b.take(b.queue("reply"), 7) is not None


# Dispatcher and loader: TBU 0 with tokens, slots and PEAs as a test says.


def test_a_configured_pea_is_best_though_the_token_is_younger() -> None:
    b = tbu([5, 6], [5, 6], [-1, -1, 1])
    step(b, 10, TBU)
    assert bound(b) == [(2, 1, 1, 11)]
    assert b.state.tbu[0]["passed"] == 1
    step(b, 11, TBU)
    assert bound(b) == [(0, 0, 0, 16), (2, 1, 1, 11)]
    assert b.state.tbu[0]["passed"] == 0


def test_after_seven_the_oldest_goes_first_if_it_is_resident() -> None:
    b = tbu([5, 6], [5, 6], [-1, 1], passed=7)
    step(b, 10, TBU)
    assert bound(b) == [(0, 0, 0, 15)]
    b = tbu([7, 6], [5, 6], [-1, 1], passed=7)
    step(b, 10, TBU)
    assert bound(b) == [(1, 1, 1, 11)]
    assert b.state.tbu[0]["passed"] == 7


def test_without_adaptive_the_oldest_alone() -> None:
    b = tbu([7, 6], [5, 6], [-1, 1], adaptive=False)
    step(b, 10, TBU)
    assert bound(b) == []


def test_a_token_accepted_now_is_not_seen_yet() -> None:
    b = tbu([5], [5], [0], accepted=11)
    step(b, 10, TBU)
    assert bound(b) == []
    step(b, 11, TBU)
    assert bound(b) == [(0, 0, 0, 12)]


def loading(b: Bench) -> tuple[int, int] | None:
    """Slot and block that are loading."""
    slots = b.state.slot[: int(b.state.params[0]["slots"])]
    found = [(n, int(s["block"])) for n, s in enumerate(slots) if s["state"] == st.SLOT_LOADING]
    return found[0] if found else None


def test_the_lowest_empty_slot_is_loaded_for_the_oldest_without() -> None:
    b = tbu([5, 8, 9], [5, -1, 5, -1], [-1])
    step(b, 10, TBU)
    assert loading(b) == (1, 8)
    assert b.take(b.queue("ask"), 11) is not None
    step(b, 11, TBU)  # one at a time
    assert b.take(b.queue("ask"), 12) is None


@pytest.mark.parametrize(
    ("last", "passed", "contexts", "slot"),
    [
        (3, 0, [-1], 0),
        (0, 0, [-1], 3),  # 1 and 2 are wanted by waiting tokens
        (0, 7, [-1], 1),
        (2, 0, [3], 3),  # an idle PEA's context may go
    ],
)
def test_the_slot_to_replace(last: int, passed: int, contexts: list[int], slot: int) -> None:
    b = tbu([2, 1, 9], [0, 1, 2, 3], contexts, last_loaded=last, passed=passed)
    b.state.pea[0]["state"] = st.PEA_IDLE
    step(b, 10, TBU)
    assert loading(b) == (slot, 9)
    assert b.state.pea[0]["context"] != slot


def test_a_busy_peas_context_stays() -> None:
    b = tbu([9], [0, 1], [0, -1], last_loaded=1)
    b.state.pea[0]["state"], b.state.pea[0]["until"] = st.PEA_RUNNING, 100
    step(b, 10, TBU)
    assert loading(b) == (1, 9)


def test_without_prefetch_only_for_an_idle_pea() -> None:
    for prefetch, told in ((True, (0, 9)), (False, None)):
        b = tbu([9], [-1], [-1], prefetch=prefetch)
        b.state.pea[0]["state"], b.state.pea[0]["until"] = st.PEA_RUNNING, 100
        step(b, 10, TBU)
        assert loading(b) == told


def test_one_pea_starts_and_one_finishes_in_a_cycle_the_lowest_first() -> None:
    b = tbu([5, 5, 5, 5], [5], [0, 0, 0, 0])
    s = b.state
    s.tbu[0]["waits"] = 0
    for number in range(4):
        s.place[number]["cycles"] = 1
        s.place[number]["cycles_at"] = s.place[number]["value_at"] = s.place[number]["sum_at"] = 0
        s.pea[number]["state"], s.pea[number]["until"], s.pea[number]["place"] = st.PEA_BOUND, 10, number
    s.pea[0]["state"] = s.pea[2]["state"] = st.PEA_RUNNING
    step(b, 10, TBU)
    assert s.pea["state"][:4].tolist() == [st.PEA_IDLE, st.PEA_RUNNING, st.PEA_RUNNING, st.PEA_BOUND]
    step(b, 11, TBU)
    # PEA 1 has run its cycle, too, and is lower than PEA 2.
    assert s.pea["state"][:4].tolist() == [st.PEA_IDLE, st.PEA_IDLE, st.PEA_RUNNING, st.PEA_RUNNING]
