# SPDX-License-Identifier: Apache-2.0
"""What tells an image for one chip from an image for another: a version, the mesh, a hash of the configuration."""

from dataclasses import fields
from zlib import crc32

from octopus_hw.contract.config import Config

__all__ = ["VERSION", "configuration_hash"]

#: Of everything that goes through the host port: commands, replies and what is in tables.
VERSION = 1


def configuration_hash(config: Config) -> int:
    """Return the CRC-32 of a text that names every size which the hardware is built with.

    The text is ``octopus <version>`` and a line ``<key>=<number>`` for each key of `Config` that is built, in the
    order of `Config`; each line ends with a line feed.
    """
    built = [f"{f.name}={getattr(config, f.name)}" for f in fields(config) if f.metadata["built"]]
    return crc32("".join(f"{line}\n" for line in (f"octopus {VERSION}", *built)).encode())
