# SPDX-License-Identifier: Apache-2.0
"""Tests mirror the sources: `tests/x/test_y.py` and `tests/x/test_y_....py` are those of `octopus_hw/x/y.py`."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
#: Folders of tests, and whose they are; all others are `octopus_hw`'s.
PACKAGES = {"sim": "sim/octopus_sim", "lab": "sim/octopus_lab"}

#: What is no one module's, with the reason.
MANY = {
    "cbu/test_formal.py": "proofs about several of the CBU's parts, with one set of assumptions",
    "cbu/test_formal_queues.py": "proofs about the sources' turns and the queues of holders together",
    "checks/test_ports.py": "the type checker's view of all components",
    "contract/test_wider_token.py": "a field added to the token, through all that packs and counts it",
    "chip/test_corners.py": "small cases of several units that random ones rarely meet",
    "equivalence/test_due_cycles.py": "whole chips: instances that are due late",
    "equivalence/test_examples.py": "whole chips: every example",
    "equivalence/test_fabric.py": "whole chips: links that stall, deeper buffers, two virtual channels",
    "equivalence/test_figures.py": "whole chips: the figures that the architecture promises",
    "equivalence/test_inputs.py": "whole chips: rows from the host and results for it",
    "equivalence/test_memories.py": "whole chips: memories of random words, rows that are wrong while written",
    "equivalence/test_narrow.py": "whole chips: a token that takes a flit less",
    "equivalence/test_random.py": "whole chips: random workloads",
    "equivalence/test_refused.py": "whole chips: words that the host port refuses, and the next run",
    "equivalence/test_reset.py": "whole chips: runs that are cut off, and the next",
    "equivalence/test_smallest.py": "whole chips: every size at its least",
    "image/test_machine.py": "an executor of a compiled image's tables, against the interpreter",
    "lab/cli/test_errors.py": "bad input to all commands",
    "lab/cli/test_main.py": "what all commands do when they are interrupted",
    "lab/cli/test_result.py": "measures and comparisons of runs, as the commands show them",
    "lab/soak/test_soak.py": "cases, campaign and shrinking together",
    "noc/test_lint.py": "every unit of the fabric through Verilator's lint",
    "noc/test_network.py": "meshes of routers",
    "noc/test_router_stalls.py": "routers of both planes, links of which stall",
    "noc/test_routing.py": "one routing policy object, given to routers, deadlock check and traffic chip",
    "noc/test_traffic.py": "the network bench, unit by unit",
    "owg/test_examples.py": "the examples, as the interpreter runs them",
    "schema/test_schemas.py": "the published schemas of all kinds of files",
    "sim/model/test_examples.py": "runs that a reader can do by hand",
    "sim/model/test_lengths.py": "words of every workload's tasks: page, compiler and interpreter",
    "sim/model/test_links.py": "both ends of links, routers and stalls together",
    "sim/model/test_order.py": "the order of evaluation, over all parts of a cycle",
    "sim/model/test_random.py": "whole runs against the timeless interpreter",
    "sim/model/test_units.py": "each rule of the page by itself",
    "suites/test_dynamics.py": "what docs/workloads.md says of the suites",
    "suites/test_graph.py": "a suite's recorded numbers, made again",
    "suites/test_xrbench.py": "the suite's figures against what XRBench publishes",
    "tbu/test_conserved.py": "proofs about places and dispatcher together",
    "tbu/test_properties.py": "proofs about all units of a TBU together",
    "test_docs.py": "links of all pages and docstrings",
    "test_imports.py": "directions between all packages",
    "test_mirror.py": "this one",
    "test_readme.py": "the README's samples",
}


def source_folder(test: Path) -> Path:
    """The folder of sources that a test's folder mirrors."""
    first, *rest = test.relative_to(TESTS).parent.parts or ("",)
    return ROOT.joinpath(PACKAGES[first], *rest) if first in PACKAGES else ROOT.joinpath("octopus_hw", first, *rest)


def mirrors(test: Path) -> bool:
    """Whether a test bears a module's or a package's name."""
    name = test.stem.removeprefix("test_") + "_"
    folder = source_folder(test)
    modules = [path.stem.strip("_") for path in folder.glob("*.py") if path.stem != "__init__"]
    packages = [path.parent.name for path in folder.glob("*/__init__.py")]
    return any(name.startswith(f"{module}_") for module in [*modules, *packages])


def test_every_test_names_a_module_or_is_listed() -> None:
    tests = {path.relative_to(TESTS).as_posix(): path for path in TESTS.rglob("test_*.py")}
    assert {name for name, path in tests.items() if not mirrors(path)} == set(MANY)


def test_a_test_without_a_module_is_found() -> None:
    assert mirrors(TESTS / "cbu" / "test_joins.py")
    assert mirrors(TESTS / "sim" / "test_build.py")
    assert not mirrors(TESTS / "cbu" / "test_nothing.py")
