# SPDX-License-Identifier: Apache-2.0
"""How files of any kind are read into typed objects, and what their JSON schemas say."""
