# SPDX-License-Identifier: Apache-2.0
"""Sweeps of random traffic over a network of data routers, and what they show."""
