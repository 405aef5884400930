# SPDX-License-Identifier: Apache-2.0
"""Strategies over suites of workloads: jobs, their rows, summaries, tables and plots.

::

    jobs ──► running ──► rows on disk ──► summary ──► tables, plots
             (workers)   (kept at once)
"""
