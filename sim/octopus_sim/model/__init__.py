# SPDX-License-Identifier: Apache-2.0
"""The cycle-exact software model, written from docs/timing.md."""

from octopus_sim.model.run import ModelError, ModelResult, run

__all__ = ["ModelError", "ModelResult", "run"]
