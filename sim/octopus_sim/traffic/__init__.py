# SPDX-License-Identifier: Apache-2.0
"""A chip of data routers alone, with sources of random packets and sinks that check them.

::

    Chip ── Row x rows ── Tile x columns:  BootNode ──▶ Settings
                                           Source ──▶ DataRouter ──▶ Sink
                                              └── counters ──┴──▶ Readout

It has the host port of the whole chip, so plans and sessions serve it. One build of a mesh and a router does all
patterns, loads and packet lengths: they are registers. `driver` configures, waits and reads.
"""
