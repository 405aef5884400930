# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from octopus_hw.contract.codes import Kind

from .samples import block, chain, compiled, noise, rows, task, workflow

TASK, FORK, BRANCH, SPAWN, JOIN, END = Kind


def test_a_chain_has_one_row_for_each_flow_and_one_to_enter_by() -> None:
    result = compiled(chain(task("a"), task("b"), words=7, ended=0))
    assert rows(result, "dest", "kind", "last", "next", "words") == [
        (1, TASK, 1, 1, 7),
        (2, END, 1, 0, 0),
        (0, TASK, 1, 0, 0),
    ]
    assert result.image.tiles[0].streams["entry"].tolist() == [2, 0]
    assert result.image.stream_mask == 1


@pytest.mark.parametrize(
    ("owg", "entry"),
    [
        (chain(task("a"), ended=0), 9),
        (workflow([block("f", "fork"), block("end", "end")], ["f end 12"]), 9),
        (workflow([block("p", "branch", choose=0), block("end", "end")], ["p end 12"]), 0),
        (
            workflow(
                [block("s", "spawn", count=2, join="j"), block("j", "join", of="s"), block("end", "end")],
                ["s j 4", "j end"],
            ),
            9,
        ),
        (workflow([block("end", "end")], []), 9),
    ],
)
def test_the_row_by_which_one_enters_takes_all_words_but_to_a_branch(owg: dict[str, Any], entry: int) -> None:
    result = compiled(owg, given=noise(1, 3, 9))
    (row,) = (result.image.flows[int(number)] for number in result.image.tiles[0].streams["entry"][:1])
    assert (row["words"], row["begin"], row["last"]) == (entry, 0, 1)


def test_flows_into_an_end_that_reports() -> None:
    blocks = [task("a"), block("p", "branch", choose={"quantiles": [0, 1]}), task("b"), block("end", "end")]
    flows = ["a p 4", "p end 5", "p b", "b end"]
    names = ("dest", "kind", "keep", "words", "record", "area")
    into = [(3, END, 1, 5, 1, 0), (3, END, 1, 0, 1, 0)]
    result = compiled(workflow(blocks, flows))
    assert [row for row in rows(result, *names) if row[1] == END] == into
    # the end has two quads of its own, behind two of the injected token's where there are rows
    assert (result.needs.homes[0].records, result.needs.homes[0].store) == (2, 8)
    result = compiled(workflow(blocks, ["a p 4", "p end", "p b", "b end"]), given=noise(1, 2, 7))
    assert [row[2:] for row in rows(result, *names) if row[1] == END] == [(1, 0, 1, 0)] * 2
    assert (result.needs.homes[0].records, result.needs.homes[0].store) == (2, 8)
    result = compiled(workflow(blocks, flows), given=noise(1, 2, 7))
    assert [row[2:] for row in rows(result, *names) if row[1] == END] == [(1, 5, 1, 2), (1, 0, 1, 2)]
    assert result.needs.homes[0].store == 16
    result = compiled(workflow(blocks, ["a p 4", "p end", "p b", "b end"]))
    assert [row[2:] for row in rows(result, *names) if row[1] == END] == [(0, 0, 0, 0)] * 2
    assert result.needs.homes[0].records == 1


def test_a_fork_behind_a_task_is_flattened_into_its_list() -> None:
    blocks = [
        task("a"),
        block("outer", "fork"),
        block("inner", "fork"),
        task("b"),
        task("c"),
        task("d"),
        block("j", "join", of="all", value="sum"),
        block("end", "end"),
    ]
    flows = ["a outer 9", "outer b 1", "outer inner 8", "inner c 2", "inner d 3", "b j 4", "c j 5", "d j 6", "j end"]
    result = compiled(workflow(blocks, flows))
    assert rows(result, "dest", "kind", "last", "next", "words") == [
        (3, TASK, 0, 3, 1),
        (4, TASK, 0, 4, 2),
        (5, TASK, 1, 5, 3),
        (6, JOIN, 1, 6, 4),
        (6, JOIN, 1, 6, 5),
        (6, JOIN, 1, 6, 6),
        (7, END, 1, 0, 0),
        (0, TASK, 1, 0, 0),
    ]
    joins = rows(result, "all", "count", "first", "mode", "offset", "room", "stride", "record", "join")[3:6]
    assert joins == [(1, 3, 1, 1, 0, 1, 0, 1, 0), (1, 3, 0, 1, 1, 2, 0, 1, 0), (1, 3, 0, 1, 3, 2, 0, 1, 0)]


