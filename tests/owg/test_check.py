# SPDX-License-Identifier: Apache-2.0
"""Workflows that are not well-formed: every refusal in its exact words. And large ones, in time."""

import time

import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.owg.check import check
from octopus_hw.owg.document import Node
from octopus_hw.owg.parse import parse_workflow
from tests.owg.samples import parse


def graph(blocks, flows, entry=None):
    """Make a workflow from "id kind extra" words and "from to [loop]" words."""
    listed = []
    for text in blocks.split(", "):
        name, kind, *rest = text.split()
        keys = {"task": {"cycles": 5}, "branch": {"choose": 0}, "spawn": {"count": 2}}.get(kind, {})
        if rest:
            keys = {**keys, {"spawn": "join", "join": "of"}[kind]: rest[0]}
        listed.append({"id": name, "kind": kind, **keys})
    arrows = []
    for text in flows.split(", ") if flows else []:
        source, target, *loop = text.split()
        arrows.append({"from": source, "to": target, **({"loop": True} if loop else {})})
    return parse({"owg": 1, "name": "n", "blocks": listed, "entry": entry or listed[0]["id"], "flows": arrows})


BAD = {
    "duplicate id": (
        "a task, a task, z end",
        "a z",
        "blocks[1].id: duplicate id 'a', taken by blocks[0]; rename one of them",
    ),
    "no end": ("a task", "a a", "blocks: there is no end; add a block of kind 'end' that all work leads to"),
    "two ends": (
        "a branch, y end, z end",
        "a y, a z",
        "blocks[2]: two ends, 'y' and 'z'; keep one and let all flows lead to it",
    ),
    "dangling from": (
        "detect task, z end",
        "detect z, detekt z",
        "flows[1].from: there is no block 'detekt'; did you mean 'detect'?",
    ),
    "dangling to": ("a task, z end", "a end", "flows[0].to: there is no block 'end'; known: 'a', 'z'"),
    "entry is a join": (
        "j join all, z end",
        "j z",
        "entry: 'j' is a join; start at a block of another kind",
    ),
    "join of no spawn": (
        "a task, j join a, z end",
        "a j, j z",
        "blocks[1].of: there is no spawn 'a'; there are none",
    ),
    "spawn without join": (
        "s spawn jjj, j join all, z end",
        "s j, j z",
        "blocks[0].join: there is no join 'jjj'; did you mean 'j'?",
    ),
    "two joins of one spawn": (
        "s spawn j, j join s, k join s, z end",
        "s j, j k, k z",
        "blocks[2].of: spawn 's' names 'j', not 'k'; let each name the other",
    ),
    "flow out of the end": ("a task, z end", "a z, z a", "flows[1].from: 'z' is the end; nothing leaves it"),
    "dead end": (
        "a branch, b task, z end",
        "a b, a z",
        "blocks[1]: no flow leaves task 'b'; add one on the way to the end",
    ),
    "spawn with two flows": (
        "s spawn j, a task, b task, j join s, z end",
        "s a, s b, a j, b j, j z",
        "blocks[0]: 2 flows leave spawn 's'; keep one, to a fork or branch if need be",
    ),
    "unreachable": (
        "a task, b task, z end",
        "a z, b z",
        "blocks[1]: 'b' is unreachable from the entry 'a'; add a flow to it or remove it",
    ),
    "loop without exit": (
        "a task, b branch, c branch, z end",
        "a c, c z, c b, b a loop",
        "blocks[1]: branch 'b' is a loop without exit; add a flow from it that is no loop",
    ),
    "never reaches the end": (
        "a branch, b fork, c fork, z end",
        "a z, a b, b c, c b",
        "blocks[1]: 'b' never reaches the end 'z'; add a flow that leads there (a loop needs an exit)",
    ),
    "loop out of a task": (
        "a task, b task, z end",
        "a b, b z, b a loop",
        "flows[2].from: a loop leaves a branch, but 'b' is a task; put a branch behind it",
    ),
    "loop into a join": (
        "a task, j join all, b branch, z end",
        "a j, j b, b z, b j loop",
        "flows[3].to: a loop enters no join, but 'j' is one; go back elsewhere",
    ),
    "cycle without loop": (
        "a task, b task, c branch, z end",
        "a b, b c, c z, c b",
        'flows[3]: the cycle b -> c -> b has no loop flow; give its back edge, out of a branch, "loop": true',
    ),
    "loop that goes forward": (
        "a branch, b task, z end",
        "a z, a b loop, b z",
        "flows[1]: 'b' does not lead to 'a', so this is no back edge; remove \"loop\" or turn it round",
    ),
    "nested spawn": (
        "s spawn j, t spawn k, k join t, j join s, z end",
        "s t, t k, k j, j z",
        "blocks[1]: spawn 't' is nested in the body of spawn 's'; format 1 has no nested spawns, so join 'j' before it",
    ),
    "end in a body": (
        "s spawn j, b branch, j join s, z end",
        "s b, b j, b z, j z",
        "blocks[3]: the body of spawn 's' reaches end 'z'; leave it through 'j'",
    ),
    "body back to its spawn": (
        "s spawn j, b branch, j join s, z end",
        "s b, b j, b s loop, j z",
        "blocks[0]: the body of spawn 's' leads back to it; leave it through join 'j' only",
    ),
    "body into another spawn's join": (
        "a branch, s spawn j, b branch, j join s, t spawn k, k join t, z end",
        "a s, a t, s b, b j, b k, t k, j z, k z",
        "blocks[5]: the body of spawn 's' leads to join 'k' of spawn 't'; leave it through 'j'",
    ),
    "shared body": (
        "a branch, s spawn j, t spawn k, b task, c branch, j join s, k join t, z end",
        "a s, a t, s b, t c, c k, c b, b j, j z, k z",
        "blocks[3]: 'b' lies in the bodies of two spawns, 's' and 't'; give each a copy of it",
    ),
    "entry in a body": (
        "b branch, s spawn j, x task, j join s, c branch, z end",
        "b j, b x, x j, j c, c z, c s loop, s b",
        "entry: 'b' lies in the body of spawn 's'; start outside of it",
    ),
    "past the spawn into its body": (
        "a branch, s spawn j, b task, j join s, z end",
        "a s, a b, s b, b j, j z",
        "flows[1]: 'a' leads past spawn 's' to 'b'; enter the spawn's body and join through the spawn only",
    ),
    "past the spawn into its join": (
        "a branch, s spawn j, b task, j join s, z end",
        "a s, a j, s b, b j, j z",
        "flows[1]: 'a' leads past spawn 's' to 'j'; enter the spawn's body and join through the spawn only",
    ),
    "fork never joined": (
        "a task, f fork, b task, c task, z end",
        "a f, f b, f c, b z, c z",
        "blocks[1]: fork 'f' is never joined: 2 of its tokens reach 'z'; bring them together in a join of \"all\"",
    ),
    "task never joined": (
        "a task, z end",
        "a z, a z",
        "blocks[0]: task 'a' is never joined: 2 of its tokens reach 'z'; bring them together in a join of \"all\"",
    ),
    "fork never joined in an alternative": (
        "a branch, f fork, b task, c task, d task, z end",
        "a d, d z, a f, f b, f c, b z, c z",
        "blocks[1]: fork 'f' is never joined: 2 of its tokens reach 'z'; bring them together in a join of \"all\"",
    ),
    "fork never joined in a body": (
        "s spawn j, f fork, b task, c task, j join s, z end",
        "s f, f b, f c, b j, c j, j z",
        "blocks[1]: fork 'f' is never joined: 2 of its tokens reach 'j'; bring them together in a join of \"all\"",
    ),
    "branch straight into an all join": (
        "b branch, x task, j join all, z end",
        "b j, b x, x j, j z",
        "flows[0]: branch 'b' goes straight into join 'j', which waits for all its flows; merge the branch's flows in "
        "one block before it",
    ),
    "branch into an all join": (
        "b branch, x task, y task, j join all, z end",
        "b x, b y, x j, y j, j z",
        "blocks[0]: branch 'b': its ways over 'x' and 'y' lead to different joins or flows of a join; let them meet in "
        "one block before the next join",
    ),
    "join with two flows": (
        "f fork, j join all, z end",
        "f j, f j, j z, j z",
        "blocks[1]: 2 flows leave join 'j'; keep one, to a fork or branch if need be",
    ),
    "join that waits for ever": (
        "f fork, x task, b branch, g fork, m branch, j join all, z end",
        "f x, f b, x m, b z, b g, g m, g j, m j, j z",
        "blocks[5]: join 'j' can get a token from 'm' and none from 'g'; join all that one fork sends, and "
        "nothing else",
    ),
    "join that a body enters first": (
        "s spawn j, k join all, b branch, f fork, j join s, z end",
        "s k, k b, b f loop, b j, f k, f k, j z",
        "blocks[1]: join 'k' can get a token from 's' and none from 'f'; join all that one fork sends, and "
        "nothing else",
    ),
    "join starved by a loop": (
        "f fork, b branch, x task, j join all, z end",
        "f b, f j, b x, b f loop, x j, j z",
        "flows[3]: the loop from 'b' to 'f' enters or leaves the arm of a fork; let it go back within the same arm",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_refuses(case):
    blocks, flows, message = BAD[case]
    with pytest.raises(InputError) as caught:
        check(graph(blocks, flows))
    assert str(caught.value) == "random: " + message


def test_entry_that_is_not_there():
    with pytest.raises(InputError) as caught:
        check(graph("a task, z end", "a z", entry="aa"))
    assert str(caught.value) == "random: entry: there is no block 'aa'; did you mean 'a'?"


def test_branch_without_choose():
    document = {"owg": 1, "name": "n", "blocks": [{"id": "b", "kind": "branch"}, {"id": "z", "kind": "end"}]}
    document |= {"entry": "b", "flows": [{"from": "b", "to": "z"}] * 2}
    with pytest.raises(InputError) as caught:
        check(parse(document))
    assert str(caught.value) == "random: blocks[0]: branch 'b' has 2 flows; add 'choose'"


GOOD = {
    "one block": ("z end", ""),
    "merge": ("a task, b branch, m branch, z end", "a b, b m, b m, m z"),
    "empty body": ("s spawn j, j join s, z end", "s j, j z"),
    "loop at the entry": ("a task, b branch, z end", "a b, b a loop, b z"),
    "loop over blocks that only the loop enters": ("b branch, a task, z end", "b a loop, a b, b z"),
    "loop of one block": ("b branch, z end", "b b loop, b z"),
    "loop in a fork arm": ("f fork, a task, b branch, j join all, z end", "f a, a b, b a loop, b j, f j, j z"),
    "fork and join in a loop": ("f fork, j join all, b branch, z end", "f j, f j, j b, b f loop, b z"),
    "fork and join in one alternative": ("b branch, f fork, j join all, z end", "b z, b f, f j, f j, j z"),
    "spawn in a loop": ("s spawn j, a task, j join s, b branch, z end", "s a, a j, j b, b s loop, b z"),
    "loop in a body": ("s spawn j, a task, b branch, j join s, z end", "s a, a b, b a loop, b j, j z"),
    "fork in a body": ("s spawn j, f fork, k join all, j join s, z end", "s f, f k, f k, k j, j z"),
    "early exit out of a loop": ("a task, x branch, b branch, z end", "a x, x z, x b, b a loop, b z"),
    "not series-parallel": (
        "f fork, a task, b fork, j join all, k join all, l join all, z end",
        "f a, f b, a j, b j, b k, f k, j l, k l, l z",
    ),
    "alternatives that fork alike": (
        "b branch, f fork, g fork, m branch, n branch, j join all, z end",
        "b f, b g, f m, f n, g m, g n, m j, n j, j z",
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_accepts(case):
    check(graph(*GOOD[case]))


def chain_of(kind, count):
    """Make a long row of diamonds, loops or spawns."""
    blocks, flows, last = [{"id": "a", "kind": "task", "cycles": 1}], [], "a"
    for n in range(count):
        head, tail = f"h{n}", f"t{n}"
        if kind == "fork":
            blocks += [{"id": head, "kind": "fork"}, {"id": tail, "kind": "join", "of": "all"}]
            flows += [{"from": last, "to": head}] + [{"from": head, "to": tail}] * 2
        elif kind == "loop":
            blocks += [{"id": head, "kind": "task", "cycles": 1}, {"id": tail, "kind": "branch", "choose": 0}]
            flows += [{"from": last, "to": head}, {"from": head, "to": tail}, {"from": tail, "to": head, "loop": True}]
        else:
            blocks += [{"id": head, "kind": "spawn", "count": 1, "join": tail}]
            blocks += [{"id": tail, "kind": "join", "of": head}]
            flows += [{"from": last, "to": head}, {"from": head, "to": tail}]
        last = tail
    blocks.append({"id": "z", "kind": "end"})
    flows.append({"from": last, "to": "z"})
    return {"owg": 1, "name": "long", "blocks": blocks, "entry": "a", "flows": flows}


@pytest.mark.parametrize("kind", ["fork", "loop", "spawn"])
def test_large_graphs_take_seconds(kind):
    workflow = parse(chain_of(kind, 10_000))
    start = time.monotonic()
    check(workflow)
    assert time.monotonic() - start < 5


def test_large_graph_with_an_error_takes_seconds():
    document = chain_of("fork", 2_500)
    document["blocks"][-2] = {"id": document["blocks"][-2]["id"], "kind": "task", "cycles": 1}
    start = time.monotonic()
    with pytest.raises(InputError) as caught:
        check(parse(document))
    assert time.monotonic() - start < 5
    assert "fork 'h2499' is never joined: 2 of its tokens reach 't2499'" in str(caught.value)


def test_errors_in_an_embedded_workflow_name_the_file():
    blocks = [{"id": "a", "kind": "task", "cycles": 1}, {"id": "z", "kind": "end"}]
    document = {"owg": 1, "name": "n", "blocks": blocks, "entry": "b", "flows": []}
    with pytest.raises(InputError) as caught:
        check(parse_workflow(Node("w.json", "streams[0].owg", document)))
    assert str(caught.value) == "w.json: streams[0].owg.entry: there is no block 'b'; known: 'a', 'z'"
