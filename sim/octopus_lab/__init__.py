# SPDX-License-Identifier: Apache-2.0
"""The command line and the laboratory: everything that runs, measures and prints."""
