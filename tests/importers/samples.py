# SPDX-License-Identifier: Apache-2.0
"""Task graphs to import, and networkx as the second opinion on what became of them."""

from random import Random

import networkx as nx

from octopus_hw.importers import Data, Imported, Options, Task, TaskGraph, convert
from octopus_hw.owg import Workflow, check, interpret, to_json, workflow_from_json
from octopus_hw.owg.objects import Spawn
from octopus_hw.owg.sources import Const

#: What all recorded tasks lead to; no task is called so.
LAST = object()


def graph_of(edges: dict[str, list[str]], **cycles: int) -> TaskGraph:
    """A graph by children; a task takes 1 cycle unless it says more, and its kind is its name without the number."""
    graph = TaskGraph("g", "g.json")
    names = dict.fromkeys([*edges, *(child for children in edges.values() for child in children)])
    for name in names:
        graph.add_task(Task(name=name, kind=name.rstrip("0123456789"), cycles=cycles.get(name, 1)))
    for source, children in edges.items():
        for child in children:
            graph.add_edge(source, child, Data())
    return graph


def random_graph(seed: int, tasks: int, degree: float = 2.0, kinds: int = 3) -> TaskGraph:
    """Tasks with up to twice as many parents as `degree`, near before them; some fan out into lanes that join again."""
    random = Random(seed)
    graph = TaskGraph(f"random {seed}", "random.json")
    names: list[str] = []

    def add(parents: list[str], kind: str) -> str:
        name = f"{random.choice(['t', 'T.', '1-', 'all '])}{len(names)}"
        graph.add_task(Task(name=name, kind=kind, cycles=random.randint(1, 999)))
        for parent in dict.fromkeys(parents):
            graph.add_edge(parent, name, Data(words=random.choice((0, 0, 3))) + Data(size=random.choice((0, 10, 9e6))))
        names.append(name)
        return name

    while len(names) < tasks:
        near = names[-40:]
        parents = random.sample(near, min(len(near), random.randint(0, round(2 * degree))))
        if random.random() < 0.1:
            length, width = random.randint(1, 3), random.randint(2, 9)
            tails = []
            for _ in range(width):
                tail = add(parents, "head")
                for step in range(length - 1):
                    tail = add([tail], f"step{step}")
                tails.append(tail)
            if random.random() < 0.8:
                for _ in range(random.randint(1, 3)):
                    add(tails, "tail")
        else:
            add(parents, f"kind{random.randrange(kinds)}")
    return graph


def as_networkx(graph: TaskGraph, cycles: dict[str, int]) -> nx.DiGraph:
    """The recorded graph; an edge weighs what its source takes, and one more leads to the end of all."""
    known = nx.DiGraph()
    known.add_weighted_edges_from((source, target, cycles[source]) for source, target in graph.data)
    known.add_weighted_edges_from((name, LAST, cycles[name]) for name in graph.tasks)
    return known


def order_of(workflow: Workflow, where: dict[str, tuple[str, int]]) -> set[tuple[str, str]]:
    """Which task runs before which, by following the flows, each child of a spawn for itself."""
    counts: dict[str, int] = {}
    for block in workflow.blocks:
        if isinstance(block, Spawn):
            assert isinstance(block.count, Const)
            following = next(flow.target for flow in workflow.flows if flow.source == block.id)
            while following != block.join:
                counts[following] = block.count.number
                following = next(flow.target for flow in workflow.flows if flow.source == following)
    tokens = nx.DiGraph()
    for flow in workflow.flows:
        many = max(counts.get(flow.source, 1), counts.get(flow.target, 1))
        for index in range(many):
            source = (flow.source, index if flow.source in counts else 0)
            tokens.add_edge(source, (flow.target, index if flow.target in counts else 0))
    task = {place: name for name, place in where.items()}
    return {
        (task[source], task[target])
        for source, target in nx.transitive_closure_dag(tokens).edges
        if source in task and target in task
    }


def check_faithful(graph: TaskGraph, **options: object) -> Imported:
    """Import a graph and hold the workflow, as it is read back from its file, against it."""
    imported = convert(graph, Options.of(**options))  # type: ignore[arg-type]
    workflow = check(workflow_from_json(to_json(imported.workflow)))
    assert workflow == imported.workflow
    cycles = imported.times.cycles
    run = interpret(workflow, seed=7, instance=3)
    done = {(workflow.blocks[one.block].id, one.index): one.cycles for one in run.invocations}
    assert len(done) == len(run.invocations) == len(graph.tasks)
    assert done == {imported.where[name]: cycles[name] for name in graph.tasks}
    known = as_networkx(graph, cycles)
    assert run.chain == imported.chain == nx.dag_longest_path_length(known)
    known.remove_node(LAST)
    assert order_of(workflow, imported.where) == set(nx.transitive_closure_dag(known).edges)
    return imported
