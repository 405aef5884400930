# SPDX-License-Identifier: Apache-2.0
"""Suites of workloads that come with the package; `docs/workloads.md` says what each of them models."""

from octopus_hw.suites.load import SUITES, load_suite, on_mesh, suite_files

__all__ = ["SUITES", "load_suite", "on_mesh", "suite_files"]
