# SPDX-License-Identifier: Apache-2.0
"""The five scenarios against what XRBench (MLSys 2023) publishes; MACs in millions, added up from its layers."""

import pytest

from octopus_hw.owg import Scenes, interpret
from octopus_hw.owg.sources import Quantiles
from octopus_hw.suites import load_suite

MMACS = {
    "KD_res8_narrow": 5.35,
    "ASR_EM_24L": 9663.68,
    "SS_HRViT_b1": 20095.23,
    "DE_midas_v21_small": 18493.64,
    "PD_Plane_RCNN_Quarter": 7523.98,
    "OD_D2go_FasterRCNN": 9707.35,
    "HT_hand_graph_cnn_half": 3726.25,
    "ES_RITNet": 1040.14,
    "GE_FBNet_C": 2249.74,
    "DR_RGBd_200": 16837.21,
}
#: By scenario: frames per second, the model, and what may follow it with which probability.
SCENARIOS = {
    "xrbench_ar_assistant": [
        (3, "KD_res8_narrow", "ASR_EM_24L", 0.5),
        (10, "SS_HRViT_b1"),
        (30, "DE_midas_v21_small"),
        (15, "PD_Plane_RCNN_Quarter"),
        (10, "OD_D2go_FasterRCNN"),
    ],
    "xrbench_ar_gaming": [
        (45, "HT_hand_graph_cnn_half"),
        (30, "DE_midas_v21_small"),
        (15, "PD_Plane_RCNN_Quarter"),
    ],
    "xrbench_vr_gaming": [(60, "ES_RITNet", "GE_FBNet_C", 1.0), (45, "HT_hand_graph_cnn_half")],
    "xrbench_outdoor_activity_a": [
        (3, "KD_res8_narrow", "ASR_EM_24L", 0.2),
        (10, "SS_HRViT_b1"),
        (30, "OD_D2go_FasterRCNN"),
    ],
    "xrbench_social_interaction_a": [
        (60, "ES_RITNet", "GE_FBNet_C", 1.0),
        (30, "DR_RGBd_200"),
        (30, "HT_hand_graph_cnn_half"),
    ],
}
#: Which tasks are whose, where two models make one cascade.
FIRST = {"KD_res8_narrow": {"spot"}, "ES_RITNet": {"prepare", "segment"}}
CYCLES_PER_MMAC = 2.5
SECOND = 230_400
RUNS = 1500

WORKLOADS = {workload.name: workload for workload in load_suite("octopus", 1, 1)}
STREAMS = [(name, number) for name, models in SCENARIOS.items() for number in range(len(models))]


def test_all_scenarios_are_there():
    assert {name for name in WORKLOADS if name.startswith("xrbench_")} == SCENARIOS.keys()
    for name, models in SCENARIOS.items():
        assert len(WORKLOADS[name].streams) == len(models)


@pytest.mark.parametrize("name", SCENARIOS)
def test_rates_and_deadlines(name):
    streams, models = WORKLOADS[name].streams, SCENARIOS[name]
    for stream, (fps, *_) in zip(streams, models, strict=True):
        assert stream.deadline == SECOND / fps
    periods = {stream.period * fps for stream, (fps, *_) in zip(streams, models, strict=True)}
    assert len(periods) == 1, "as many users for every model"
    lengths = {stream.period * stream.instances_per_tile for stream in streams}
    assert len(lengths) == 1 and 0.8 * SECOND <= lengths.pop() <= SECOND, "all models run equally long"
    for tiles in ((2, 2), (4, 4), (8, 8), (16, 16)):
        meshed = next(found for found in load_suite("octopus", *tiles) if found.name == name)
        scale = {stream.period / other.period for stream, other in zip(streams, meshed.streams, strict=True)}
        assert scale == {tiles[0] * tiles[1]}, "exact on meshes of powers of two"


@pytest.mark.parametrize(("name", "number"), STREAMS)
def test_work_follows_the_macs(name, number):
    stream = WORKLOADS[name].streams[number]
    model, *after = SCENARIOS[name][number][1:]
    workflow, scene = stream.workflow, (stream.scene_names or (None,))[0]
    ids = [block.id for block in workflow.blocks]
    mine = FIRST.get(model, set(ids))
    first, second = [], []
    for instance in range(RUNS):
        invocations = interpret(workflow, seed=7, instance=instance, scene=scene).invocations
        first.append(sum(found.cycles for found in invocations if ids[found.block] in mine))
        second.append(sum(found.cycles for found in invocations if ids[found.block] not in mine))
    assert sum(first) / RUNS == pytest.approx(MMACS[model] * CYCLES_PER_MMAC, rel=0.03)
    ran = [cycles for cycles in second if cycles]
    if after:
        assert sum(ran) / len(ran) == pytest.approx(MMACS[after[0]] * CYCLES_PER_MMAC, rel=0.03)
        assert len(ran) / RUNS == pytest.approx(after[1], abs=0.03)
    else:
        assert not ran


@pytest.mark.parametrize(("name", "probability"), [("xrbench_ar_assistant", 0.5), ("xrbench_outdoor_activity_a", 0.2)])
def test_the_cascade_probability_is_exact(name, probability):
    stream = WORKLOADS[name].streams[0]
    (scene,) = stream.scene_names
    heard = next(block for block in stream.workflow.blocks if block.id == "heard")
    assert isinstance(heard.choose, Scenes)
    chosen = heard.choose.for_scene(scene)
    assert isinstance(chosen, Quantiles)
    assert sum(chosen.numbers) / len(chosen.numbers) == probability


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_tile_has_some_two_thirds_of_what_it_can_do(name):
    demand = 0.0
    for stream, (_, model, *after) in zip(WORKLOADS[name].streams, SCENARIOS[name], strict=True):
        mmacs = MMACS[model] + (MMACS[after[0]] * after[1] if after else 0)
        demand += mmacs * CYCLES_PER_MMAC / stream.period
    assert 0.6 < demand / 16 < 0.72
