# SPDX-License-Identifier: Apache-2.0
"""The chip: tiles in a mesh, the host's port, the boot tree, status, and the check that nobody waits for himself."""
