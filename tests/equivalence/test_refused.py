# SPDX-License-Identifier: Apache-2.0
"""Words that the host port refuses, garbage, images cut off: the error is told, and the next run is as on a new chip.

::

    what is wrong ─▶ STATUS: error and place ─▶ 4,096 words of 0, RESET, an image: its events are those of the first run
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from octopus_hw.contract.codes import BootOp, LoadTarget, PortError, PortState
from octopus_hw.contract.config import Config
from octopus_hw.image.boot import (
    Rectangle,
    Words,
    boot_words,
    identity_words,
    load_words,
    read_words,
    reset_words,
    silence_words,
    start_words,
    status_words,
)  # fmt: skip
from octopus_hw.image.compile import compile_workload
from octopus_hw.image.image import Image, Library
from octopus_hw.owg import WorkflowBuilder
from octopus_hw.owg.load import workload_from_json
from octopus_hw.owg.save import to_json
from octopus_sim.engines import MAX_CYCLES, VerilatorEngine
from octopus_sim.events import parse_events
from octopus_sim.host import STATUS_WORDS, explain, host_plan, status_of
from octopus_sim.plan import Plan

CONFIG = Config(tbus=1, peas=1, coord_bits=3, join_records=8, home_records=64, store_words=1024, list_depth=16)
MESH, TILE = Rectangle(0, 0, 1, 0), Rectangle(0, 0, 0, 0)


@dataclass
class Chip:
    """A chip that stays up, an image for it, and the events of its first run."""

    engine: VerilatorEngine
    image: Image
    events: NDArray[np.void]

    def status(self, *parts: Words, quiet: Words | None = None) -> tuple[PortState, PortError, int]:
        """Send words, wait until no tile sends any more, and ask for the state."""
        plan = Plan()
        for part in parts:
            plan.send(part)
        plan.idle(3000).send([] if quiet is None else quiet).send(status_words()).idle(20)
        words = self.engine.session(self.image).run(plan, reset=False).words
        return status_of(words[-STATUS_WORDS:])

    def runs_as_first(self) -> None:
        session, plan = self.engine.session(self.image), host_plan(self.image, MAX_CYCLES, None)
        # Everything that was sent before the RESET has been taken when the image's words come.
        session.run(Plan().send(silence_words()).send(reset_words(self.image.config)), reset=False)
        done = session.run(plan, reset=False)
        assert len(done.steps) == len(plan.steps), str(explain(self.image, done.words))
        assert np.array_equal(parse_events(done.printed), self.events)


def compiled(changes: dict[str, int] | None = None) -> Image:
    builder = WorkflowBuilder("two")
    builder.path(builder.task("a", cycles=20), builder.task("b", cycles=31), builder.end("end"))
    streams = [{"owg": json.loads(to_json(builder.build())), "instances": 6}]
    workload = workload_from_json(json.dumps({"workload": 1, "name": "two", "streams": streams}))
    return compile_workload(workload, 2, 1, replace(CONFIG, **(changes or {})), "adaptive").image


@pytest.fixture(scope="module")
def chip() -> Iterator[Chip]:
    with VerilatorEngine() as engine:
        image = compiled()
        first = engine.run(image)
        assert len(first.events)
        yield Chip(engine, image, first.events)


def loaded() -> Words:
    """A RESET, an IDENTITY and as many words of 0 as it takes until tiles are free."""
    return np.concatenate([reset_words(CONFIG), identity_words(2, 1, CONFIG)])


def joined(*parts: Words | list[int]) -> Words:
    return np.concatenate([np.asarray(part, np.uint32) for part in parts])


def wrong(image: Image) -> dict[PortError, Words]:
    """For each error, words of which the last is the wrong one."""
    words, start = boot_words(image), start_words(2, 1)
    sealed, other = words[: -len(start)], boot_words(compiled({"config_slots": 3}))
    return {
        PortError.OPERATION: joined(loaded(), [10 << 28]),
        PortError.RECTANGLE: joined(loaded(), [Rectangle(0, 0, 2, 0).header(BootOp.LOAD)]),
        PortError.MEMORY: joined(loaded(), load_words(MESH, LoadTarget.FLOW, [])[:1], [11 << 28]),
        PortError.ADDRESS: joined(loaded(), load_words(MESH, LoadTarget.STORE, [1, 2], 1023)[:3]),
        PortError.IDENTITY: other[:3],
        PortError.SEALED: joined(words, identity_words(2, 1, CONFIG)[:1]),
        PortError.UNSEALED: joined(words[:-5], start[:1]),
        PortError.SEAL: joined(words[:-4], [5]),
        PortError.STARTED: joined(words, start[:1]),
        PortError.EARLY: joined(words[:1], read_words(MESH, 1)[:1]),
        PortError.COUNTER: joined(sealed, read_words(TILE, 3, 8)),
        PortError.READS: joined(sealed, read_words(MESH, 1), read_words(TILE, 1)),
        PortError.ROWS: joined(words, [BootOp.ROW << 28]),
        PortError.CREDITS: joined(words, [BootOp.CREDIT << 28, 1 << 16]),
    }


@pytest.mark.parametrize("error", [error for error in PortError if error])
def test_an_error_is_told_with_its_place_and_the_next_run_is_as_the_first(chip: Chip, error: PortError) -> None:
    words = wrong(chip.image)[error]
    after = boot_words(chip.image)
    assert chip.status(silence_words(), words, after) == (PortState.FAILED, error, len(words) - 1)
    chip.runs_as_first()


def test_a_word_that_was_changed_on_its_way_is_found_by_the_seal(chip: Chip) -> None:
    words = boot_words(chip.image)
    at = 3 + int(np.flatnonzero(words[3:] > 2)[5])
    data = next(k for k in range(at, len(words)) if words[k] >> 28 == 0 and words[k] > 4095)
    words[data] ^= 1 << 9
    state, error, place = chip.status(silence_words(), words)
    assert (state, error, place) == (PortState.FAILED, PortError.SEAL, len(words) - 3)
    chip.runs_as_first()


def test_the_engine_says_in_one_line_what_was_refused(chip: Chip) -> None:
    words = chip.engine.session(chip.image)
    plan = host_plan(compiled({"config_slots": 3}), 100, None)
    done = words.run(plan, reset=True)
    assert len(done.steps) < len(plan.steps)
    assert str(explain(chip.image, done.words)).startswith("the chip refused word 2 of the image: IDENTITY;")


def garbage(rng: random.Random) -> Words:
    heads = [op << 28 | rng.choice([0, 1 << 7]) for op in range(11)]
    count = rng.randrange(1, 300)
    return joined([rng.choice([0, rng.getrandbits(32), rng.choice(heads), rng.randrange(16)]) for _ in range(count)])


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_garbage_never_hangs_or_starts_a_chip(chip: Chip, count: int, cases: int) -> None:
    rng = random.Random(count)
    for number in range(min(count, cases)):
        begun = boot_words(chip.image)[: rng.randrange(200)] if number % 2 else reset_words(CONFIG)
        state, _, _ = chip.status(silence_words(), begun, garbage(rng), quiet=silence_words())
        assert state != PortState.STARTED
        if number % 10 == 0 or count == 200:
            chip.runs_as_first()


@pytest.mark.parametrize("count", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_an_image_that_is_cut_off_never_hangs_or_starts_a_chip(chip: Chip, count: int, cases: int) -> None:
    rng, words = random.Random(count), boot_words(chip.image)
    for _ in range(min(count, cases)):
        state, _, _ = chip.status(silence_words(), words[: rng.randrange(1, len(words) - 1)], quiet=silence_words())
        assert state != PortState.STARTED
        chip.runs_as_first()


def beyond(library: Library) -> Library:
    holders = library.holders.copy()
    holders["x"] += 2
    return replace(library, holders=holders)


def test_a_home_that_stands_still_is_told_in_one_line(chip: Chip) -> None:
    """Configurations never come: the library's tile lies beyond the mesh, where links end nowhere."""
    image = replace(chip.image, watchdog=2, libraries=tuple(map(beyond, chip.image.libraries)))
    plan = host_plan(image, MAX_CYCLES, None)
    done = chip.engine.session(chip.image).run(plan, reset=True)
    assert len(done.steps) < len(plan.steps)
    told = re.match(
        r"tile (0,0|1,0) stands still in cycle (\d+): .* for 2 times 4,096 cycles", str(explain(image, done.words))
    )
    assert told and 4096 < int(told[2]) < 3 * 4096
    chip.runs_as_first()
