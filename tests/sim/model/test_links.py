# SPDX-License-Identifier: Apache-2.0
"""Links between tiles: stalls, deeper buffers and two classes (docs/timing.md#links)."""

import pytest

from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_sim.model import state as st
from octopus_sim.model.twins import Bench, stall_twin

from .rig import CONTROL, DATA, bench, step

LAST = 1 << 61
MASK = 0xFFFFFFFF
NORTH, EAST, SOUTH, WEST = range(1, 5)
#: Of the data links in the page's word; those of the control links follow.
LINKS = 4


def header(x: int, y: int) -> int:
    return x | y << 7


def to_host() -> int:
    return 1 << 14 | int(Message.DONE) << 15


def page_word(seed: int, x: int, y: int, cycle: int) -> int:
    h = ((seed ^ (x << 25 | y << 18)) + (cycle >> 2)) & MASK
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        h = (h ^ h >> shift) * factor & MASK
    return h


def stalls(b: Bench, tile: int, link: int, cycle: int) -> bool:
    p = b.state.params[0]
    x, y = tile % int(p["columns"]), tile // int(p["columns"])
    return page_word(int(p["seed"]), x, y, cycle) >> 4 * link & 15 < int(p["stalls"])


def test_the_word_of_the_page() -> None:
    for place in (
        (0, 0, 0, 0),
        (1, 0, 0, 3),
        (MASK, 127, 127, MASK),
        (0xDEADBEEF, 64, 1, 12345),
        (7, 3, 2, 0x7FFFFFFF),
    ):
        assert stall_twin(*place) == page_word(*place)


def sent_in(b: Bench, part: int, tile: int, begin: int, far: int) -> int:
    """Step a router from a cycle on until an item arrives in a queue; return the cycle in which it was sent."""
    for now in range(begin, begin + 100):
        step(b, now, part, tile=tile)
        if b.take(far, now + 2) is not None:
            return now
    raise AssertionError("it was not sent")


def check_stalls(b: Bench, tile: int, link: int, begin: int, sent: int) -> int:
    """Demand that a link that could send from a cycle on did in the first without stall; return how long it waited."""
    assert all(stalls(b, tile, link, now) for now in range(begin, sent))
    assert not stalls(b, tile, link, sent)
    return sent - begin


@pytest.mark.parametrize(("to", "port"), [((1, 0), NORTH), ((2, 1), EAST), ((1, 2), SOUTH), ((0, 1), WEST)])
def test_a_data_link_sends_as_soon_as_it_does_not_stall(to: tuple[int, int], port: int) -> None:
    b = bench(3, 3, config=Config(link_stalls=6))
    tile = 4
    far = int(b.state.switch[2 * tile]["out"][port])
    waited = []
    for now in range(0, 4000, 101):
        b.push(b.queue("data", 0, tile=tile), now, header(*to) | LAST)
        waited.append(check_stalls(b, tile, port - 1, now + 1, sent_in(b, DATA, tile, now + 1, far)))
    assert 5 < sum(map(bool, waited)) < 25


@pytest.mark.parametrize("kind", [Message.PLACE, Message.ANSWER])
def test_a_control_link_stalls_for_both_classes(kind: Message) -> None:
    b = bench(2, 1, config=Config(link_stalls=6))
    number = int(kind == Message.ANSWER)
    waited = []
    for now in range(0, 4000, 101):
        b.push(b.queue("control", number), now, 1 | int(kind) << 15)
        sent = sent_in(b, CONTROL, 0, now + 1, b.queue("control", 8 + number, tile=1))
        waited.append(check_stalls(b, 0, LINKS + EAST - 1, now + 1, sent))
    assert 5 < sum(map(bool, waited)) < 25


def test_the_hosts_link_stalls_too() -> None:
    b = bench(2, 1, config=Config(link_stalls=6))
    waited = []
    for begin in range(2, 4000, 101):
        b.push(b.queue("control", 5), begin - 2, to_host())  # from the east
        now = begin
        while b.state.total[st.TOTAL_DONE] < begin:
            step(b, now, CONTROL)
            now += 1
        waited.append(check_stalls(b, 0, LINKS + WEST - 1, begin, int(b.state.total[st.TOTAL_DONE])))
    assert 5 < sum(map(bool, waited)) < 25


def test_a_packet_is_sent_without_local_stalls() -> None:
    """The tile's own inputs and outputs are queues: all links may stall, packets go from home to home."""
    b = bench(1, 1, config=Config(link_stalls=15))
    for now in range(1, 200, 3):
        b.push(b.queue("data", 0), now, header(0, 0) | LAST)
        step(b, now + 1, DATA)
        assert b.take(b.queue("switch", 5), now + 2) is not None


