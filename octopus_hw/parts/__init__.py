# SPDX-License-Identifier: Apache-2.0
"""Small hardware parts that know nothing of the chip: queues, arbiters, credits, selects, memories."""
