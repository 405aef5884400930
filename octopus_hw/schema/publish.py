# SPDX-License-Identifier: Apache-2.0
"""The JSON schema of a kind of file, as editors and other programs take it."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from octopus_hw.schema.forms import NOTE

__all__ = ["DIALECT", "published"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOTES: dict[str, Any] = {f"^{NOTE}": {}}


def published(form: Any, title: str) -> dict[str, Any]:
    """Return the JSON schema of files of a form, a type that pydantic knows.

    Beyond what pydantic says, notes (keys that begin with ``x_``) may stand in every object, and a key that tells what
    an object is must be there.
    """
    schema = TypeAdapter(form).json_schema()
    _complete(schema)
    return {"$schema": DIALECT} | schema | {"title": title}


def _complete(schema: Any) -> None:
    """Walk a schema and its parts, and say what pydantic does not."""
    if isinstance(schema, list):
        for part in schema:
            _complete(part)
    if not isinstance(schema, dict):
        return
    for part in schema.values():
        _complete(part)
    if isinstance(schema.get("title"), str):
        del schema["title"]
    if isinstance(schema.get("description"), str):
        schema["description"] = " ".join(schema["description"].split("\n\n")[0].split())
    if schema.get("default", ...) is None:
        del schema["default"]
    if schema.get("additionalProperties") is False:
        schema["patternProperties"] = _NOTES
        tags = [key for key, part in schema["properties"].items() if "const" in part and "default" in part]
        for key in tags:
            del schema["properties"][key]["default"]
        schema["required"] = [*tags, *schema.get("required", [])]
    if "propertyNames" in schema:  # names of the file's own, of which one at least is no note
        schema["patternProperties"] = _NOTES
        schema["not"] = {"propertyNames": {"pattern": f"^{NOTE}"}}
