# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import pytest
from amaranth.hdl import Assert, Module
from amaranth.lib import wiring

from octopus_hw.chip.deadlock import DeadlockError
from octopus_hw.contract.config import Config
from octopus_hw.parts.arbiter import RoundRobin
from octopus_lab.measure import deadlock, proofs
from octopus_lab.measure.proof_account import row
from octopus_sim import formal
from tests.lab.outcome import Octopus


class OneGrant(wiring.Component):
    """At most one grant
    at a time.

    More that is not told.
    """

    def __init__(self, *, config: Config, broken: bool = False) -> None:
        self.config = config
        self.broken = broken
        super().__init__({})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.unit = unit = RoundRobin(2)
        m.d.comb += [unit.requests.eq(3), Assert((unit.grant != 3) & ~self.broken)]
        return m


@pytest.mark.formal
def test_proofs_are_accounted_for(tmp_path: Path) -> None:
    attempts: list[formal.Attempt] = []
    formal.watchers.append(attempts.append)
    try:
        for _ in range(2):
            formal.bmc(OneGrant(config=Config(peas=3)), depth=2, cache=tmp_path)
        with pytest.raises(formal.ProofError):
            formal.bmc(OneGrant(config=Config(), broken=True), depth=2, cache=tmp_path)
    finally:
        formal.watchers.remove(attempts.append)
    first, again, broken = map(row, attempts)
    assert (first["property"], first["units"], first["sizes"]) == (
        "At most one grant at a time.",
        ["RoundRobin"],
        "peas 3",
    )
    assert first["holds"] and not first["cached"] and first["cpu"] > 0
    assert again == first | {"cached": True}
    assert (broken["holds"], broken["sizes"]) == (False, "broken")
    assert proofs.table([first, again]).splitlines()[0] == "RoundRobin: At most one grant at a time."
    assert "all traces of 2 cycles" in proofs.table([first])


def test_every_small_mesh_is_checked(octopus: Octopus) -> None:
    done = octopus("measure", "deadlock", "--largest", 3, "--tbus", 2, "--json")
    assert done.status == 0
    meshes = json.loads(done.out)
    assert {(mesh["columns"], mesh["rows"]) for mesh in meshes} == {(x, y) for x in (1, 2, 3) for y in (1, 2, 3)}
    assert all(mesh["waits"] > mesh["nodes"] > 0 for mesh in meshes)


def test_a_cycle_is_told(octopus: Octopus, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(columns: int, rows: int, config: Config) -> None:
        if (columns, rows) == (2, 1):
            raise DeadlockError("a cycle of waiting: a -> b -> a")

    refuse.__wrapped__ = refuse  # type: ignore[attr-defined]
    monkeypatch.setattr(deadlock, "check", refuse)
    said = octopus("measure", "deadlock", "--largest", 2, "--tbus", 1)
    assert said.status == 1
    assert "2x1: a cycle of waiting: a -> b -> a" in said.err
    assert said.out.splitlines()[-1].split()[:3] == ["all", "8", "2"]
