# SPDX-License-Identifier: Apache-2.0
"""Weights, pools, pinned and the parameters of balancing."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octopus_hw.contract.codes import Kind, Pool
from octopus_hw.contract.config import Config
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.image.schedule import HEAVIEST, TOKEN, encode_weight, worth

from .samples import block, chain, compiled, task, workflow, workload

WORTHS = [0, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384]


def test_what_weights_are_worth() -> None:
    assert [worth(weight) for weight in range(16)] == WORTHS


@given(st.floats(0, 2000))
def test_the_nearest_weight_in_proportion(units: float) -> None:
    weight = encode_weight(units)
    assert 1 <= weight <= 15
    clipped = min(max(units, 3), 384)
    factor = max(clipped / WORTHS[weight], WORTHS[weight] / clipped)
    assert factor <= math.sqrt(1.5) + 1e-9  # halfway between 4 and 6, in proportion
    assert all(max(clipped / other, other / clipped) >= factor - 1e-9 for other in WORTHS[1:])


def cycles_of(result: Compiled) -> dict[str, int]:
    """What each task counts for, in cycles, by name."""
    assert result.profile is not None
    plan = result.schedule
    return {each.id: worth(plan.weights[each.block]) * plan.unit for each in result.profile.tasks}


def octopus(owg: dict[str, Any], strategy: str = "octopus", **keys: Any) -> Compiled:
    return compiled(owg, strategy=strategy, **keys)


@pytest.mark.parametrize(
    ("heaviest", "unit"), [(1, 1), (HEAVIEST, 1), (HEAVIEST + 1, 2), (2 * HEAVIEST, 2), (6000, 64), (65535, 1024)]
)
def test_the_unit_keeps_the_heaviest_within_bounds(heaviest: int, unit: int) -> None:
    result = octopus(chain(task("a", heaviest), task("b", 1)))
    assert result.schedule.unit == unit
    assert worth(result.schedule.weights[0]) <= HEAVIEST
    assert worth(result.schedule.weights[1]) == 3  # the least, not nothing


def test_weights_follow_mean_cycles() -> None:
    counts = cycles_of(octopus(chain(task("a", {"quantiles": [32, 96]}), task("b", 12), task("c", 8))))
    assert counts["b"] == 12 and counts["c"] == 8 and counts["a"] in (48, 64, 96)


def test_without_a_profile_work_is_a_number_of_tokens() -> None:
    result = octopus(
        chain(task("a", 4000), task("b", 1)), "reactive", config=Config(reactive_threshold=7, balance_shift=2)
    )
    assert result.profile is None and result.schedule.unit == 0
    assert {worth(weight) for weight in result.schedule.weights.values()} == {TOKEN}
    assert result.image.balance == {"hysteresis": 7 * TOKEN, "shift": 2, "nominal": 2, "strides": 1}
    assert worth(2) == TOKEN


def test_balance_is_in_units() -> None:
    config = Config(hysteresis=1000, balance_shift=5)
    result = octopus(chain(task("a", 320), task("b", 80)), config=config)
    assert result.schedule.unit == 4
    assert result.image.balance == {"hysteresis": 250, "shift": 5, "nominal": encode_weight(50), "strides": 15}
    result = octopus(chain(task("a", 320)), config=Config(hysteresis=65535))
    assert result.image.balance["hysteresis"] == 4095


# ------------------------------------------------------------------------------------------------ what is announced


def announced(blocks: list[dict[str, Any]], flows: list[Any]) -> dict[str, int]:
    """Cycles that each task counts for; they are chosen so that sums are worths and units are 1."""
    return cycles_of(octopus(workflow(blocks, flows), "octopus+announce"))


def test_a_chain_counts_up_to_the_decision() -> None:
    blocks = [
        task("a", 8),
        task("b", 16),
        task("c", 8),
        block("d", "branch", choose=0),
        task("e", 64),
        block("end", "end"),
    ]
    assert announced(blocks, ["a b", "b c", "c d", "d e", "d end", "e end"]) == {"a": 32, "b": 24, "c": 8, "e": 64}


def test_forks_count_all_that_follows_and_joins_end_it() -> None:
    blocks = [
        task("a", 4),
        block("f", "fork"),
        task("b", 4),
        task("c", 8),
        task("d", 8),
        block("j", "join", of="all"),
        task("e", 96),
        block("end", "end"),
    ]
    flows = ["a f", "f b", "f c", "b j", "c d", "d j", "j e", "e end"]
    assert announced(blocks, flows) == {"a": 24, "b": 4, "c": 16, "d": 8, "e": 96}


def test_a_loop_is_not_followed() -> None:
    blocks = [task("a", 8), task("b", 16), block("again", "branch", choose=0), task("c", 48), block("end", "end")]
    loop = {"from": "again", "to": "a", "loop": True, "max_rounds": 3}
    assert announced(blocks, ["a b", "b again", "again c", loop, "c end"]) == {"a": 24, "b": 16, "c": 48}


SPAWN = [
    task("a", 8),
    block("s", "spawn", count=2, join="j"),
    task("b", 16),
    task("c", 8),
    block("j", "join", of="s"),
    block("end", "end"),
]
SPAWN_FLOWS = ["a s", "s b", "b c", "c j", "j end"]


def test_a_spawn_ends_a_chain_and_its_row_has_its_childrens_weight() -> None:
    result = octopus(workflow(SPAWN, SPAWN_FLOWS), "octopus+announce")
    assert cycles_of(result) == {"a": 8, "b": 24, "c": 8}
    flows = result.image.flows
    (into_spawn,) = flows[flows["kind"] == Kind.SPAWN]
    assert worth(int(into_spawn["weight"])) == 24


def test_a_spawn_whose_children_begin_with_a_decision_announces_nothing() -> None:
    blocks = [*SPAWN[:2], block("d", "branch", choose=0), *SPAWN[2:]]
    result = octopus(workflow(blocks, ["a s", "s d", "d b", "d j", "b c", "c j", "j end"]), "octopus+announce")
    flows = result.image.flows
    assert flows["weight"][flows["kind"] == Kind.SPAWN].tolist() == [0]


def test_rows_that_lead_to_no_task_or_spawn_weigh_nothing() -> None:
    flows = octopus(workflow(SPAWN, SPAWN_FLOWS), "octopus+announce").image.flows
    weighty = (flows["kind"] == Kind.TASK) | (flows["kind"] == Kind.SPAWN)
    assert (flows["weight"][weighty] > 0).all() and not flows["weight"][~weighty].any()


def test_long_chains_and_wide_forks() -> None:
    names = [f"t{number}" for number in range(600)]
    config = Config(max_blocks=1024, max_flows=2048, home_records=4096, number_words=4096)
    result = octopus(chain(*(task(name, 2, config=0) for name in names)), "octopus+announce", config=config)
    assert result.schedule.unit == 16
    assert worth(result.schedule.weights[0]) * 16 in (1024, 1536)
    arms = [f"b{number}" for number in range(48)]
    blocks = [task("a", 2), *(task(name, 2) for name in arms), block("j", "join", of="all"), block("end", "end")]
    flows = [flow for name in arms for flow in (f"a {name}", f"{name} j")]
    assert announced(blocks, [*flows, "j end"])["a"] == 96


# ------------------------------------------------------------------------------------------------- pools and pinned

MIXED = [
    task("same", 100),
    task("varies", {"quantiles": [50, 150]}),
    block("d", "branch", choose={"quantiles": [0, 1]}),
    task("seldom", 70),
    task("also", 60),
    block("m", "branch"),
    task("last", 20),
    block("end", "end"),
]
MIXED_FLOWS = ["same varies", "varies also", "also d", "d seldom", "d m", "seldom m", "m last", "last end"]


def rows_by_name(result: Compiled, field: str) -> dict[str, int]:
    assert result.profile is not None
    flows = result.image.flows
    into = {int(row["dest"]): int(row[field]) for row in flows if row["kind"] == Kind.TASK}
    return {each.id: into[each.block] for each in result.profile.tasks}


def test_each_class_has_a_pool() -> None:
    result = octopus(workflow(MIXED, MIXED_FLOWS))
    assert rows_by_name(result, "pool") == {
        "same": Pool.STAY,
        "varies": Pool.FILL,
        "seldom": Pool.SPREAD,
        "also": Pool.STAY,
        "last": Pool.STAY,
    }
    assert set(rows_by_name(octopus(workflow(MIXED, MIXED_FLOWS), "octopus-discriminate"), "pool").values()) == {
        Pool.SPREAD
    }


def test_seats_are_shared_by_the_work_of_steady_tasks() -> None:
    result = octopus(workflow(MIXED, MIXED_FLOWS), config=Config(tbus=2))
    pinned = rows_by_name(result, "pinned_tbu")
    assert (pinned["same"], pinned["also"], pinned["last"]) == (0, 1, 1)
    result = octopus(chain(*(task(f"t{n}", 100) for n in range(8))), config=Config(tbus=4))
    assert sorted(rows_by_name(result, "pinned_tbu").values()) == [0, 0, 1, 1, 2, 2, 3, 3]


def two_streams(first: int, second: int) -> Compiled:
    streams = [
        {"owg": chain(task("a", 100), task("b", 90)), "instances": first},
        {"owg": chain(task("c", 100)), "instances": second},
    ]
    return compile_workload(workload(*streams), 1, 1, Config(tbus=2), "octopus")


def test_a_streams_instances_weigh_its_work() -> None:
    assert rows_by_name(two_streams(10, 1), "pinned_tbu") == {"a": 0, "b": 1, "c": 1}
    assert rows_by_name(two_streams(1, 10), "pinned_tbu") == {"a": 1, "b": 1, "c": 0}


def test_the_nominal_weight_is_the_mean_of_all_tokens() -> None:
    def nominal(streams: list[tuple[int, int]], strategy: str = "octopus") -> int:
        listed = [{"owg": chain(task("a", cycles)), "instances": count} for cycles, count in streams]
        image = compile_workload(workload(*listed), 1, 1, Config(), strategy).image
        return worth(image.balance["nominal"])

    assert nominal([(96, 30), (4, 1)]) == 96
    assert nominal([(96, 1), (4, 60)]) == 6
    assert nominal([(48, 5)]) == 48
    # announced: 48, 32 and 16 for three tasks of 16
    owg = chain(task("a", 16), task("b", 16), task("c", 16))
    assert worth(compiled(owg, strategy="octopus+announce").image.balance["nominal"]) == 32
    assert worth(compiled(owg, strategy="octopus").image.balance["nominal"]) == 16


@pytest.mark.parametrize("strategy", ["octopus", "octopus+announce", "reactive", "profiled-pea+profile"])
def test_what_never_runs_still_counts_and_no_task_at_all_is_fine(strategy: str) -> None:
    never = workflow([block("d", "branch", choose=0), task("a", 500), block("end", "end")], ["d end", "d a", "a end"])
    result = compiled(never, strategy=strategy)
    assert all(weight >= 1 for weight in result.schedule.weights.values())
    result = compiled(workflow([block("end", "end")], []), strategy=strategy)
    assert result.schedule.weights == {} and worth(result.image.balance["nominal"]) >= 3


def test_the_mode_bits_are_the_mechanisms() -> None:
    image = octopus(chain(task("a"))).image
    assert image.mode == {
        "static": 0,
        "adaptive": 1,
        "prefetch": 1,
        "affinity": 1,
        "split": 1,
        "balance": 1,
        "announce": 0,
        "early": 1,
    }
    assert octopus(chain(task("a")), "naive").image.mode == dict.fromkeys(image.mode, 0) | {"static": 1, "affinity": 1}
