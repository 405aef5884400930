# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest

from octopus_hw.chip import deadlock
from octopus_hw.chip.deadlock import PORT, DeadlockError, Design, Node, check, end_points, graph
from octopus_hw.contract.config import Config
from octopus_hw.noc.control_route import host_turns
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.route import Port
from tests.noc.yx import YX

CONFIG = Config()

#: Rows before columns and columns before rows, as they come.
EVERY_TURN = replace(XY, turns=tuple(tuple(out for out in Port if out != port or port == Port.LOCAL) for port in Port))

#: From y to x twice, from the south to the east and from the north to the west: with x to y enough for a ring.
WRONG_TURNS = replace(
    XY,
    turns=tuple(
        (*outputs, *{Port.SOUTH: (Port.EAST,), Port.NORTH: (Port.WEST,)}.get(port, ()))
        for port, outputs in zip(Port, XY.turns, strict=True)
    ),
)


@pytest.mark.parametrize("mesh", [(1, 1), (2, 1), (1, 3), (2, 2), (3, 2), (5, 7), (16, 16)])
@pytest.mark.parametrize("tbus", [1, 4, 6])
@pytest.mark.parametrize("data_vcs", [1, 2])
def test_the_design_has_no_cycle(mesh, tbus, data_vcs):
    check(*mesh, Config(tbus=tbus, data_vcs=data_vcs))


@pytest.mark.parametrize(
    ("design", "at"),
    [
        (Design(data=EVERY_TURN), "data link"),
        (Design(data=EVERY_TURN, data_vcs=2), "data link"),
        (Design(data=WRONG_TURNS, data_vcs=2), "data link from south, turning"),
        (Design(control=EVERY_TURN), "request link"),
        (Design(more=(("home's receiver", "commands 4"),)), "home's sender"),
        (Design(more=(("arrivals", "commands 0"),)), "home's receiver"),
        (Design(more=(("engine", "commands 0"),)), "engine"),
        (Design(more=(("receiver 1", "completions 1"),)), "receiver 1"),
        (Design(more=(("reply eject", "engine's requests"),)), "reply eject"),
        (Design(more=(("reply eject", "request eject"),)), "engine's replies"),
        (Design(more=(("library", "lookup"),)), "lookup"),
        (Design(more=(("grants", "stalled"),)), "grants"),
        (Design(more=(("reply eject", "grants"),)), "grants"),
        (Design(more=(("engine's replies", "place"),)), "place"),
        (Design(more=(("reply eject", "engine's replies"),)), "reply eject"),
        (Design(more=(("arrivals", "row"),)), "arrivals"),
        (Design(more=(("home's sender", "result"),)), "home's sender"),
        (Design(more=(("completions 2", "stalled"), ("commands 1", "completions 2"))), "completions 2"),
    ],
)
def test_a_bad_design_is_refused_with_its_cycle(design, at):
    with pytest.raises(DeadlockError, match="a cycle of waiting: ") as caught:
        check(2, 2, CONFIG, design)
    cycle = str(caught.value).removeprefix("a cycle of waiting: ").split(" -> ")
    assert cycle[0] == cycle[-1] and len(cycle) > 2
    assert any(node.startswith(at) for node in cycle)
    waits = {str(who): {str(other) for other in whom} for who, whom in graph(2, 2, CONFIG.tbus, design).items()}
    assert all(whom in waits[who] for who, whom in pairwise(cycle))


def test_mixed_turns_need_a_square_to_go_round():
    turns = tuple(tuple(out for out in outputs if out != port) for port, outputs in enumerate(EVERY_TURN.turns))
    check(1, 4, CONFIG, Design(data=replace(XY, turns=turns)))


def test_a_message_for_the_host_turns_at_its_tile_only():
    waits = graph(3, 3, 1)
    assert Node("port") in waits[Node("reply link from south", 0, 0)]
    assert Node("reply link from east", 0, 1) not in waits[Node("reply link from south", 1, 1)]
    assert host_turns(XY) == ((Port.SOUTH, Port.WEST),)


def test_every_node_that_is_waited_for_is_known():
    waits = graph(2, 2, 4)
    assert {whom for others in waits.values() for whom in others} <= set(waits)
    assert all(whom.endswith("*") or "local" in whom or "switch" in whom or whom in PORT or whom in end_points(4)
               for others in end_points(4).values() for whom in others)  # fmt: skip


def test_links_follow_x_then_y():
    waits = graph(3, 3, 1)
    assert waits[Node("data link from north", 1, 1)] == [
        Node("switch input 2", 1, 1), Node("data link from north", 1, 2)
    ]  # fmt: skip
    assert XY.turns[Port.LOCAL] == (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST)


def test_what_goes_straight_on_waits_for_nothing_else():
    waits = graph(3, 3, 1, Design(data_vcs=2))
    beyond = [Node("data link from west, straight", 2, 1), Node("data link from west, turning", 2, 1)]
    assert waits[Node("data link from west, straight", 1, 1)] == beyond
    turning = waits[Node("data link from west, turning", 1, 1)]
    assert Node("switch input 2", 1, 1) in turning and not set(beyond) & set(turning)
    assert waits[Node("data link from north, turning", 1, 1)] == [Node("switch input 2", 1, 1)]


def test_a_library_needs_room_for_all_that_may_ask():
    with pytest.raises(DeadlockError, match="64 loaders ask a library whose queue has 63 entries"):
        check.__wrapped__(8, 8, SimpleNamespace(tbus=4, library_region=4, library_depth=63))


def test_grants_need_room_for_all_partners(monkeypatch):
    monkeypatch.setattr(deadlock, "GRANTS", 15)
    with pytest.raises(DeadlockError, match="16 partners grant places to a tile whose queue has 15 entries"):
        check.__wrapped__(2, 2, CONFIG)


def all_that_wait(waits, node):
    """What waits for a node, or for something that waits for it."""
    found = {node}
    while more := {who for who, whom in waits.items() if who not in found and found & set(whom)}:
        found |= more
    return found - {node}


@pytest.mark.parametrize("vcs", [1, 2])
def test_a_silent_host_keeps_slots_and_injections_alone(vcs):
    waits = graph(3, 2, 4, Design(data_vcs=vcs))
    kept = {"row", "result", "slot", "inject"}
    assert all_that_wait(waits, Node("host")) == {Node(name, x, y) for name in kept for x in range(3) for y in range(2)}
    # The port takes what comes, and what comes to it is in the mesh.
    assert waits[Node("port")] == []
    assert any(node.name.startswith("data link") for node in all_that_wait(waits, Node("port")))


def test_rows_and_results_pass_tile_0_0_as_the_policy_says():
    for routing, enters, leaves in ((XY, "west", "north"), (YX, "north", "west")):
        waits = graph(2, 2, 1, Design(data=routing))
        assert waits[Node("host's rows")] == [Node(f"data link from {enters}", 0, 0)]
        assert Node("port") in waits[Node("data link from east", 0, 0)]
        assert Node("port") in waits[Node("data link from south", 0, 0)]
        assert Node("port") not in waits[Node(f"data link from {leaves}", 0, 0)]
        assert Node("port") not in waits[Node("data link from east", 0, 1)]


def test_a_policy_lets_what_is_for_the_host_leave():
    with pytest.raises(ValueError, match="xy: no turn from south to the west"):
        replace(XY, leaves=Port.WEST)
