# SPDX-License-Identifier: Apache-2.0
"""The parts of the Control Block Unit."""

from dataclasses import dataclass

from octopus_hw.cbu.event_log import EventLog
from octopus_hw.cbu.free_places import FreePlaces
from octopus_hw.cbu.grants import Grants
from octopus_hw.cbu.holders import Holders
from octopus_hw.cbu.home_addresses import HomeAddresses
from octopus_hw.cbu.home_work import HomeWork
from octopus_hw.cbu.injector import Injector
from octopus_hw.cbu.joins import Arrival, JoinTable, LaneClaim
from octopus_hw.cbu.owners import Owners
from octopus_hw.cbu.results import Results
from octopus_hw.cbu.source_arbiter import SourceArbiter
from octopus_hw.cbu.sources import EngineSource, numbers
from octopus_hw.cbu.table import Table
from octopus_hw.cbu.tbu_select import TbuSelect
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.draw import Draw
from octopus_hw.parts.queue import Queue

__all__ = ["Parts", "make"]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts, each a submodule of its name."""

    flows: Table  #: of flow rows: where each flow leads
    slots: Table  #: of slot rows: where each slot has its space
    owners: Owners
    inject: Injector
    free: FreePlaces
    holders: Holders
    grants: Grants
    work: HomeWork
    joins: JoinTable
    claims: LaneClaim  #: what a child makes of the record that `joins` shows
    arrival_at_join: Arrival  #: what the token makes of it
    home_addresses: HomeAddresses
    choose: TbuSelect  #: for a token that cannot inherit its holder's place
    choose_with_own: TbuSelect  #: for one that can
    draw: Draw
    log: EventLog
    results: Results
    requests: Queue
    replies: Queue
    arbiter: SourceArbiter


def make(config: Config, events: bool) -> Parts:
    """Make the parts."""
    sources, widths = numbers(config.tbus), layouts(config)
    done = sources[EngineSource.DONE]
    return Parts(
        flows=Table(struct(widths.flow_row), config.max_flows, LoadTarget.FLOW),
        slots=Table(struct(widths.slot_row), config.max_instances, LoadTarget.SLOT),
        owners=Owners(config),
        inject=Injector(config),
        free=FreePlaces(config),
        holders=Holders(config),
        grants=Grants(config),
        work=HomeWork(config),
        joins=JoinTable(config),
        claims=LaneClaim(config),
        arrival_at_join=Arrival(config),
        home_addresses=HomeAddresses(config),
        choose=TbuSelect(config),
        choose_with_own=TbuSelect(config),
        draw=Draw(config, 1),
        log=EventLog(config, events),
        results=Results(config),
        requests=Queue(struct(widths.control_flit), 2),
        replies=Queue(struct(widths.control_flit), 2),
        arbiter=SourceArbiter(
            sum(map(len, sources.values())),
            first=sources[EngineSource.ARRIVAL].start,
            group=(done.start, done.stop),
        ),
    )
