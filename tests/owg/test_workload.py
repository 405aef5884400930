# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw.contract.errors import InputError
from octopus_hw.contract.layout import LAST_DUE
from octopus_hw.owg.builder import WorkflowBuilder
from octopus_hw.owg.draw import draw, pick
from octopus_hw.owg.workload import Instance, Stream, Workload, resolve


def flow(cycles=5, before=0):
    b = WorkflowBuilder("w")
    b.end()
    for number in range(before):
        b.branch(f"m{number}")
    b.task("a", cycles)
    b.path("a", *(f"m{number}" for number in range(before)), "end")
    return b.build(entry="a")


def load(*streams, seed=1):
    return Workload(name="n", seed=seed, file="l.json", streams=tuple(Stream(**stream) for stream in streams))


def test_numbers_run_over_streams():
    streams = {"workflow": flow(), "instances": 2}, {"workflow": flow(), "instances_per_tile": 1, "homes": "corner"}
    resolved = resolve(load(*streams), 2, 1)
    assert list(resolved) == [
        Instance(0, 0, 0, 0, 0, 0),
        Instance(1, 0, 1, 0, 0, 1),
        Instance(2, 1, 0, 0, 0, 0),
        Instance(3, 1, 1, 0, 0, 0),
    ]
    assert len(resolved) == 4
    assert resolved.scene_name(next(iter(resolved))) is None


def test_homes_start_anew_with_each_stream_and_avoid_the_dead():
    stream = {"workflow": flow(), "instances": 3}
    assert resolve(load(stream, stream), 3, 1, alive=[2, 1]).home.tolist() == [1, 2, 1, 1, 2, 1]
    with pytest.raises(InputError) as caught:
        resolve(load(stream), 1, 1, alive=[])
    assert str(caught.value) == "l.json: no tile is alive to be a home; leave at least one"


def test_dead_tiles_do_not_change_the_number_of_instances():
    assert len(resolve(load({"workflow": flow(), "instances_per_tile": 4}), 2, 2, alive=[0])) == 16


def test_scenes_cycle():
    cycle = (("quiet", 2), ("crowd", 1), ("quiet", 1))
    resolved = resolve(load({"workflow": flow(), "instances": 9, "scenes": cycle}), 1, 1)
    assert resolved.scene.tolist() == [0, 0, 1, 0, 0, 0, 1, 0, 0]
    assert [resolved.scene_name(instance) for instance in resolved][1:4] == ["quiet", "crowd", "quiet"]


def test_arrivals_at_a_rate():
    stream = {"workflow": flow(), "instances": 4, "period": 100, "start": 7}
    assert resolve(load(stream), 1, 1).due.tolist() == [7, 107, 207, 307]


def test_jitter_is_drawn_by_the_entry_block():
    rate = {"workflow": flow(before=2), "instances": 50, "period": 100, "jitter": 30}
    resolved = resolve(load({"workflow": flow(), "instances": 3}, rate), 1, 1, seed=9)
    late = [instance.due - 100 * instance.k for instance in resolved if instance.stream == 1]
    assert late == [pick(draw(9, 3 + k, 2 + 3, 0, 0, 2), 31) for k in range(50)]
    assert min(late) >= 0 and max(late) <= 30 and len(set(late)) > 10


def test_largest_jitter():
    stream = {"workflow": flow(), "instances": 9, "period": 1, "jitter": LAST_DUE - 8}
    late = [draw(1, k, 1, 0, 0, 2) * (LAST_DUE - 7) >> 32 for k in range(9)]
    assert resolve(load(stream), 1, 1).due.tolist() == [k + late[k] for k in range(9)]


def test_recorded_arrivals():
    stream = {"workflow": flow(), "arrivals": (4, 4, 90)}
    assert resolve(load(stream), 1, 1).due.tolist() == [4, 4, 90]
    assert resolve(load({**stream, "instances": 2}), 1, 1).due.tolist() == [4, 4]
    with pytest.raises(InputError) as caught:
        resolve(load({**stream, "instances_per_tile": 2}), 2, 1)
    message = "4 instances but only 3 arrivals; add arrivals or ask for fewer instances"
    assert str(caught.value) == f"l.json: streams[0].arrivals: {message}"


def test_weights_must_fit_the_mesh():
    with pytest.raises(InputError) as caught:
        resolve(load({"workflow": flow(), "instances": 2, "homes": (1, 1, 1)}), 2, 2)
    assert (
        str(caught.value) == "l.json: streams[0].homes.weights: 3 weights for 4 tiles; give one per tile in row order"
    )


def test_too_many_instances():
    with pytest.raises(InputError) as caught:
        resolve(load({"workflow": flow(), "instances_per_tile": 1 << 22}), 3, 2)
    assert str(caught.value) == "l.json: streams[0]: more than 16777216 instances; ask for fewer"


def test_seed_override():
    assert resolve(load({"workflow": flow(), "instances": 1}, seed=5), 1, 1).seed == 5
    assert resolve(load({"workflow": flow(), "instances": 1}, seed=5), 1, 1, seed=0).seed == 0


@pytest.mark.parametrize(
    ("stream", "place"),
    [
        ({"instances": 1, "period": 1, "start": LAST_DUE + 1}, "start: instance 0 is due"),
        (
            {"instances": 3, "period": 1 << 31},
            "period: instance 2 is due in cycle 4294967296, and 4160749568 is the last",
        ),
        ({"instances": 2, "period": 1, "start": LAST_DUE}, "period: instance 1 is due"),
        ({"instances": 9, "period": 1, "jitter": 1 << 40}, "jitter: instance"),
        ({"arrivals": (5, LAST_DUE, LAST_DUE + 1)}, "arrivals[2]: instance 2 is due"),
    ],
)
def test_what_is_due_too_late_is_refused(stream, place):
    with pytest.raises(InputError) as caught:
        resolve(load({"workflow": flow(), "instances": 1}, {"workflow": flow()} | stream), 1, 1)
    assert str(caught.value).startswith(f"l.json: streams[1].{place}")


def test_the_last_due_cycle():
    assert resolve(load({"workflow": flow(), "arrivals": (LAST_DUE,)}), 1, 1).due.tolist() == [LAST_DUE]
    stream = {"workflow": flow(), "instances": 2, "period": 7, "start": LAST_DUE - 7}
    assert resolve(load(stream), 1, 1).due.tolist() == [LAST_DUE - 7, LAST_DUE]
