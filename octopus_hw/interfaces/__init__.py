# SPDX-License-Identifier: Apache-2.0
"""Bundles between the units of a tile."""
