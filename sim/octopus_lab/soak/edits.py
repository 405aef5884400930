# SPDX-License-Identifier: Apache-2.0
"""Smaller cases: less to load, fewer mechanisms, a smaller build."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from octopus_hw.contract.strategies import STRATEGIES, name_of, strategy
from octopus_lab.soak.case import Case
from octopus_lab.soak.inputs import INPUTS
from octopus_lab.soak.shrink import Edit
from octopus_lab.soak.smaller_workflows import fewer_blocks, plainer_blocks

__all__ = ["EDITS", "REBUILDS"]


def _streams(case: Case) -> list[dict[str, Any]]:
    streams: list[dict[str, Any]] = case.workload["streams"]
    return streams


def _with_stream(case: Case, at: int, stream: dict[str, Any] | None) -> Case:
    streams = _streams(case)
    new = [*streams[:at], *([stream] if stream else []), *streams[at + 1 :]]
    return replace(case, workload=case.workload | {"streams": new})


def fewer_streams(case: Case) -> Iterator[Case]:
    """Leave out one stream."""
    if len(_streams(case)) > 1:
        yield from (_with_stream(case, at, None) for at in range(len(_streams(case))))


def fewer_instances(case: Case) -> Iterator[Case]:
    """Let fewer instances come: one, or the half, three quarters, one less."""
    for at, stream in enumerate(_streams(case)):
        now = stream["instances"]
        for fewer in sorted({1, now // 2, now * 3 // 4, now - 1}):
            if 0 < fewer < now:
                arrivals = {"arrivals": stream["arrivals"][:fewer]} if "arrivals" in stream else {}
                yield _with_stream(case, at, stream | {"instances": fewer} | arrivals)


def plainer_settings(case: Case) -> Iterator[Case]:
    """A host that is always ready, no dead parts, the compiler's balance, plain streams."""
    if case.host is not None:
        yield replace(case, host=None)
    if case.dead:
        yield replace(case, dead=())
    yield from (
        replace(case, balance={other: value for other, value in case.balance.items() if other != name})
        for name in case.balance
    )
    for at, stream in enumerate(_streams(case)):
        for keys in ((INPUTS,), ("arrivals",), ("period", "jitter", "start"), ("scenes",), ("homes",), ("window",)):
            if keys[0] in stream:
                yield _with_stream(case, at, {key: value for key, value in stream.items() if key not in keys})


def fewer_inputs(case: Case) -> Iterator[Case]:
    """Give every instance the same row, or rows of fewer words: none, one, or half as many."""
    for at, stream in enumerate(_streams(case)):
        inputs = stream.get(INPUTS, {"rows": 1, "words": 0})
        fewer = {words for words in (0, 1, inputs["words"] // 2) if words < inputs["words"]}
        smaller = [{"words": words} for words in sorted(fewer)] + [{"rows": 1}] * (inputs["rows"] > 1)
        yield from (_with_stream(case, at, stream | {INPUTS: inputs | less}) for less in smaller)


def smaller_workflows(case: Case) -> Iterator[Case]:
    """Leave out blocks and flows."""
    for at, stream in enumerate(_streams(case)):
        yield from (_with_stream(case, at, stream | {"owg": owg}) for owg in fewer_blocks(stream["owg"]))


def plainer_workflows(case: Case) -> Iterator[Case]:
    """Put plain numbers for sources."""
    for at, stream in enumerate(_streams(case)):
        yield from (_with_stream(case, at, stream | {"owg": owg}) for owg in plainer_blocks(stream["owg"]))


def fewer_mechanisms(case: Case) -> Iterator[Case]:
    """Leave out one mechanism; take a preset that has fewer, or the same ones."""
    now = strategy(case.strategy).mechanisms
    base = next(name for name in sorted(STRATEGIES, key=len, reverse=True) if case.strategy.startswith(name))
    for name, preset in STRATEGIES.items():
        if preset.mechanisms < now or (preset.mechanisms == now and len(name) < len(case.strategy)):
            yield replace(case, strategy=name)
    for mechanism in sorted(now):
        yield replace(case, strategy=name_of(base, now - {mechanism}))


def smaller_meshes(case: Case) -> Iterator[Case]:
    """Run on a corner of the mesh."""
    for columns, rows in ((1, 1), (2, 2)):
        if columns <= case.columns and rows <= case.rows and columns * rows < case.columns * case.rows:
            streams = [_on_corner(stream, case, columns, rows) for stream in _streams(case)]
            places = [part.partition(".")[0].split(",") for part in case.dead]
            dead = [part for part, (x, y) in zip(case.dead, places, strict=True) if int(x) < columns and int(y) < rows]
            workload = case.workload | {"streams": streams}
            yield replace(case, columns=columns, rows=rows, workload=workload, dead=tuple(dead))


def _on_corner(stream: dict[str, Any], case: Case, columns: int, rows: int) -> dict[str, Any]:
    homes = stream.get("homes")
    if not isinstance(homes, dict):
        return stream
    weights = [homes["weights"][y * case.columns + x] for y in range(rows) for x in range(columns)]
    return stream | {"homes": {"weights": weights}}


def no_stalls(case: Case) -> Iterator[Case]:
    """Links that never stall."""
    if case.config.link_stalls:
        yield replace(case, config=replace(case.config, link_stalls=0))


#: Edits of what is loaded into a build; the first ones save most time in later runs.
EDITS: tuple[Edit[Case], ...] = (
    fewer_streams, fewer_instances, plainer_settings, smaller_workflows, fewer_mechanisms, plainer_workflows,
    fewer_inputs,
)  # fmt: skip

#: Edits that take another build.
REBUILDS: tuple[Edit[Case], ...] = (smaller_meshes, no_stalls)
