# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG: the same colour and marker for a strategy everywhere."""
