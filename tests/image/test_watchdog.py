# SPDX-License-Identifier: Apache-2.0
import json

from octopus_hw.image.watchdog import LEAST, SHARED, watchdog_beats
from octopus_hw.owg import WorkflowBuilder
from octopus_hw.owg.load import workload_from_json
from octopus_hw.owg.save import to_json

from .samples import workload


def beats(builder):
    return watchdog_beats(workload_of(builder))


def workload_of(builder):
    document = {"workload": 1, "name": "w", "streams": [{"owg": json.loads(to_json(builder.build())), "instances": 1}]}
    return workload_from_json(json.dumps(document))


def chain(*cycles):
    builder = WorkflowBuilder("chain")
    tasks = [builder.task(f"t{number}", cycles=each, config=0) for number, each in enumerate(cycles)]
    builder.path(*tasks, builder.end("end"))
    return builder


def test_it_is_a_multiple_of_the_work_and_no_less_than_the_least():
    assert beats(chain(3)) == LEAST
    assert beats(chain(30_000, 9_488)) == SHARED * (30_000 + 9_488 + 2 * 256) // 4096


def test_it_fits_the_register():
    assert beats(chain(*[65_535] * 9)) == 65_535


def test_the_examples_have_long_patience():
    for name in ("face_recognition", "speech_assistant"):
        assert watchdog_beats(workload({"owg": f"examples/{name}.owg.json", "instances": 1})) > LEAST
