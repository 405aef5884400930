# SPDX-License-Identifier: Apache-2.0
"""How a configuration file is written: a model made from the fields of `Config`, which itself needs no pydantic."""

from __future__ import annotations

from dataclasses import Field as DataclassField
from dataclasses import fields
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, create_model

from octopus_hw.contract.config import Config

__all__ = ["ConfigFile"]

_EXACT = ConfigDict(extra="forbid")


def _written(size: DataclassField[Any]) -> tuple[Any, Any]:
    """Return the form of one size, and its default with what the schema says of it."""
    low, high = size.metadata["low"], size.metadata["high"]
    extra: dict[str, Any] = {}
    if size.metadata["power"]:
        extra["enum"] = [1 << bit for bit in range(high.bit_length()) if low <= 1 << bit <= high]
    said = Field(size.default, ge=low, le=high, description=size.metadata["doc"], json_schema_extra=extra)
    return Annotated[int, Strict()], said


_SIZES: dict[str, Any] = {size.name: _written(size) for size in fields(Config)}
_Sizes: Any = create_model(
    "Sizes",
    __config__=_EXACT,
    __doc__="Sizes of one tile; all tiles of a mesh have the same.",
    **_SIZES,
)


class ConfigFile(BaseModel):
    """A configuration: the one table of a TOML file."""

    model_config = _EXACT
    octopus: _Sizes = Field(default_factory=_Sizes)
