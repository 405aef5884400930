# SPDX-License-Identifier: Apache-2.0
from collections import Counter

import pytest

from octopus_hw.contract.config import Config
from octopus_sim.reference.holders import Inputs, Outputs
from tests.cbu.rig import Bench, hash_of, run_in_a_mesh
from tests.cbu.samples import random_image
from tests.image.samples import chain, compiled, task


@pytest.mark.parametrize("seed", range(8))
def test_does_what_its_twin_does_in_every_cycle(seed: int) -> None:
    image = random_image(seed)
    number = seed % 2 if len(image.tiles) > 1 else 0
    bench = run_in_a_mesh(image, seed, number)
    assert bench.printed() == bench.events
    names = Counter(event[1] for event in bench.events)
    assert bench.counters == {
        "hash": hash_of(bench.events),
        "injected": names["inject"],
        "retired": names["retire"],
        "dispatched": names["dispatch"],
        "moved": names["move"],
    }


def test_the_worked_example() -> None:
    """One task of 5 cycles on a 1x1 mesh; the TBU finishes in 26 (docs/timing.md#a-worked-example)."""
    image = compiled(chain(task("only")), config=Config(max_streams=2)).image
    bench = Bench(image)
    retired: list[int] = []
    accepted: list[int] = []

    def surroundings(cycle: int) -> Inputs:
        done = {"place": 0, "token": accepted[0]} if cycle == 27 else None
        return Inputs(cycle=cycle, done=[done, None, None, None], ready=[True] * 5, vacant=[True] * 5,
                      release=[None] * 4, tbu_work=[0] * 4)  # fmt: skip

    def applied(o: Outputs, cycle: int, i: Inputs) -> None:
        for tbu, place, token in o.accept:
            assert (tbu, place) == (0, 0)
            accepted.append(token)
        if any(event[1] == "retire" for event in o.events):
            retired.append(cycle)

    bench.run(surroundings, applied, lambda: bool(retired))
    assert [(event[0], event[1]) for event in bench.printed()] == [(2, "inject"), (4, "dispatch"), (29, "retire")]
