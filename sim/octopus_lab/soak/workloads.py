# SPDX-License-Identifier: Apache-2.0
"""Random workloads and settings for whole-chip runs."""

from typing import Any

from octopus_hw.contract.config import Config
from octopus_hw.contract.strategies import MECHANISMS, STRATEGIES, name_of
from octopus_lab.soak.choose import Choose, listed, one_of
from octopus_lab.soak.fragments import wide_workflow, workflow
from octopus_lab.soak.inputs import random_inputs

__all__ = ["random_balance", "random_dead", "random_strategy", "random_workload"]


def random_workload(choose: Choose, tiles: int, scale: int = 1) -> dict[str, Any]:
    """Make a workload, as its JSON object; `octopus_lab.soak.inputs.loaded` gives it its inputs.

    Parameters
    ----------
    choose
        Where randomness comes from.
    tiles
        Tiles of the mesh: ``homes`` may name one weight for each.
    scale
        1 for up to some 50 instances of short tasks, which run for some thousand cycles; up to so many times as many,
        and tasks up to so many times as long. Large ones are unbalanced more often: little of theirs moves else.
    """
    most = 1 if scale == 1 else 2
    streams = []
    for number in range(choose(1, 2)):
        stream = _hot_stream(choose, tiles, scale) if choose(0, most) else _stream(choose, f"w{number}", tiles, scale)
        if choose(0, 1):
            stream["scenes"] = [["calm", choose(1, 3)], ["busy", choose(1, 3)]]
        streams.append(stream | random_inputs(choose))
    return {"workload": 1, "name": "random", "seed": choose(0, 2**32 - 1), "streams": streams}


def _stream(choose: Choose, name: str, tiles: int, scale: int) -> dict[str, Any]:
    instances = choose(scale, 8 * scale)
    owg = workflow(choose, name, longest=40 * one_of(choose, (1, scale)))
    return {"owg": owg, "instances": instances, "homes": _homes(choose, tiles), **_arrivals(choose, instances)}


def _hot_stream(choose: Choose, tiles: int, scale: int) -> dict[str, Any]:
    """A stream of which one tile has far more than the others: work has a reason to move."""
    most = 1 if scale == 1 else 2
    hot = choose(0, tiles - 1)
    weights = [choose(12, 40) if tile == hot else 1 for tile in range(tiles)]
    return {
        "owg": wide_workflow(choose, "wide") if choose(0, most) else workflow(choose, "hot", longest=40),
        "instances": choose(8 * scale, 40 * scale),
        "homes": one_of(choose, ("corner", {"weights": weights})),
        "window": choose(2, 12 * most),
    }


def _arrivals(choose: Choose, instances: int) -> dict[str, Any]:
    kind = choose(0, 3)
    if kind == 0:
        return {"period": choose(1, 90), "jitter": choose(0, 40), "start": choose(0, 50)}
    if kind == 1:
        return {"arrivals": sorted(choose(0, 40 * instances) for _ in range(instances))}
    return {"window": choose(1, 3)}


def _homes(choose: Choose, tiles: int) -> Any:
    weights = [choose(1, 4) for _ in range(tiles)]
    return one_of(choose, ("round-robin", "corner", "quadrant", {"weights": weights}))


def random_strategy(choose: Choose) -> str:
    """Choose a preset, at times with mechanisms added and left out; more often one that balances."""
    name = one_of(choose, (*STRATEGIES, "octopus", "octopus", "reactive"))
    mechanisms = set(STRATEGIES[name].mechanisms)
    if choose(0, 1):
        for sign, mechanism in listed(choose, lambda: (one_of(choose, "+-"), one_of(choose, sorted(MECHANISMS))), 1, 4):
            (mechanisms.add if sign == "+" else mechanisms.discard)(mechanism)
    return name_of(name, mechanisms)


def random_balance(choose: Choose) -> dict[str, int]:
    """Choose fields of `layout.Balance`, each to be set instead of what the compiler says, or left out."""
    chosen = {
        "hysteresis": one_of(choose, (0, 1, 5, 20, 100, 1000)),
        "shift": choose(0, 7),
        "nominal": choose(1, 15),
        "strides": choose(0, 15),
    }
    return {name: value for name, value in chosen.items() if choose(0, 1)}


def random_dead(choose: Choose, columns: int, rows: int, config: Config) -> list[str]:
    """Choose parts to disable, at times, never in tile 0,0 and never all of a mesh."""
    if choose(0, 3) or columns * rows == 1:
        return []
    tile = choose(1, columns * rows - 1)
    place = f"{tile % columns},{tile // columns}"
    tbu, pea = choose(0, config.tbus - 1), choose(0, config.peas - 1)
    return [one_of(choose, (place, f"{place}.{tbu}", f"{place}.{tbu}.{pea}"))]
