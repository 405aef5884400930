# SPDX-License-Identifier: Apache-2.0
"""The fabric: links, switches and routers of the data and the control plane."""
