# SPDX-License-Identifier: Apache-2.0
"""Simulation, co-simulation and proofs of the generated hardware."""
