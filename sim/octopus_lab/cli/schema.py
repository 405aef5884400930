# SPDX-License-Identifier: Apache-2.0
"""The JSON schema of a kind of file: ``workflow``, ``workload`` or ``config`` (TOML as JSON); or of all, by name."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import Any

from octopus_hw.owg.file_forms import WorkflowFile, WorkloadFile
from octopus_hw.schema.config import ConfigFile
from octopus_hw.schema.publish import published
from octopus_lab.cli import options

__all__ = ["FORMS", "add_arguments", "run", "schema"]

#: The form of each kind of file, and the title of its schema.
FORMS: dict[str, tuple[Any, str]] = {
    "workflow": (WorkflowFile, "Octopus workflow"),
    "workload": (WorkloadFile, "Octopus workload"),
    "config": (ConfigFile, "Octopus configuration"),
}


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON schema of a kind of file."""
    return published(*FORMS[kind])


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    parser.add_argument("kind", metavar="KIND", nargs="?", choices=list(FORMS), help=" | ".join(FORMS))


def run(arguments: Namespace) -> int:
    """Print one schema, or all of them by name; with ``--json`` just the same."""
    kind = arguments.kind
    print(json.dumps(schema(kind) if kind else {each: schema(each) for each in FORMS}, indent=2))
    return 0
