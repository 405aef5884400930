# SPDX-License-Identifier: Apache-2.0
"""The layouts of the largest build: in these the kernels pack what travels, so one compilation serves every build."""

from dataclasses import fields

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts

__all__ = ["WIDEST"]

WIDEST = layouts(Config(**{size.name: size.metadata["high"] for size in fields(Config)}))
