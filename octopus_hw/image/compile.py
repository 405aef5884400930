# SPDX-License-Identifier: Apache-2.0
"""From a workload to everything that a chip is loaded with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.contract.layout import COORD
from octopus_hw.contract.strategies import Strategy, strategy
from octopus_hw.image.dead import dead_masks, live_peas, live_tbus
from octopus_hw.image.image import Image, TileImage
from octopus_hw.image.inputs import inputs_of
from octopus_hw.image.library import libraries
from octopus_hw.image.limits import require_all
from octopus_hw.image.mapping import map_region, region_tbus, regions
from octopus_hw.image.mesh_mapping import map_peas
from octopus_hw.image.needs import Needs, needs_of
from octopus_hw.image.schedule import Schedule, schedule, with_schedule
from octopus_hw.image.slots import share_slots
from octopus_hw.image.spread import mesh_tbus
from octopus_hw.image.tiles import instance_lists, stream_mask, stream_rows
from octopus_hw.image.watchdog import watchdog_beats
from octopus_hw.owg.profile import Profile, profile
from octopus_hw.owg.workload import Resolved, Workload, resolve

__all__ = ["Compiled", "check_mesh", "compile_workload", "place_workload", "task_numbers"]


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A compiled run, and what tools need beside the image.

    Attributes
    ----------
    image : Image
    workload : Workload
    resolved : Resolved
        Every instance, with its home and due cycle.
    strategy : Strategy
    needs : Needs
        What the workload takes of the configuration.
    profile : Profile or None
        What the strategy knew in advance; None if nothing.
    schedule : Schedule
        What the schedulers are told of the Task Blocks.
    peas : int
        PEAs that are alive.
    """

    image: Image
    workload: Workload
    resolved: Resolved
    strategy: Strategy
    needs: Needs
    profile: Profile | None
    schedule: Schedule
    peas: int


def check_mesh(columns: int, rows: int, coord_bits: int = COORD) -> None:
    """Refuse a mesh that cannot be, or is too large for coordinates of so many bits."""
    most = 1 << coord_bits
    if not (1 <= columns <= most and 1 <= rows <= most):
        raise InputError("--mesh", f"{columns}x{rows}", f"give 1 to {most} columns and rows, like 4x2")


def place_workload(
    workload: Workload, columns: int, rows: int, config: Config, masks: Sequence[int], seed: int | None = None
) -> Resolved:
    """List the instances of a workload on a mesh; homes are the tiles with live PEAs (`masks`, see `dead_masks`)."""
    alive = [tile for tile, mask in enumerate(masks) if live_tbus(mask, config)]
    return resolve(workload, columns, rows, alive, seed)


def compile_workload(
    workload: Workload,
    columns: int,
    rows: int,
    config: Config,
    strategy_name: str,
    seed: int | None = None,
    dead: Iterable[str] = (),
    known: Profile | None = None,
) -> Compiled:
    """Compile a workload for a mesh, a configuration and a strategy.

    Parameters
    ----------
    workload : Workload
    columns, rows : int
    config : Config
    strategy_name : str
        What `octopus_hw.contract.strategies.strategy` takes.
    seed : int, optional
        Replaces the workload's seed.
    dead : iterable of str
        Parts to leave out: ``x,y``, ``x,y.tbu`` or ``x,y.tbu.pea``.
    known : Profile, optional
        The workload's profile, if it is at hand.

    Raises
    ------
    InputError
        Something does not fit or does not exist; the message says what, and what to do.
    """
    check_mesh(columns, rows, config.coord_bits)
    preset = strategy(strategy_name)
    masks = dead_masks(dead, columns, rows, config)
    resolved = place_workload(workload, columns, rows, config, masks, seed)
    needs = needs_of(workload, config, resolved)
    require_all(workload.file, needs.by_key, config)
    slots = share_slots(workload, needs.homes, needs.most, config, needs.library_words)
    lists = instance_lists(resolved, needs.numbers.replay_rows, config)
    known = (known or profile(resolved)) if preset.is_profiled else None
    heads, owners = _mapping(resolved, preset, known, masks, config)
    plan = schedule(needs.flows.rows, task_numbers(workload), preset, known, config)
    tiles = []
    for tile, rows_of_tile in enumerate(lists):
        x, y = tile % columns, tile // columns
        tiles.append(
            TileImage(
                x=x,
                y=y,
                dead=masks[tile],
                expected=sum(map(len, rows_of_tile)),
                streams=stream_rows(rows_of_tile, needs.flows.entries, slots, workload, config),
                list=np.concatenate(rows_of_tile),
            )
        )
    image = Image(
        config=config,
        columns=columns,
        rows=rows,
        seed=resolved.seed,
        mode=preset.mode,
        balance=plan.balance,
        stream_mask=stream_mask(len(workload.streams)),
        watchdog=watchdog_beats(workload),
        flows=with_schedule(needs.flows.rows, plan),
        numbers=needs.numbers.words,
        slots=slots.rows,
        libraries=libraries(workload, config, columns, rows),
        own_heads=heads,
        owners=owners,
        tiles=tuple(tiles),
        inputs=inputs_of(resolved),
    )
    return Compiled(
        image=image,
        workload=workload,
        resolved=resolved,
        strategy=preset,
        needs=needs,
        profile=known,
        schedule=plan,
        peas=live_peas(masks, config),
    )


def task_numbers(workload: Workload) -> list[int]:
    """Return the numbers of all Task Blocks."""
    return [
        base + task
        for stream, base in zip(workload.streams, workload.block_bases, strict=True)
        for task in stream.workflow.tasks
    ]


def _mapping(
    resolved: Resolved, preset: Strategy, known: Profile | None, masks: Sequence[int], config: Config
) -> tuple[tuple[NDArray[np.void], ...], tuple[NDArray[np.void], ...]]:
    """Return heads and owners of every region (all empty unless static)."""
    workload = resolved.workload
    blocks = sum(len(stream.workflow.blocks) for stream in workload.streams)
    tasks = task_numbers(workload) if preset.static else []
    by_block = {task.block: task.load for task in known.tasks} if known else {}
    work = [by_block[task] for task in tasks] if known else None
    by_region = region_tbus(resolved.columns, resolved.rows, masks, config)
    if preset.shares == "peas" and known is not None and work is not None:
        tbus = mesh_tbus(resolved.columns, resolved.rows, masks, config)
        tiles, demand = regions(resolved.columns, resolved.rows), _demand(resolved, known)
        tables = map_peas(blocks, tasks, work, tbus, tiles, demand, config)
    else:
        tables = [map_region(blocks, tasks, work, places, config) for places in by_region]
    require_all(workload.file, {"owner_entries": max(len(owners) for _, owners in tables)}, config)
    return tuple(heads for heads, _ in tables), tuple(owners for _, owners in tables)


def _demand(resolved: Resolved, known: Profile) -> list[float]:
    """Return the profiled work of the instances that have their home in each region."""
    work = np.array([stream.work.mean for stream in known.streams])[resolved.stream]
    by_tile = np.bincount(resolved.home, work, resolved.columns * resolved.rows)
    return [
        float(sum(by_tile[y * resolved.columns + x] for x, y in tiles))
        for tiles in regions(resolved.columns, resolved.rows)
    ]
