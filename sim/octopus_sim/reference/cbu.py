# SPDX-License-Identifier: Apache-2.0
"""A tile's CBU, one cycle at a time (docs/timing.md#cbu)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from octopus_hw.image.image import Image
from octopus_sim.reference.arriving import arrive, count, fire
from octopus_sim.reference.engine import Engine
from octopus_sim.reference.holders import Inputs, Outputs
from octopus_sim.reference.hosting import offer, report
from octopus_sim.reference.leaving import act, next_
from octopus_sim.reference.routing import chosen, decide, flow, own, try_
from octopus_sim.reference.taking import claim, hold, idle

__all__ = ["STATES", "Cbu"]

#: What happens in each state (docs/timing.md#states).
STATES: dict[str, Callable[[Engine], None]] = {
    "IDLE": idle,
    "HOLD": hold,
    "CLAIM": claim,
    "FLOW": flow,
    "DECIDE": decide,
    "CHOSEN": chosen,
    "OWN": own,
    "TRY": try_,
    "ACT": act,
    "ARRIVE": arrive,
    "COUNT": count,
    "FIRE": fire,
    "NEXT": next_,
    "REPORT": report,
}

#: So many stalled holders are tried in a retry period.
RETRIES = 2


class Cbu(Engine):
    """One tile's CBU; `seen` counts its transitions: state, kind of what it handled, next state."""

    def __init__(self, image: Image, x: int, y: int) -> None:
        super().__init__(image, x, y)
        self.seen: Counter[tuple[str, str, str]] = Counter()

    def step(self, i: Inputs) -> Outputs:
        """Go through one cycle."""
        self.begin(i)
        stalled = len(self.stalled)
        STATES[self.state](self)
        kind = self.o.taken[:4] if self.state == "IDLE" else self.h.kind
        self.seen[self.state, kind, self.next] += 1
        self.end(stalled)
        return self.o

    def begin(self, i: Inputs) -> None:
        """See what is visible at the start of the cycle, and what leaves in any state."""
        self.i, self.o, self.later = i, Outputs(), []
        self.freed = self.spent = 0
        self.next = self.state
        self.o.work = self.home_work.tile(i.tbu_work)
        self.o.finished = 0 < self.tile.expected <= self.ended
        self.o.request = self.requests[0] if self.requests else None
        self.o.reply = self.replies[0] if self.replies else None
        room = len(self.requests) < 2 and len(self.replies) < 2
        self.credit = [ready and room for ready in i.ready]
        if self.requests and i.request_ready:
            self.later.append(self.requests.popleft)
        if self.replies and i.reply_ready:
            self.later.append(self.replies.popleft)
        for tbu, place in enumerate(i.release):
            if place is not None:
                self.give(tbu, place)
        if i.freed_slot is not None:
            self.free_slot(i.freed_slot)
        offer(self)

    def end(self, stalled: int) -> None:
        """Make what was done visible; `stalled` holders waited at the start (docs/timing.md#retry-budget)."""
        self.state = self.next
        for action in self.later:
            action()
        self.grants.end_cycle(self.i.tick)
        self.home_work.end_cycle()
        if not self.image.mode["static"]:
            self.budget = min(255, self.budget + self.freed)
        elif self.i.cycle % self.config.retry_period == 0:
            self.budget = min(stalled, RETRIES)
        self.budget -= self.spent
