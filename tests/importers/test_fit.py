# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw.contract.config import Config
from octopus_hw.importers import Data, Imported, Options, convert
from octopus_hw.importers.graph import TaskGraph

from .samples import graph_of


def carrying(edges: dict[tuple[str, str], Data]) -> TaskGraph:
    graph = graph_of({name: [] for edge in edges for name in edge})
    for (source, target), data in edges.items():
        graph.add_edge(source, target, data)
    return graph


def words(imported: Imported) -> dict[tuple[str, str], int]:
    return {(flow.source, flow.target): flow.words for flow in imported.workflow.flows}


def test_what_fits_stays_in_words_of_four_bytes() -> None:
    imported = convert(carrying({("a", "b"): Data(size=512), ("b", "c"): Data(size=1)}), Options())
    assert imported.fitted.word == 4
    assert words(imported) == {("a", "b"): 128, ("b", "c"): 1, ("c", "end"): 0}


def test_the_largest_operand_chooses_the_word() -> None:
    imported = convert(carrying({("a", "c"): Data(size=1000), ("b", "c"): Data(size=10)}), Options())
    assert imported.fitted.word == 10
    assert words(imported)["a", "join_c"] == 100 and words(imported)["join_c", "c"] == 101
    assert not imported.fitted.shrunk


def test_words_that_are_given_are_not_scaled() -> None:
    graph = carrying({("a", "b"): Data(words=100), ("b", "c"): Data(size=5000)})
    assert words(convert(graph, Options.of(word="1kB"))) == {("a", "b"): 100, ("b", "c"): 5, ("c", "end"): 0}
    assert convert(carrying({("a", "b"): Data(words=9)}), Options()).fitted.word is None


def test_operands_larger_than_a_buffer_are_shrunk_and_named() -> None:
    graph = carrying({("a", "c"): Data(words=300), ("b", "c"): Data(words=100)})
    imported = convert(graph, Options())
    assert imported.fitted.shrunk == ["c", "join_c"]
    assert (words(imported)["a", "join_c"], words(imported)["b", "join_c"]) == (96, 32)
    assert words(imported)["join_c", "c"] == 128
    assert not convert(graph, Options(limits=Config(buffer_words=400))).fitted.shrunk


def test_more_parents_than_words() -> None:
    graph = carrying({(f"{n}", "z"): Data(size=1) for n in range(200)})
    imported = convert(graph, Options(flat=True))
    assert imported.fitted.shrunk == ["join_z"]
    assert words(imported)["_5", "join_z"] == 0 and words(imported)["join_z", "z"] == 50


def test_children_of_a_spawn_lie_side_by_side() -> None:
    edges = {("s", f"m{n}"): Data(size=1) for n in range(40)} | {(f"m{n}", "z"): Data(size=100) for n in range(40)}
    imported = convert(carrying(edges), Options())
    assert words(imported)["m", "join_m"] == 2 and imported.fitted.word == 50
    assert words(imported)["join_m", "z"] == 80 and words(imported)["s", "spawn_m"] == 1


def test_each_child_of_a_spawn_takes_whole_words() -> None:
    edges = {(f"m{n}", "z"): Data(size=5) for n in range(65)}  # 82 words of 4 bytes for z, but 2 x 65 at the join
    imported = convert(carrying(edges), Options())
    assert imported.fitted.word == 10 and words(imported)["m", "join_m"] == 1
    many = convert(carrying({(f"m{n}", "z"): Data(size=5) for n in range(129)}), Options())
    assert many.fitted.shrunk == ["join_m"] and words(many)["m", "join_m"] == 0


def test_the_home_store_holds_the_instances_in_flight() -> None:
    edges = {(f"a{n}", f"b{n}"): Data(size=40_000) for n in range(60)}
    tight = Config(store_words=8192)
    imported = convert(carrying(edges), Options(flat=True, limits=tight))
    assert imported.fitted.window == 4
    assert imported.fitted.needs["store_words"] <= tight.store_words
    assert max(words(imported).values()) > 1
    plenty = convert(carrying(edges), Options(flat=True, limits=Config(store_words=16384)))
    assert plenty.fitted.word is not None and imported.fitted.word is not None
    assert plenty.fitted.word < imported.fitted.word


def test_configurations_leave_half_of_the_store() -> None:
    graph = graph_of({f"t{n}": [] for n in range(1000)})
    assert convert(graph, Options(flat=True, limits=Config(store_words=8192))).fitted.config == 4
    assert convert(graph, Options(flat=True, limits=Config(store_words=16384))).fitted.config == 8
    assert convert(graph, Options()).fitted.config == 32
    assert convert(graph, Options(flat=True, config_words=9)).fitted.config == 9


@pytest.mark.parametrize("word", [4.0, 64.0, 1e6])
def test_an_asked_word_is_taken(word: float) -> None:
    imported = convert(carrying({("a", "b"): Data(size=1000)}), Options(word=word))
    assert imported.fitted.word == word
    assert words(imported)["a", "b"] == min(128, -(-1000 // int(word)))
