# SPDX-License-Identifier: Apache-2.0
"""From a workload to the words that a chip is loaded with."""
