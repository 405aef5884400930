# SPDX-License-Identifier: Apache-2.0
"""The timing page in plain Python: what `docs/timing.md` says, one function for each rule, without a thought of speed.

Tests hold the RTL against it, unit by unit and cycle by cycle. It shares no cycle logic with the fast model in
`octopus_sim.model`, nor with the RTL: neither of the three imports another.
"""
