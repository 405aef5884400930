# SPDX-License-Identifier: Apache-2.0
"""Strict JSON: read a file, and walk it with the place at hand for every complaint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from octopus_hw.contract.errors import InputError

#: Deepest nesting of a document.
MAX_DEPTH = 64
TOO_DEEP = f"nested too deeply; keep to {MAX_DEPTH} levels"
HALF_A_PAIR = "the string holds half of a surrogate pair; write the character itself"
EMPTY = "the string is empty; give a name"


class _Repeated(dict[str, Any]):
    """A JSON object in which a key came twice."""

    def __init__(self, pairs: list[tuple[str, Any]], key: str) -> None:
        super().__init__(pairs)
        self.key = key


def _pairs_hook(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return _Repeated(pairs, key)
        seen.add(key)
    return dict(pairs)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


@dataclass(frozen=True)
class Node:
    """A JSON value, with the file and the place it stands at."""

    file: str
    place: str
    value: Any

    def error(self, message: str) -> InputError:
        """Make the error that says what is wrong here."""
        return InputError(self.file, self.place, message)

    def __getitem__(self, key: str) -> Node:
        return Node(self.file, f"{self.place}.{key}" if self.place else key, self.value[key])

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def items(self) -> Iterator[Node]:
        """Yield the elements of an array."""
        for number, element in enumerate(self.array()):
            yield Node(self.file, f"{self.place}[{number}]", element)

    def array(self) -> list[Any]:
        """Demand an array."""
        if not isinstance(self.value, list):
            raise self.error(f"give a JSON array, not {json_kind(self.value)}")
        return self.value

    def string(self) -> str:
        """Demand a string that can be printed as UTF-8."""
        if not isinstance(self.value, str):
            raise self.error(f"give a string, not {json_kind(self.value)}")
        if any("\ud800" <= character <= "\udfff" for character in self.value):
            raise self.error(HALF_A_PAIR)
        return self.value

    def name(self) -> str:
        """Demand a string that is not empty."""
        if not self.string():
            raise self.error(EMPTY)
        return self.string()


def json_kind(value: Any) -> str:
    """Say what stands where something else should."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, str):
        return f"the string {json.dumps(value[:40])}"
    if isinstance(value, float):
        return f"{value}"
    return {int: "a number", list: "an array"}.get(type(value), "an object")


def _check_tree(file: str, document: Any) -> None:
    """Refuse duplicate keys, and nesting that would be too deep to walk by recursion."""
    todo = [("", document, 0)]
    while todo:
        place, value, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise InputError(file, "", TOO_DEEP)
        if isinstance(value, _Repeated):
            raise InputError(file, place, f"duplicate key '{value.key}'; keep one of them")
        if isinstance(value, dict):
            inner = [(f"{place}.{key}" if place else key, child) for key, child in value.items() if _is_tree(child)]
        else:
            inner = [(f"{place}[{number}]", child) for number, child in enumerate(value) if _is_tree(child)]
        todo += [(at, child, depth + 1) for at, child in reversed(inner)]


def _is_tree(value: Any) -> bool:
    return isinstance(value, dict | list)


def parse_text(text: str, file: str) -> Node:
    """Parse JSON text; duplicate keys and broken JSON are refused with their place."""
    try:
        document = json.loads(text, object_pairs_hook=_pairs_hook, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise InputError(file, place, f"broken JSON: {error.msg}; correct the file there") from None
    except RecursionError:
        raise InputError(file, "", TOO_DEEP) from None
    except ValueError as error:
        raise InputError(file, "", f"broken JSON: {error}; give plain numbers") from None
    if _is_tree(document):
        _check_tree(file, document)
    return Node(file, "", document)


def read_text(path: str | Path) -> str:
    """Read a UTF-8 file, every failure an `InputError`."""
    try:
        return read_bytes(path, "workflow or workload file").decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(str(path), f"byte {error.start}", "not UTF-8; save the file as UTF-8") from None


def read_bytes(path: str | Path, what: str) -> bytes:
    """Read a file, every failure an `InputError`; `what` says which kind of file is meant."""
    file = str(path)
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(file, "", "no such file; check the path") from None
    except IsADirectoryError:
        raise InputError(file, "", f"is a directory; name a {what} in it") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(file, "", f"cannot be read: {reason}") from None


def read_document(path: str | Path) -> Node:
    """Read and parse a JSON file."""
    return parse_text(read_text(path), str(path))
