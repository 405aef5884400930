# SPDX-License-Identifier: Apache-2.0
"""Everything that prints figures: what the chip takes, how fast it and its simulations are, what is proved."""

from __future__ import annotations

from octopus_lab.cli.parser import Commands, Parser, add_commands

__all__ = ["MEASURES", "add_arguments"]

MEASURES: Commands = {
    "units": ("size and speed of each unit on an ECP5", "octopus_lab.measure.units"),
    "network": ("latency and throughput of the data plane under random traffic", "octopus_lab.measure.network"),
    "export": ("what it takes to generate a mesh; equality of its plain form", "octopus_lab.measure.export"),
    "model": ("speed of the software model", "octopus_lab.measure.model"),
    "simulation": ("build time and speed of simulations of the RTL", "octopus_lab.measure.simulation"),
    "soak": ("random workflows and traffic, RTL against model, for long", "octopus_lab.measure.soak"),
    "proofs": ("everything that is proved", "octopus_lab.measure.proofs"),
    "deadlock": ("that nobody can wait for himself, on every mesh", "octopus_lab.measure.deadlock"),
    "mutants": ("whether the tests notice broken units", "octopus_lab.measure.mutants"),
    "evaluate": ("the experiments behind docs/evaluation.md", "octopus_lab.measure.evaluate"),
}


def add_arguments(parser: Parser) -> None:
    """Add the measurements, each a command of its own."""
    add_commands(parser, MEASURES, "measurements", "NAME")
