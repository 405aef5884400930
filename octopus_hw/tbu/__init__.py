# SPDX-License-Identifier: Apache-2.0
"""The Task Block Unit: PEAs, their tokens and data, configuration slots and the dispatcher."""
