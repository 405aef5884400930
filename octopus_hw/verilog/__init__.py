# SPDX-License-Identifier: Apache-2.0
"""From components to Verilog: units that are emitted once, their names, the export."""
