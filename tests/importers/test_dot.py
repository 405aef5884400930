# SPDX-License-Identifier: Apache-2.0
from pathlib import Path
from random import Random

import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.importers import Options, TaskGraph, convert, from_dot
from octopus_hw.importers.dot import read_dot
from octopus_hw.importers.graph import Data


def read(text: str) -> TaskGraph:
    return read_dot(text, "g.dot")


def edges(text: str) -> list[str]:
    return [f"{source} {target}" for source, target in read(text).data]


def cycles(text: str) -> dict[str, int | None]:
    return {name: task.cycles for name, task in read(text).tasks.items()}


def test_the_smallest() -> None:
    graph = read("digraph{a}")
    assert graph.name == "graph" and list(graph.tasks) == ["a"] and not graph.data


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a -> b -> c", ["a b", "b c"]),
        ("a->{b c}", ["a b", "a c"]),
        ("{a b} -> subgraph s { c; d } -> e", ["a c", "a d", "b c", "b d", "c e", "d e"]),
        ("a:p -> b:q:ne", ["a b"]),
        ('"a \\"x\\"" -> "b\\\nc"', ['a "x" bc']),
        ('"a" + "b" -> c', ["ab c"]),
        ("1 -> -.5; ä_1->b2", ["1 -.5", "ä_1 b2"]),
        ('"a"->b a->"b"', ["a b"]),
        ("<<b>x</b>> -> b", ["<<b>x</b>> b"]),
        ("a -> b // c -> d\n /* e -> f */\n# g -> h\n; i -> j", ["a b", "i j"]),
        ("subgraph cluster { a -> b } b -> c", ["a b", "b c"]),
        ("{a->b} -> {c}", ["a b", "a c", "b c"]),
        ("rankdir=LR; graph [x=y]; a->b [style=dashed,color=red;weight=3]", ["a b"]),
    ],
)
def test_edges(body: str, expected: list[str]) -> None:
    assert edges(f'strict  DiGraph "my g" {{ {body} }}') == expected


def test_defaults_hold_in_their_braces_for_what_is_new_in_them() -> None:
    text = "digraph { a; node [cycles=2]; a; b; { node [cycles=3]; b; c; d [cycles=4] } e; f -> g; g [cycles=7] }"
    assert cycles(text) == {"a": None, "b": 2, "c": 3, "d": 4, "e": 2, "f": 2, "g": 7}


def test_edges_have_data() -> None:
    text = 'digraph { edge [words=2]; a -> b -> c [size="1 MB"]; c -> d [words=5][size=7] }'
    with pytest.raises(InputError, match=r"edge 'c' -> 'd'.words: 'x' is out of range"):
        read(text.replace("words=5", "words=x"))
    assert list(read(text).data.values()) == [Data(words=2), Data(words=2), Data(words=5)]
    assert list(read('digraph { a -> b [size="1 MB"] }').data.values()) == [Data(size=1e6)]


def test_edges_add_up_unless_strict() -> None:
    body = "digraph { a -> b [words=2]; a -> b [words=5] }"
    assert read(body).data == {("a", "b"): Data(words=7)}
    assert read(f"strict {body}").data == {("a", "b"): Data(words=5)}


def test_a_keyword_in_quotes_is_a_name() -> None:
    assert edges('digraph { "node" -> "subgraph" }') == ["node subgraph"]


def test_from_text_or_file(tmp_path: Path) -> None:
    text = 'digraph { node [cycles=3, type=work]; s -> {x y} -> t; s [time=1, cycles="9", type=s]; t [type=t] }'
    path = tmp_path / "work.dot"
    path.write_text(text)
    workflow = from_dot(path)
    assert [block.id for block in workflow.blocks] == ["s", "spawn_work", "work", "join_work", "t", "end"]
    assert from_dot(text).blocks == workflow.blocks and from_dot(str(path)) == workflow
    assert (workflow.name, from_dot(text).name) == ("work", "graph")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected 'digraph', not 'the end of the file'"),
        ("graph { a -- b }", "the graph has no directions; give a digraph"),
        ("digraph {\n a -- b }", "line 2: '--' has no direction; write '->'"),
        ("digraph { a -> }", "expected a name, not '}'"),
        ("digraph { a ", "expected a name, not 'the end of the file'"),
        ("digraph { a }\n\n b", "line 3: 'b' after the graph"),
        ("digraph { a [cycles=] }", "expected a name, not ']'"),
        ("digraph { a [cycles", "expected a name, not 'the end of the file'"),
        ("digraph {\n\n a ! b }", "line 3: '! b }' is no DOT"),
        ("digraph { < a }", "'<' is never closed"),
        ('digraph { "a }', "is no DOT"),
        ("digraph { /* a }", "is no DOT"),
        ("digraph " + "{" * 70, "nested too deeply; keep to 64 levels"),
        ("digraph { }", "there are no tasks"),
        ("digraph { a }", "no run time for 1 tasks: 'a'"),
        ("digraph { a [time=fast] }", "node 'a'.time: 'fast' is no time"),
        ("digraph { a [cycles=1]; a -> a }", "the tasks a -> a wait for each other in a circle"),
    ],
)
def test_what_is_wrong_is_told(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        convert(read(text), Options())
    assert message in str(caught.value)


def test_whatever_stands_in_the_file_is_read_or_refused() -> None:
    random = Random(1)
    text = 'strict digraph g { node [cycles=5]; a:p -> {b "c"} -> d [size="1 MB"] /* x */; e [label=<x>] } // y'
    refused = 0
    for _ in range(1000):
        start = random.randrange(len(text))
        wrong = text[:start] + random.choice(["", *'{}[]<>"=;->+:']) + text[start + random.randrange(4) :]
        try:
            convert(read(wrong), Options())
        except InputError:
            refused += 1
    assert 100 < refused < 1000
