# SPDX-License-Identifier: Apache-2.0
"""The Control Block Unit and the home store of a tile."""