def test_a_fork_behind_a_branch_or_at_the_entry_is_held_at_home() -> None:
    blocks = [
        block("start", "fork"),
        task("a"),
        block("pick", "branch", choose="value"),
        block("held", "fork"),
        task("b"),
        task("c"),
        block("inner", "join", of="all"),
        block("merge", "branch"),
        block("j", "join", of="all"),
        block("end", "end"),
    ]
    flows = [
        "start a 3",
        "start j 1",
        "a pick 99",
        "pick held 9",
        "pick merge",
        "held b 8",
        "held c 9",
        "b inner",
        "c inner",
        "inner merge",
        "merge j 2",
        "j end",
    ]
    result = compiled(workflow(blocks, flows))
    by_dest = {row["dest"]: row for row in result.image.flows}
    assert rows(result, "dest", "kind", "last", "words")[:5] == [
        (1, TASK, 0, 3),
        (8, JOIN, 1, 1),
        (2, BRANCH, 1, 0),
        (3, FORK, 0, 9),
        (7, BRANCH, 0, 0),
    ]
    assert by_dest[0]["kind"] == FORK and by_dest[0]["next"] == 0 and by_dest[0]["words"] == 0
    assert result.image.flows[int(by_dest[3]["next"])]["dest"] == 4
    # records: 0 the injected token, a and c, 1 start, 2 held, 3 inner, 4 b, 5 j
    assert [int(by_dest[n]["record"]) for n in (0, 1, 3, 4, 5, 6, 8)] == [1, 0, 2, 4, 0, 3, 5]
    assert (by_dest[2]["count"], by_dest[2]["aux"]) == (2, 0)


def test_a_loop_and_the_branch_it_leaves() -> None:
    blocks = [task("a"), block("again", "branch", choose="value"), block("end", "end")]
    loop = {"from": "again", "to": "a", "loop": True, "max_rounds": 3, "words": 5}
    result = compiled(workflow(blocks, ["a again", loop, "again end"]))
    assert rows(result, "dest", "loop", "max_rounds", "words", "count", "aux", "next") == [
        (1, 0, 0, 0, 2, 1, 1),
        (0, 1, 3, 5, 0, 0, 0),
        (2, 0, 0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, 0, 0),
    ]


def test_a_spawn_its_body_and_its_join() -> None:
    blocks = [
        task("a", value=3),
        block("s", "spawn", count="value", join="j", keep_value=True),
        task("b"),
        block("j", "join", of="s", value="max"),
        block("end", "end"),
    ]
    result = compiled(workflow(blocks, ["a s 50", "s b 6", "b j 4", "j end"]))
    into_spawn, into_b, into_join = result.image.flows[:3]
    assert (into_spawn["keep"], into_spawn["words"], into_spawn["aux"], into_spawn["join"]) == (1, 50, 2, 0)
    assert (into_b["laned"], into_b["stride"], into_b["words"]) == (1, 2, 6)
    assert (into_join["all"], into_join["mode"], into_join["laned"]) == (0, 2, 0)
    assert (into_join["stride"], into_join["room"], into_join["words"]) == (1, 1, 4)
    # records: a, 3 x b, s, j; quads: b 3 x 2, s 13, j 3 x 1
    assert [int(row["record"]) for row in (into_spawn, into_b, into_join)] == [4, 1, 5]
    assert [int(row["area"]) for row in (into_spawn, into_b, into_join)] == [6, 0, 19]
    home = result.needs.homes[0]
    assert (home.records, home.joins, home.store) == (6, 1, 88)


def test_an_empty_body_leads_from_spawn_to_join() -> None:
    blocks = [block("s", "spawn", count=4, join="j"), block("j", "join", of="s"), block("end", "end")]
    result = compiled(workflow(blocks, ["s j 2", "j end"]))
    assert rows(result, "dest", "kind", "aux", "words") == [(1, JOIN, 0, 2), (2, END, 0, 0), (0, SPAWN, 0, 0)]
    assert result.needs.homes[0].store == 4 * 4


def sliced(source: str, target: str, words: int, first: int, stride: int = 0) -> dict[str, Any]:
    return {"from": source, "to": target, "words": words, "first": first, "stride": stride}


