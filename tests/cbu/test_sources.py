# SPDX-License-Identifier: Apache-2.0
"""The numbers of the engine's sources."""

import pytest

from octopus_hw.cbu.parts import make
from octopus_hw.cbu.sources import EngineSource, numbers
from octopus_hw.contract.config import Config


@pytest.mark.parametrize("tbus", [1, 4, 8])
def test_every_number_belongs_to_one_source(tbus: int) -> None:
    given = [number for its in numbers(tbus).values() for number in its]
    assert given == list(range(tbus + len(EngineSource) - 1))


def test_the_round_robin_is_built_for_them() -> None:
    turn = make(Config(tbus=3), events=False).arbiter
    assert turn.count == 12
    assert list(numbers(3)[EngineSource.DONE]) == list(range(turn.count))[turn.group]
    assert turn.first == numbers(3)[EngineSource.ARRIVAL].start == 2
    assert len(turn.of_group) == 3
