# SPDX-License-Identifier: Apache-2.0
"""What stands at the top of workflow and workload files, around blocks, flows and a stream's instances."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Discriminator, Field, ModelWrapValidatorHandler, Tag, model_validator

from octopus_hw.owg.instances import Instances
from octopus_hw.owg.objects import KINDS, Block, Flow
from octopus_hw.owg.workload import DEFAULT_SEED
from octopus_hw.schema.forms import NOTE, As, Text, Version, Whole, refuse, written

__all__ = ["StreamFile", "WorkflowFile", "WorkloadFile"]

FORMAT = 1


def _kind_tag(block: Any) -> str | None:
    kind = block.get("kind") if isinstance(block, dict) else None
    return NOTE + kind if isinstance(kind, str) else None


_Kinds: Any = reduce(or_, (Annotated[kind, Tag(NOTE + name)] for name, kind in KINDS.items()))
_Block = Annotated[_Kinds, Discriminator(_kind_tag, custom_error_type="block", custom_error_message="no block")]


@dataclass(frozen=True, kw_only=True)
class WorkflowFile:
    """A workflow file (``NAME.owg.json``): an Orchestrated Workflow Graph."""

    __pydantic_config__ = written()
    owg: Annotated[int, Version(FORMAT)]
    name: Annotated[str, Text(1)]
    description: Annotated[str, Text()] = ""
    blocks: Annotated[tuple[Block, ...], As(tuple[_Block, ...])]
    entry: Annotated[str, Text()]
    flows: tuple[Flow, ...]


def _owg_tag(owg: Any) -> str:
    return "x_path" if isinstance(owg, str) else "x_workflow"


_Owg = Annotated[
    Annotated[str, Text(1), Tag("x_path")] | Annotated[WorkflowFile, Tag("x_workflow")], Discriminator(_owg_tag)
]
#: Keys of a stream of which there can be one only.
_APART = (("instances", "instances_per_tile"), ("window", "period"), ("window", "arrivals"), ("period", "arrivals"))


@dataclass(frozen=True, kw_only=True)
class StreamFile(Instances):
    """A stream of a workload file: instances of one workflow."""

    __pydantic_config__ = written(
        anyOf=[{"required": [key]} for key in ("instances", "instances_per_tile", "arrivals")],
        allOf=[{"not": {"required": list(pair)}} for pair in _APART],
        dependentRequired={"jitter": ["period"], "start": ["period"]},
    )
    owg: Annotated[str | WorkflowFile, As(_Owg)]

    @model_validator(mode="wrap")
    @classmethod
    def _check_keys(cls, keys: Any, read: ModelWrapValidatorHandler[StreamFile]) -> StreamFile:
        stream = read(keys)
        if "instances" in keys and "instances_per_tile" in keys:
            raise refuse("give either 'instances' or 'instances_per_tile'", "instances_per_tile")
        if not keys.keys() & {"instances", "instances_per_tile", "arrivals"}:
            raise refuse("how many? give 'instances' or 'instances_per_tile'")
        for one, other in _APART[1:]:
            if one in keys and other in keys:
                message = f"goes not with '{other}'; closed loop has 'window', open 'period' or 'arrivals'"
                raise refuse(message, one)
        for key in ("jitter", "start"):
            if key in keys and "period" not in keys:
                raise refuse("belongs to open arrivals at a rate; add 'period' or leave it out", key)
        return stream


@dataclass(frozen=True, kw_only=True)
class WorkloadFile:
    """A workload file (``NAME.workload.json``): streams of instances."""

    __pydantic_config__ = written()
    workload: Annotated[int, Version(FORMAT)]
    name: Annotated[str, Text(1)]
    description: Annotated[str, Text()] = ""
    seed: Annotated[int, Whole(0, (1 << 32) - 1)] = DEFAULT_SEED
    streams: Annotated[tuple[StreamFile, ...], Field(min_length=1)]
