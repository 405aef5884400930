# SPDX-License-Identifier: Apache-2.0
import numpy as np

from octopus_hw.contract.config import Config
from octopus_hw.image.compile import compile_workload
from octopus_hw.owg import executions

from .samples import chain, compiled, noise, task, with_rows, workload


def test_each_instance_has_the_row_that_the_interpreter_gives_it() -> None:
    streams = [{"owg": chain(task("a"), words=3), "instances": count} for count in (2, 5, 4)]
    rows = noise(1, 2, 3), None, noise(2, 3, 7)
    compiled = compile_workload(with_rows(workload(*streams), *rows), 1, 1, Config(), "naive")
    image, load = compiled.image, compiled.workload
    assert [(inputs.first, inputs.instances) for inputs in image.inputs] == [(0, 2), (7, 4)]
    assert image.tiles[0].streams["rows"].tolist() == [1, 0, 1, 0]
    for instance, _ in executions(compiled.resolved):
        if instance.stream != 1:
            assert np.array_equal(image.row(instance.number), load.streams[instance.stream].row(instance.k))
    assert image.row(10).tolist() == rows[2][0].tolist()


def test_without_inputs_the_host_has_nothing_to_send() -> None:
    assert compiled(chain(task("a"))).image.inputs == ()
