# SPDX-License-Identifier: Apache-2.0
"""Read JSON data as a type, and say what is wrong with it in one line: place, what, and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from octopus_hw.contract.errors import nearest
from octopus_hw.owg.document import EMPTY, HALF_A_PAIR, Node, json_kind
from octopus_hw.owg.file_forms import StreamFile, WorkflowFile, WorkloadFile
from octopus_hw.owg.instances import Weights
from octopus_hw.owg.objects import KINDS, Flow
from octopus_hw.owg.source_forms import SOURCE_KEYS
from octopus_hw.schema.forms import NOTE, without_notes

__all__ = ["read"]

_T = TypeVar("_T")
_Path = tuple[str | int, ...]

#: What an object at a place is called, and its class; a place is known by its last word, alternatives by their tag.
_OBJECTS: dict[str, tuple[str, type]] = {
    "workflow": ("a workflow", WorkflowFile),
    NOTE + "workflow": ("a workflow", WorkflowFile),
    "workload": ("a workload", WorkloadFile),
    "streams": ("a stream", StreamFile),
    "flows": ("a flow", Flow),
    NOTE + "weights": ("homes", Weights),
    **{NOTE + name: (f"{'an' if name == 'end' else 'a'} {name}", kind) for name, kind in KINDS.items()},
}

#: What to give where an array or object has too few elements or too many.
_SIZES = {
    "affine": "give two numbers [a, b] for a + b x value, not {n}",
    "quantiles": "give 1 to 16 numbers, not {n}",
    "replay": "the array is empty; give recorded numbers by [instance][round][index]",
    "streams": "give at least one stream",
    "arrivals": "give at least one cycle",
}


@dataclass(frozen=True)
class _Complaint:
    """One of pydantic's errors."""

    type: str
    path: _Path
    value: Any
    context: dict[str, Any]

    @property
    def word(self) -> str:
        """The last word of the place."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    def at(self, *parts: str | int) -> _Complaint:
        """Return the same of what is at a key or index."""
        return _Complaint(self.type, self.path + parts, self.value, self.context)

    def above(self) -> _Complaint:
        """Return the same of the object around it."""
        return _Complaint(self.type, self.path[:-1], self.value, self.context)


_Said = tuple[_Complaint, str]


def read(form: TypeAdapter[_T], node: Node, what: str) -> _T:
    """Return the object that JSON data stand for.

    Parameters
    ----------
    form : TypeAdapter
    node : Node
    what : str
        ``"workflow"``, ``"workload"`` or ``"source"``.

    Raises
    ------
    InputError
        Something is wrong; of several things the one that stands first.
    """
    try:
        return form.validate_python(without_notes(node.value))
    except ValidationError as error:
        found = [_complaint(node.value, what, one) for one in error.errors(include_url=False)]
        complaint, message = _said(_foremost(found))
        raise _at(node, complaint.path[1:]).error(message) from None


def _complaint(document: Any, what: str, error: ErrorDetails) -> _Complaint:
    kind, path, value = error["type"], (what, *error["loc"]), error["input"]
    if kind == "string_unicode" and isinstance(_found(document, error["loc"]), dict):
        kind, path = "extra_forbidden", (*path, value)  # it is a key that holds half of a surrogate pair
    return _Complaint(kind, path, value, error.get("ctx", {}))


def _found(document: Any, path: _Path) -> Any:
    for part in path:
        if isinstance(part, int) or not part.startswith(NOTE):
            document = document[part]
    return document


def _foremost(found: list[_Complaint]) -> _Complaint:
    """Return the first complaint, or one that its object or one around it has keys too many, or else too few."""
    first = found[0]
    keys = [one for one in found if _WORDS[one.type] in (_unknown_key, _missing_key)]
    around = [one for one in keys if first.path[: len(one.path) - 1] == one.path[:-1]]
    return min(around, key=lambda one: (len(one.path), _WORDS[one.type] is _missing_key), default=first)


def _at(node: Node, path: _Path) -> Node:
    place = node.place
    for part in path:
        if isinstance(part, int):
            place = f"{place}[{part}]"
        elif not part.startswith(NOTE):
            place = f"{place}.{part}" if place else part
    return Node(node.file, place, None)


def _said(complaint: _Complaint) -> _Said:
    """Return a complaint with the place that is meant, and its words."""
    if complaint.path[-1] == "[key]":
        complaint = _Complaint(complaint.type, complaint.path[:-2], complaint.value, complaint.context)
    return _WORDS[complaint.type](complaint)


def _object(word: str) -> tuple[str, list[str]]:
    """Return what an object is called, and its keys."""
    if word not in _OBJECTS:
        return ("thresholds", ["thresholds"]) if word == NOTE + "thresholds" else ("a number source", list(SOURCE_KEYS))
    name, form = _OBJECTS[word]
    return name, list(TypeAdapter(form).json_schema()["properties"])


def _unknown_key(complaint: _Complaint) -> _Said:
    name, known = _object(complaint.above().word)
    key = str(complaint.path[-1])
    return complaint.above(), f"unknown key '{key}' in {name}; {nearest(key, known)}"


def _missing_key(complaint: _Complaint) -> _Said:
    return complaint.above(), f"{_object(complaint.above().word)[0]} needs the key '{complaint.path[-1]}'"


def _no_object(complaint: _Complaint) -> _Said:
    if complaint.word == "scenes":
        return complaint, 'give an object {"NAME": source, ...}'
    return complaint, f"{_object(complaint.word)[0]} is a JSON object, not {json_kind(complaint.value)}"


def _no_array(complaint: _Complaint) -> _Said:
    return complaint, f"give a JSON array, not {json_kind(complaint.value)}"


def _size(complaint: _Complaint) -> _Said:
    if complaint.word == "scenes":
        return complaint, "give at least one scene" + (
            "" if complaint.path[-2] == NOTE + "scenes" else ", or leave 'scenes' out"
        )
    return complaint, _SIZES[complaint.word].format(n=len(complaint.value))


def _whole(complaint: _Complaint) -> _Said:
    give, value = "give a whole number from {low} to {high}".format(**complaint.context), complaint.value
    if type(value) is not int:
        return complaint, f"{give}, not {json_kind(value)}"
    return complaint, f"{value if abs(value) < 1 << 64 else 'the number'} is out of range; {give}"


def _version(complaint: _Complaint) -> _Said:
    if type(complaint.value) is not int:
        return complaint, f"give a whole number, not {json_kind(complaint.value)}"
    known = complaint.context["number"]
    return complaint, f"format {complaint.value} is not known; this program reads format {known}"


def _boolean(complaint: _Complaint) -> _Said:
    return complaint, f"give true or false, not {json_kind(complaint.value)}"


def _no_string(complaint: _Complaint) -> _Said:
    return complaint, f"give a string, not {json_kind(complaint.value)}"


def _no_id(complaint: _Complaint) -> _Said:
    rule = "use letters, digits and _, not a digit first, and not 'all'"
    return complaint, f"'{complaint.value}' is no block id; {rule}"


def _word(complaint: _Complaint) -> _Said:
    if not isinstance(complaint.value, str):
        return _no_string(complaint)
    what = complaint.context["what"].format(complaint.value)
    return complaint, f"unknown {what}; {nearest(complaint.value, complaint.context['known'])}"


def _block(complaint: _Complaint) -> _Said:
    if not isinstance(complaint.value, dict):
        return complaint, f"a block is a JSON object, not {json_kind(complaint.value)}"
    if "kind" not in complaint.value:
        missing = "id" if "id" not in complaint.value else "kind"
        return complaint, f"a block needs the key '{missing}'"
    kind = complaint.value["kind"]
    if not isinstance(kind, str):
        return complaint.at("kind"), f"give a string, not {json_kind(kind)}"
    return complaint.at("kind"), f"unknown kind '{kind}'; {nearest(kind, list(KINDS))}"


def _source(complaint: _Complaint) -> _Said:
    listed = ", ".join(f"'{key}'" for key in SOURCE_KEYS)
    if not isinstance(complaint.value, dict):
        what = f'a whole number, "value", or an object with one of {listed}'
        return complaint, f"give a number source: {what}"
    for key in complaint.value:
        if key not in SOURCE_KEYS:
            return complaint, f"unknown key '{key}' in a number source; {nearest(key, SOURCE_KEYS)}"
    return complaint, f"a number source has exactly one of {listed}, not {len(complaint.value)}"


def _refused(complaint: _Complaint) -> _Said:
    return complaint.at(*complaint.context["at"]), complaint.context["message"]


#: What to say, and of which place, by the type of an error.
_WORDS: dict[str, Callable[[_Complaint], _Said]] = {
    "unexpected_keyword_argument": _unknown_key,
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "dataclass_type": _no_object,
    "dict_type": _no_object,
    "tuple_type": _no_array,
    "too_short": _size,
    "too_long": _size,
    "whole": _whole,
    "version": _version,
    "bool_type": _boolean,
    "string_type": _no_string,
    "string_too_short": lambda complaint: (complaint, EMPTY),
    "string_unicode": lambda complaint: (complaint, HALF_A_PAIR),
    "string_pattern_mismatch": _no_id,
    "word": _word,
    "block": _block,
    "number_source": _source,
    "refused": _refused,
}
