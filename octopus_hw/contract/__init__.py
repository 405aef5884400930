# SPDX-License-Identifier: Apache-2.0
"""What all sides share: sizes, layouts, codes, strategies, and the one exception for bad input."""