@pytest.mark.parametrize(
    ("to", "port", "number"),
    [
        ((2, 2), 0, 0),
        ((2, 1), NORTH, 1), ((2, 0), NORTH, 0),
        ((3, 2), EAST, 1), ((3, 0), EAST, 1), ((4, 2), EAST, 0), ((4, 4), EAST, 0),
        ((2, 3), SOUTH, 1), ((2, 4), SOUTH, 0),
        ((1, 2), WEST, 1), ((1, 4), WEST, 1), ((0, 2), WEST, 0), ((0, 0), WEST, 0),
    ],
)  # fmt: skip
def test_a_packet_that_goes_straight_on_has_class_0(to: tuple[int, int], port: int, number: int) -> None:
    b = bench(5, 5, config=Config(data_vcs=2))
    tile = 12
    b.push(b.queue("data", 0, tile=tile), 0, header(*to) | LAST)
    step(b, 5, DATA, tile=tile)
    outs = b.state.switch[2 * tile]["out"]
    held = [lane for lane in range(10) if lane != 1 and b.state.cell["stamp"][b.state.queue[outs[lane]]["base"]] > 0]
    assert held == [2 * port + number]


def test_each_class_has_its_own_queue_at_the_next_tile() -> None:
    """East of tile 0 comes tile 1's side west: input 4 for class 0, input 8 for class 1."""
    b = bench(3, 1, config=Config(data_vcs=2, data_buffer=6))
    local = b.queue("data", 0)
    for now, (x, port) in enumerate(((2, WEST), (1, WEST + 4))):
        far = b.queue("data", port, tile=1)
        assert int(b.state.queue[far]["depth"]) == 6
        b.push(local, 10 * now, header(x, 0) | LAST)
        step(b, 10 * now + 1, DATA)
        assert b.take(far, 10 * now + 3) == header(x, 0) | LAST


def test_a_packet_of_one_class_passes_one_that_is_stuck_in_the_other() -> None:
    b = bench(3, 1, config=Config(data_vcs=2))
    straight, turning = b.queue("data", WEST, tile=2), b.queue("data", WEST + 4, tile=2)
    assert straight != turning
    # From tile 1 all packets to tile 2 end there: class 1. Fill class 1 of tile 1's own queue from tile 0 instead.
    to_one, to_two = b.queue("data", WEST + 4, tile=1), b.queue("data", WEST, tile=1)
    while b.push(to_one, 0, 0):
        pass
    b.push(b.queue("data", 0), 0, header(2, 0) | LAST)
    step(b, 1, DATA)
    assert b.take(to_two, 3) is not None
    b.push(b.queue("data", 0), 3, header(1, 0) | LAST)
    step(b, 4, DATA)
    assert b.take(b.queue("data", 0), 5) is not None  # it waits: no credit of class 1


def test_two_packets_of_two_classes_share_a_link_flit_by_flit() -> None:
    """The round robin turns on with every flit; each class is one packet's from its first flit to its last."""
    b = bench(4, 1, config=Config(data_vcs=2, data_buffer=16))
    tile = 1
    ending, passing = b.queue("data", 0, tile=tile), b.queue("data", WEST, tile=tile)
    for n in range(4):
        last = LAST if n == 3 else 0
        b.push(ending, n, (header(2, 0) if n == 0 else n) | last)
    for n in range(4):
        last = LAST if n == 3 else 0
        b.push(passing, n, (header(3, 0) if n == 0 else n) | last)
    far = [b.queue("data", WEST + 4 * number, tile=2) for number in range(2)]
    came = []
    for now in range(10, 20):
        step(b, now, DATA, tile=tile)
        came += [(now, number) for number in range(2) if b.take(far[number], now + 2) is not None]
    # The pointer is 0: input 0, class 1, first; then turn by turn.
    assert came == [(10 + n, 1 - n % 2) for n in range(8)]


def test_a_class_in_use_is_no_other_packets() -> None:
    b = bench(4, 1, config=Config(data_vcs=2, data_buffer=16))
    tile = 1
    local, other = b.queue("data", 0, tile=tile), b.queue("data", WEST + 4, tile=tile)
    b.push(local, 0, header(2, 0))  # the first flit of a packet whose rest is late
    step(b, 1, DATA, tile=tile)
    # A packet from the west that ends in the next tile too; it came in class 1, as if it turned here.
    b.push(other, 1, header(2, 0) | LAST)
    for now in range(3, 8):
        step(b, now, DATA, tile=tile)
    b.push(local, 8, 5 | LAST)
    step(b, 9, DATA, tile=tile)
    step(b, 10, DATA, tile=tile)
    far = b.queue("data", WEST + 4, tile=2)
    assert [b.take(far, now) for now in (12, 13, 14)] == [header(2, 0), 5 | LAST, header(2, 0) | LAST]
