# SPDX-License-Identifier: Apache-2.0
"""Octopus: a scale-out spatial architecture for orchestrated AI workflows."""
