# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_sim.pace import Pace


def test_a_host_that_is_always_ready() -> None:
    pace = Pace()
    assert {pace.gap(), pace.hold(), pace.thought()} == {0} and pace.credits() == 0xFFFF
    pace.every = 5
    assert (pace.gap(), pace.hold(), pace.thought()) == (4, 4, 0)


@pytest.mark.parametrize("seed", [1, 2])
def test_one_that_hesitates_is_silent_for_thousands_of_cycles_only_while_it_serves(seed: int) -> None:
    pace, serving, other = Pace(seed), Pace(seed), Pace(seed)
    serving.serving = other.serving = True
    waits = [[one.hold() for _ in range(4000)] + [one.thought() for _ in range(400)] for one in (pace, serving, other)]
    assert max(waits[0]) == 40 and waits[1] == waits[2]
    assert max(waits[1][:4000]) > 2000 < max(waits[1][4000:])
    assert sum(wait > 40 for wait in waits[1]) < len(waits[1]) / 50
    assert {serving.credits() for _ in range(99)} == set(range(1, 7))
