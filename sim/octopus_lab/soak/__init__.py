# SPDX-License-Identifier: Apache-2.0
"""Random runs for as long as one likes, the RTL against the model; what fails is made small and kept."""
