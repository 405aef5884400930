# SPDX-License-Identifier: Apache-2.0
"""Runs that are cut off at any word or cycle, by the reset pin or by a RESET: the next run is as on a new chip.

::

    boot words of one image, cycles of its run ┊ pin, or RESET │ another image, all of whose events are the model's
                                          cut anywhere
"""

import json
import random

import numpy as np
import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.image.boot import Words, boot_words, reset_words, seal_words, silence_words, start_words
from octopus_hw.image.compile import Compiled
from octopus_hw.image.image import Image
from octopus_hw.owg import WorkflowBuilder
from octopus_hw.owg.load import load_workload, workload_from_json
from octopus_hw.owg.save import to_json
from octopus_hw.owg.workload import Workload
from octopus_sim import host
from octopus_sim.plan import Plan

from .rig import Rig, rig

SPEECH = "examples/speech_assistant.owg.json"


def unequal_arms() -> Workload:
    """Joins of "all" that are half-way most of the time."""
    builder = WorkflowBuilder("arms")
    fork, join = builder.fork("fork"), builder.join("join", of="all", value="sum")
    arms = [builder.task(f"t{cycles}", cycles=cycles) for cycles in (30, 900)]
    for arm in arms:
        builder.path(fork, arm, join)
    builder.path(join, builder.end("end"))
    document = {
        "workload": 1,
        "name": "arms",
        "streams": [{"owg": json.loads(to_json(builder.build())), "instances": 9}],
    }
    return workload_from_json(json.dumps(document))


def cut(rig: Rig, compiled: Compiled, rng: random.Random, *, pin: bool) -> None:
    """Load and run an image and end it somewhere; without the pin, by a RESET."""
    words = boot_words(compiled.image)
    at = rng.randrange(len(words) + rig.model.run(compiled.image).events["cycle"].max())
    plan = Plan().hesitate(at) if rng.random() < 0.3 else Plan()
    plan.send(words[:at]).idle(max(0, at - len(words)))
    if not pin:
        plan.send(silence_words() if at < len(words) else []).send(reset_words(rig.config))
    rig.rtl.session(compiled.image).run(plan)


def after_pin(image: Image, start: int = 0) -> Words:
    """Return the words that load and start an image without a RESET, late enough for the pin's."""
    begin = start_words(image.columns, image.rows, start)
    loads = boot_words(image, start)[1 : -len(seal_words(begin)) - len(begin)]
    loads = np.concatenate([np.zeros(image.config.reset_cycles, np.uint32), loads])
    return np.concatenate([loads, seal_words(loads), begin])


def check_cuts(count: int, *, pin: bool) -> None:
    rng = random.Random(count)
    with rig(2, 2, Config()) as both:
        both.rtl.pin = pin
        workloads = [unequal_arms(), load_workload(SPEECH)]
        for _ in range(count):
            one, other = (both.compile(rng.choice(workloads), rng.choice(list(STRATEGIES)), 1) for _ in range(2))
            cut(both, one, rng, pin=pin)
            both.agree(other)


@pytest.mark.parametrize("pin", [True, False], ids=["pin", "command"])
@pytest.mark.parametrize("count", [5, pytest.param(200, marks=pytest.mark.slow)])
def test_a_run_that_was_cut_off_leaves_no_trace(
    count: int, pin: bool, cases: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pin:
        monkeypatch.setattr(host, "boot_words", after_pin)
    check_cuts(min(count, cases), pin=pin)
