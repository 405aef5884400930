# SPDX-License-Identifier: Apache-2.0
"""Run an image in the model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import COUNTERS, HostEvent
from octopus_hw.contract.layout import CYCLE
from octopus_hw.image.image import Image
from octopus_sim.events import EVENT, sort_events
from octopus_sim.model import state as st
from octopus_sim.model.build import build
from octopus_sim.model.report import describe
from octopus_sim.model.state import NEVER, State
from octopus_sim.model.step import run_until

__all__ = ["ModelError", "ModelResult", "run"]

#: Longest run: then a chip's cycle counter wraps.
MOST_CYCLES = 1 << CYCLE
_LEAST_EVENTS = 1 << 16


class ModelError(Exception):
    """A run did not come to its end; the message says where tokens are."""


@dataclass(frozen=True, kw_only=True)
class ModelResult:
    """What a run came to.

    Attributes
    ----------
    events
        Records of `octopus_sim.events.EVENT` in their one order; empty unless recorded.
    counters
        (tiles, counters): by tile, row by row, in the order of `octopus_hw.contract.codes.COUNTERS`.
    inject_cycles, retire_cycles
        By instance.
    end_cycle
        Cycle of the last `retire`.
    done_cycle
        Cycle in which the last DONE leaves for the host.
    cycles
        Cycles simulated: all is at rest afterwards.
    tile_cycles
        How many times a tile was looked at: what a run costs.
    state
        The state at the end.
    """

    events: NDArray[np.void]
    counters: NDArray[np.int64]
    inject_cycles: NDArray[np.int64]
    retire_cycles: NDArray[np.int64]
    end_cycle: int
    done_cycle: int
    cycles: int
    tile_cycles: int
    state: State

    def counter(self, name: str) -> int:
        """Return the sum of a counter over all tiles (the hash: mod 2^32)."""
        total = int(self.counters[:, COUNTERS.index(name)].sum())
        return total & 0xFFFFFFFF if name == "hash" else total


def _need(image: Image) -> int:
    """Most events that all tiles can have while one is ahead of another."""
    units = 1 + 2 * image.config.tbus
    return image.columns * image.rows * units * (1 + image.config.link_latency)


def run(
    image: Image,
    max_cycles: int = MOST_CYCLES,
    record: bool = True,
    hashes: NDArray[np.void] | None = None,
    host: NDArray[np.void] | None = None,
    host_cycles: int = 1,
) -> ModelResult:
    """Simulate from the start command until every instance has retired, its result has left, and all is at rest.

    Parameters
    ----------
    image : Image
        What to run.
    max_cycles : int
        Cycles after which to give up.
    record : bool
        Whether to keep event records; hashes and counters are kept anyway.
    hashes : array, optional
        The `data` of the events `finish` (`octopus_sim.result_hashes`); without, they are 0.
    host : array, optional
        What the host did (`octopus_sim.host_events.HOST_EVENT`), in the order of cycles; without, the model has a host
        of its own (docs/timing.md#results-out).
    host_cycles : int
        Cycles that the model's own host takes for a word.

    Raises
    ------
    ModelError
        `max_cycles` passed, or nothing moves any more, and not all instances have ended; or the host did what is not
        possible.
    """
    end = min(max_cycles, MOST_CYCLES)
    need = _need(image)
    state = build(image, max(_LEAST_EVENTS, 4 * need) if record else 0, hashes, host, host_cycles)
    space = need if record else 0
    expected = sum(tile.expected for tile in image.tiles)
    chunks = []
    while True:
        begin = run_until(state.header.ctypes.data, end, space)
        chunks.append(state.event[: state.total[st.TOTAL_EVENTS]].copy())
        state.total[st.TOTAL_EVENTS] = 0
        if begin >= end:
            break
    if state.port["refused"][0]:
        cycle, what, count = state.host[state.port["event"][0]].tolist()
        told = f"host event {HostEvent(what).name.lower()} ({count}) of cycle {cycle}"
        raise ModelError(f"{told} is not possible then\n{describe(state)}")
    if int(state.engine["ended"].sum()) < expected:
        why = f"not finished after {end} cycles" if begin < NEVER else f"stuck in cycle {state.total[st.TOTAL_CYCLE]}"
        retired = f"{state.total[st.TOTAL_RETIRED]} of {expected} instances retired"
        raise ModelError(f"{why}: {retired}\n{describe(state)}")
    return _result(state, np.concatenate(chunks) if record else np.zeros(0, EVENT))


def _result(state: State, events: NDArray[Any]) -> ModelResult:
    return ModelResult(
        events=sort_events(events),
        counters=state.engine["counters"].copy(),
        inject_cycles=state.injected,
        retire_cycles=state.retired,
        end_cycle=int(state.retired.max(initial=-1)),
        done_cycle=int(state.total[st.TOTAL_DONE]),
        cycles=int(state.total[st.TOTAL_CYCLE]),
        tile_cycles=int(state.total[st.TOTAL_STEPS]),
        state=state,
    )
