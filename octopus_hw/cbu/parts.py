# SPDX-License-Identifier: Apache-2.0
"""The parts of the Control Block Unit."""

from dataclasses import dataclass

from octopus_hw.cbu.choose import Choose
from octopus_hw.cbu.events import Log
from octopus_hw.cbu.free_places import FreePlaces
from octopus_hw.cbu.grants import Grants
from octopus_hw.cbu.holders import Holders
from octopus_hw.cbu.inject import Inject
from octopus_hw.cbu.joins import Arrival, Claim, JoinTable
from octopus_hw.cbu.locate import Locate
from octopus_hw.cbu.owners import Owners
from octopus_hw.cbu.sources import EngineSource, numbers
from octopus_hw.cbu.table import Table
from octopus_hw.cbu.turn import Turn
from octopus_hw.cbu.work import Work
from octopus_hw.contract.codes import Memory
from octopus_hw.contract.config import Config
from octopus_hw.interfaces.layouts import ControlFlit, FlowRow, SlotRow
from octopus_hw.parts.draw import Draw
from octopus_hw.parts.queue import Queue

__all__ = ["Parts", "make"]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts, each a submodule of its name."""

    flows: Table  #: of FlowRow: where each flow leads
    slots: Table  #: of SlotRow: where each slot has its space
    owners: Owners
    inject: Inject
    free: FreePlaces
    holders: Holders
    grants: Grants
    work: Work
    joins: JoinTable
    claims: Claim  #: what a child makes of the record that `joins` shows
    arrival_at_join: Arrival  #: what the token makes of it
    locate: Locate
    choose: Choose  #: for a holder that is not at its last flow
    choose_last: Choose  #: for one that is: its place can be inherited
    draw: Draw
    log: Log
    requests: Queue
    replies: Queue
    turn: Turn


def make(config: Config, events: bool) -> Parts:
    """Make the parts."""
    sources = numbers(config.tbus)
    done = sources[EngineSource.DONE]
    return Parts(
        flows=Table(FlowRow, config.max_flows, Memory.FLOW),
        slots=Table(SlotRow, config.max_instances, Memory.SLOT),
        owners=Owners(config),
        inject=Inject(config),
        free=FreePlaces(config),
        holders=Holders(config),
        grants=Grants(),
        work=Work(config),
        joins=JoinTable(config),
        claims=Claim(),
        arrival_at_join=Arrival(),
        locate=Locate(),
        choose=Choose(config),
        choose_last=Choose(config),
        draw=Draw(config, 1),
        log=Log(events),
        requests=Queue(ControlFlit, 2),
        replies=Queue(ControlFlit, 2),
        turn=Turn(
            sum(map(len, sources.values())),
            first=sources[EngineSource.ARRIVAL].start,
            group=(done.start, done.stop),
        ),
    )
