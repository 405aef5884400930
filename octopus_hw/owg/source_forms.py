# SPDX-License-Identifier: Apache-2.0
"""How files write number sources.

============  ===================================
`Const`       an integer
`Value`       ``"value"``
`Affine`      ``{"affine": [a, b]}``
`Quantiles`   ``{"quantiles": [q0, ...]}``
`Scenes`      ``{"scenes": {"NAME": source}}``
`Replay`      ``{"replay": [[[number, ...]]]}``
`Thresholds`  ``{"thresholds": [t0, ...]}``
============  ===================================
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core import core_schema as core

from octopus_hw.owg import sources as src
from octopus_hw.owg.sources import LIMIT
from octopus_hw.schema.forms import NOTE, whole

__all__ = ["SOURCE_KEYS", "Choice", "Cycles", "Number"]

SOURCE_KEYS = ("affine", "quantiles", "scenes", "replay")
#: Most numbers that quantiles choose from.
MAX_QUANTILES = 16


class Number:
    """A number source: a whole number, "value", or an object with one key."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _union(cls, _forms(0, core.definition_reference_schema(cls.__name__)))


class Cycles:
    """A number source whose literals are at least 1."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _union(cls, _forms(1, core.definition_reference_schema(cls.__name__)))


class Choice:
    """A number source, or the thresholds of which those that the value reaches are counted."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        thresholds = _one("thresholds", _listed(whole(0, LIMIT)), src.Thresholds)
        return _union(cls, _forms(0, handler.generate_schema(Number)) | {"thresholds": thresholds})


def _union(named: type, forms: dict[str, CoreSchema]) -> CoreSchema:
    """Return the alternatives as a schema with a name, told apart by their one key."""
    keys = forms.keys() - {"integer", "value"}

    def tag(value: Any) -> str | None:
        if isinstance(value, dict):
            given = [key for key in value if key in keys]
            return NOTE + given[0] if len(given) == 1 else None
        return NOTE + "integer" if type(value) is int else NOTE + "value" if value == "value" else None

    union = core.tagged_union_schema(
        {NOTE + key: form for key, form in forms.items()},
        tag,
        custom_error_type="number_source",
        custom_error_message="give a number source",
        ref=named.__name__,
        metadata={"pydantic_js_updates": {"description": named.__doc__}},
    )
    return core.definitions_schema(core.definition_reference_schema(named.__name__), [union])


def _forms(low: int, inner: CoreSchema) -> dict[str, CoreSchema]:
    """Return how each kind of source is written if its literals are at least `low`, and those of scenes as `inner`."""
    number, signed = whole(low, LIMIT), whole(-LIMIT, LIMIT)
    scenes = core.dict_schema(core.str_schema(strict=True, min_length=1), inner, min_length=1)
    return {
        "integer": core.no_info_after_validator_function(src.Const, number),
        "value": core.no_info_after_validator_function(lambda _: src.Value(), core.literal_schema(["value"])),
        "affine": _one("affine", _listed(signed, 2, 2), lambda numbers: src.Affine(*numbers)),
        "quantiles": _one("quantiles", _listed(number, 1, MAX_QUANTILES), src.Quantiles),
        "scenes": _one("scenes", scenes, lambda by_name: src.Scenes(tuple(by_name.items()))),
        "replay": _one("replay", _listed(_listed(_listed(number, 1), 1), 1), src.Replay),
    }


def _listed(element: CoreSchema, low: int | None = None, high: int | None = None) -> CoreSchema:
    return core.tuple_schema([element], variadic_item_index=0, min_length=low, max_length=high, fail_fast=True)


def _one(key: str, content: CoreSchema, make: Callable[[Any], src.NumberSource]) -> CoreSchema:
    """Return the form of an object with one key, whose content makes the source."""
    written = core.typed_dict_schema({key: core.typed_dict_field(content)}, extra_behavior="forbid")
    return core.no_info_after_validator_function(lambda given: make(given[key]), written)