def test_a_tasks_result_ends_where_the_last_slice_of_it_does() -> None:
    blocks = [task("a"), block("pick", "branch", choose="value"), task("b"), task("c"), block("m", "branch")]
    blocks += [block("j", "join", of="all"), block("end", "end")]
    flows = ["a pick 99", "pick b 9", "pick c 5", sliced("a", "j", 2, 4), "b m", "c m", "m j 1", "j end 6"]
    result = compiled(workflow(blocks, flows))
    assert rows(result, "dest", "words", "begin", "room")[:2] == [(1, 0, 0, 0), (5, 2, 1, 1)]
    by_dest = {row["dest"]: int(row["result"]) for row in result.image.flows}
    assert [by_dest[number] for number in (0, 2, 3)] == [9, 1, 1]


def test_slices_through_flattened_forks_are_slices_of_slices() -> None:
    blocks = [task("a"), block("outer", "fork"), block("inner", "fork"), *(task(name) for name in "bcde")]
    blocks += [block("j", "join", of="all"), block("end", "end")]
    flows = [sliced("a", "outer", 30, 8), sliced("outer", "inner", 20, 4), "outer b 99"]
    flows += [sliced("inner", "c", 8, 4), sliced("inner", "d", 4, 16), sliced("inner", "e", 0, 4)]
    flows += [f"{name} j" for name in "bcde"]
    result = compiled(workflow(blocks, [*flows, "j end"]))
    # of the result's 38 words: inner's are 12 to 31, b's 8 to 37
    assert [row[1:] for row in rows(result, "dest", "begin", "words")[:4]] == [(4, 8), (7, 4), (0, 0), (2, 30)]


def test_nothing_is_left_beyond_what_came_to_a_fork_by_a_short_way() -> None:
    blocks = [block("p", "branch", choose=0), *(task(name) for name in "abcd"), block("f", "fork")]
    blocks += [block("j", "join", of="all"), block("end", "end")]
    flows = ["p a", "p b", "a f 12", "b f 6", sliced("f", "c", 4, 8), sliced("f", "d", 4, 4), "c j", "d j", "j end"]
    result = compiled(workflow(blocks, flows))
    assert [row[1:] for row in rows(result, "dest", "words", "begin")[2:6]] == [(4, 2), (4, 1), (0, 0), (2, 1)]


@pytest.mark.parametrize(("outer", "held"), [({"words": 5}, 0), ({"words": 4}, 1), ({"words": 9, "first": 4}, 1)])
def test_a_fork_is_held_if_words_behind_its_branch_are_not_the_holders_first(outer: dict[str, int], held: int) -> None:
    blocks = [task("a"), block("f", "fork"), block("p", "branch", choose=0), task("b"), task("c")]
    blocks += [block("j", "join", of="all"), block("end", "end")]
    flows = [{"from": "a", "to": "f"} | outer, "f p 7", "f c 3", "p b 5", "b j", "c j", "j end"]
    result = compiled(workflow(blocks, flows))
    assert len(result.needs.homes[0].lists.held) == held
    assert (Kind.FORK in result.image.flows["kind"]) == bool(held)


def test_children_step_through_their_spawns_data() -> None:
    blocks = [task("a"), block("s", "spawn", count=3, join="j"), task("b"), block("j", "join", of="s")]
    flows = ["a s 20", sliced("s", "b", 8, 4, 4), "b j 5", "j end 24"]
    result = compiled(workflow([*blocks, block("end", "end")], flows))
    fields = ("words", "begin", "step", "room", "stride", "result")
    assert rows(result, *fields)[:3] == [(20, 0, 0, 0, 0, 0), (8, 1, 1, 0, 2, 5), (5, 0, 0, 2, 2, 0)]


def test_block_numbers_go_on_from_stream_to_stream() -> None:
    from octopus_hw.contract.config import Config
    from octopus_hw.image.compile import compile_workload

    from .samples import workload

    one, two = chain(task("a")), chain(task("b"), task("c"))
    streams = [{"owg": one, "instances": 1}, {"owg": two, "instances": 2}, {"owg": one, "instances": 1}]
    image = compile_workload(workload(*streams), 1, 1, Config(), "naive").image
    assert image.flows["dest"].tolist() == [1, 0, 3, 4, 2, 6, 5]
    assert image.tiles[0].streams["entry"].tolist() == [1, 4, 6, 0]
    assert image.stream_mask == 3
    assert image.tiles[0].streams["first"].tolist() == [0, 1, 3, 0]
    assert image.tiles[0].list["instance"].tolist() == [0, 1, 2, 3]
