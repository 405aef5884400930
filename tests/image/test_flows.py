# SPDX-License-Identifier: Apache-2.0
from octopus_hw.contract.codes import Kind

from .samples import block, chain, compiled, rows, task, workflow

TASK, FORK, BRANCH, SPAWN, JOIN, END = Kind


def test_a_chain_has_one_row_for_each_flow_and_one_to_enter_by() -> None:
    result = compiled(chain(task("a"), task("b"), words=7))
    assert rows(result, "dest", "kind", "last", "next", "words") == [
        (1, TASK, 1, 1, 7),
        (2, END, 1, 0, 0),
        (0, TASK, 1, 0, 0),
    ]
    assert result.image.tiles[0].streams["entry"].tolist() == [2, 0]
    assert result.image.stream_mask == 1


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
    flows = ["a outer", "outer b 1", "outer inner", "inner c 2", "inner d 3", "b j 4", "c j 5", "d j 6", "j end"]
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
    joins = rows(result, "all", "count", "first", "mode", "offset", "stride", "record", "join")[3:6]
    assert joins == [(1, 3, 1, 1, 0, 0, 1, 0), (1, 3, 0, 1, 4, 0, 1, 0), (1, 3, 0, 1, 9, 0, 1, 0)]


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
        "pick held",
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
    assert (into_spawn["keep"], into_spawn["words"], into_spawn["aux"], into_spawn["join"]) == (1, 6, 2, 0)
    assert (into_b["laned"], into_b["stride"], into_b["words"]) == (1, 6, 6)
    assert (into_join["all"], into_join["mode"], into_join["stride"], into_join["laned"]) == (0, 2, 4, 0)
    # records: a, 3 x b, s, j; words: b 3 x 6, s 6, j 3 x 4
    assert [int(row["record"]) for row in (into_spawn, into_b, into_join)] == [4, 1, 5]
    assert [int(row["area"]) for row in (into_spawn, into_b, into_join)] == [18, 0, 24]
    home = result.needs.homes[0]
    assert (home.records, home.joins, home.store) == (6, 1, 36)


def test_an_empty_body_leads_from_spawn_to_join() -> None:
    blocks = [block("s", "spawn", count=4, join="j"), block("j", "join", of="s"), block("end", "end")]
    result = compiled(workflow(blocks, ["s j 2", "j end"]))
    assert rows(result, "dest", "kind", "aux", "words") == [(1, JOIN, 0, 2), (2, END, 0, 0), (0, SPAWN, 0, 0)]
    assert result.needs.homes[0].store == 2 + 8


def test_an_entry_branch_may_ask_for_words_of_the_injected_token() -> None:
    blocks = [block("b", "branch", choose=0), task("a"), task("c"), block("end", "end")]
    result = compiled(workflow(blocks, ["b a 9", "b end", "a c 3", "c end"]))
    assert result.needs.homes[0].store == 9


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
