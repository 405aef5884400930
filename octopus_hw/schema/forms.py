# SPDX-License-Identifier: Apache-2.0
"""How a file writes the fields of an object: metadata of their types, for pydantic.

::

    words: Annotated[int, Whole(0, 65535)] = 0                     a whole number in this range
    deadline: Annotated[int | None, Whole(1, 9)] = None            the same, or left out; a file never says null
    homes: Annotated[str | tuple[int, ...], As(HOMES)]             whatever `HOMES` reads

The objects are ordinary dataclasses that know nothing of pydantic at run time; their JSON schema says what these forms
say. Keys that begin with ``x_`` are a file's own notes: `without_notes` takes them away before anything is read, which
is why the tags of alternatives begin so: no key is ever mistaken for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

__all__ = ["NOTE", "As", "Text", "Version", "Whole", "Word", "refuse", "whole", "without_notes", "written"]

#: What the keys of a file's own notes, and the tags of alternatives, begin with.
NOTE = "x_"


def without_notes(value: Any) -> Any:
    """Return JSON data without keys that begin with ``x_``."""
    if isinstance(value, dict):
        return {key: without_notes(inner) for key, inner in value.items() if not key.startswith(NOTE)}
    if isinstance(value, list):
        return [without_notes(inner) if isinstance(inner, dict | list) else inner for inner in value]
    return value


def written(**rules: Any) -> ConfigDict:
    """Return the ``__pydantic_config__`` of a class whose objects files write with exactly its fields as keys.

    Parameters
    ----------
    **rules
        JSON schema for what holds between the keys.
    """
    return ConfigDict(extra="forbid", json_schema_extra=rules)


def refuse(message: str, *at: str | int) -> PydanticCustomError:
    """Make the error by which a validator refuses a value, or what stands in it at a key or index."""
    return PydanticCustomError("refused", "{message}", {"message": message, "at": at})


def whole(low: int, high: int) -> CoreSchema:
    """Return the form of a whole number in a range."""
    return core_schema.custom_error_schema(
        core_schema.int_schema(strict=True, ge=low, le=high),
        custom_error_type="whole",
        custom_error_message="give a whole number from {low} to {high}",
        custom_error_context={"low": low, "high": high},
    )


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`."""

    low: int
    high: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return whole(self.low, self.high)


@dataclass(frozen=True)
class Version:
    """The number of the file format that this program reads."""

    number: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.custom_error_schema(
            core_schema.int_schema(strict=True, ge=self.number, le=self.number),
            custom_error_type="version",
            custom_error_message="another format",
            custom_error_context={"number": self.number},
        )


@dataclass(frozen=True)
class Text:
    """A string; with `least` 1 it is not empty, and with `pattern` it is such an id."""

    least: int = 0
    pattern: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        least = self.least or None
        return core_schema.str_schema(strict=True, min_length=least, pattern=self.pattern, regex_engine="python-re")


@dataclass(frozen=True)
class Word:
    """One of the words that there are; `what` tells of an unknown one, like ``homes '{}'``."""

    known: Sequence[str]
    what: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.custom_error_schema(
            core_schema.literal_schema(list(self.known)),
            custom_error_type="word",
            custom_error_message="unknown word",
            custom_error_context={"known": list(self.known), "what": self.what},
        )


@dataclass(frozen=True)
class As:
    """Whatever a type that pydantic knows reads."""

    form: Any

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(self.form)
