# SPDX-License-Identifier: Apache-2.0
"""Arguments that several commands have, each said once."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from typing import Any

from octopus_hw.contract.errors import InputError

__all__ = [
    "add_config", "add_disable", "add_engine", "add_files", "add_host_cycles", "add_jobs", "add_json", "add_mesh",
    "add_out", "add_seed", "add_strategy", "mesh", "mesh_texts", "number", "positive", "seed",
]  # fmt: skip

Parser = argparse.ArgumentParser


def mesh(text: str) -> tuple[int, int]:
    """Read columns and rows like ``4x2``."""
    from octopus_hw.image.compile import check_mesh

    match = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text, re.ASCII)
    if match is None:
        raise InputError("--mesh", text, "is no mesh; give columns and rows, like 4x2")
    columns, rows = int(match[1]), int(match[2])
    check_mesh(columns, rows)
    return columns, rows


def seed(text: str) -> int:
    """Read a 32-bit seed."""
    return _whole("--seed", text, 0, (1 << 32) - 1, "seed")


def number(option: str, least: int = 1, most: int = 10**12) -> Callable[[str], int]:
    """Return what reads an option's whole number."""
    return lambda text: _whole(option, text, least, most, "number for it")


def positive(option: str) -> Callable[[str], float]:
    """Return what reads an option's number, which is more than 0 and may have a fraction."""

    def read(text: str) -> float:
        if not re.fullmatch(r"\d{1,12}(\.\d{1,12})?", text, re.ASCII) or not float(text):
            raise InputError(option, text, "is no number for it; give one greater than 0")
        return float(text)

    return read


def _whole(option: str, text: str, least: int, most: int, what: str) -> int:
    if not re.fullmatch(r"\d{1,13}", text, re.ASCII) or not least <= int(text) <= most:
        raise InputError(option, text, f"is no {what}; give a whole number from {least} to {most}")
    return int(text)


def _strategy_name(text: str) -> str:
    from octopus_hw.contract.strategies import strategy

    return strategy(text).name


def mesh_texts(meshes: Iterable[tuple[int, int]]) -> str:
    """Return meshes as they are written on the command line."""
    return " ".join(f"{columns}x{rows}" for columns, rows in meshes)


def add_json(parser: Parser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="machine-readable output on stdout, nothing else")


def add_config(parser: Parser) -> None:
    """Add ``--config`` and ``--set``, what `load_config` takes."""
    parser.add_argument("--config", metavar="FILE", help="TOML file with a table [octopus]")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="override one of its keys")


def add_files(parser: Parser, nargs: str | None = None, about: str = "workload or workflow file") -> None:
    """Add a FILE, or some."""
    keys: dict[str, Any] = {"nargs": nargs} if nargs else {}
    parser.add_argument("files" if nargs else "file", metavar="FILE", help=about, **keys)


def add_mesh(parser: Parser, **keys: Any) -> None:
    """Add ``--mesh``; one, unless the action is to append."""
    parser.add_argument("--mesh", type=mesh, metavar="CxR", **{"help": "columns and rows of tiles, like 4x2"} | keys)


def add_seed(parser: Parser, about: str = "replaces the workload's seed", default: int | None = None) -> None:
    """Add ``--seed``."""
    parser.add_argument("--seed", type=seed, metavar="N", default=default, help=about)


def add_disable(parser: Parser) -> None:
    """Add ``--disable``."""
    about = "a dead part: x,y or x,y.tbu or x,y.tbu.pea"
    parser.add_argument("--disable", metavar="PART", action="append", default=[], help=about)


def add_host_cycles(parser: Parser) -> None:
    """Add ``--host-cycles``."""
    about = "cycles that the host takes for each word of a row or result (default: 1)"
    read = number("--host-cycles", most=1_000_000)
    parser.add_argument("--host-cycles", type=read, metavar="H", default=1, help=about)


def add_jobs(parser: Parser, about: str = "processes; default: as many as processors", default: Any = None) -> None:
    """Add ``--jobs``."""
    parser.add_argument("--jobs", type=number("--jobs", most=9999), metavar="N", default=default, help=about)


def add_out(parser: Parser, default: str) -> None:
    """Add ``--out``, a directory."""
    parser.add_argument("--out", metavar="DIR", default=default, help=f"where files are written (default: {default})")


def add_engine(parser: Parser, **keys: Any) -> None:
    """Add ``--engine``."""
    from octopus_sim.engines import ENGINES

    parser.add_argument("--engine", choices=list(ENGINES), **keys)


def add_strategy(parser: Parser, **keys: Any) -> None:
    """Add ``--strategy``, and say below what there are."""
    from octopus_hw.contract.strategies import MECHANISMS, STRATEGIES

    if keys.get("action") == "append":
        keys.setdefault("help", "see below; can be given several times; default: all presets")
    parser.add_argument("--strategy", type=_strategy_name, metavar="S", **keys)
    width = max(map(len, (*STRATEGIES, *MECHANISMS)))
    parser.epilog = "\n".join(
        [
            "presets of strategies, weakest first:",
            *(f"  {preset.name:<{width}}  {preset.summary}" for preset in STRATEGIES.values()),
            "",
            "mechanisms, which may be added to a preset or left out, as in octopus-split or adaptive+balance:",
            *(f"  {name:<{width}}  {what}" for name, what in MECHANISMS.items()),
        ]
    )
