# SPDX-License-Identifier: Apache-2.0
"""How a graph is imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.importers.units import parse_size, parse_time

__all__ = ["Options"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a graph is imported, in plain numbers; `of` reads units.

    Attributes
    ----------
    cycle : float or None
        Seconds that one cycle stands for. None chooses.
    word : float or None
        Bytes that one word of data stands for. None chooses.
    missing : float or None
        Run time, in seconds, of tasks that have none. None refuses them.
    config_words : int or None
        Words of each task's configuration. None chooses.
    flat : bool
        One block for each task, even where a spawn would do.
    limits : Config
        What data and configurations are to fit.
    """

    cycle: float | None = None
    word: float | None = None
    missing: float | None = None
    config_words: int | None = None
    flat: bool = False
    limits: Config = field(default_factory=Config)

    @classmethod
    def of(
        cls,
        *,
        cycle: str | float | None = None,
        word: str | float | None = None,
        missing: str | float | None = None,
        config_words: int | None = None,
        flat: bool = False,
        limits: Config | None = None,
    ) -> Options:
        """Read options; times and sizes may be text with a unit, like ``"1ms"`` and ``"1MB"``.

        Raises
        ------
        InputError
            One of them is wrong; its place is the option's name.
        """
        limits = limits or Config()
        if config_words is not None and not 0 <= config_words <= limits.config_words:
            raise InputError("config_words", str(config_words), f"is out of range; give 0 to {limits.config_words}")
        return cls(
            cycle=_quantity("cycle", parse_time, cycle, positive=True),
            word=_quantity("word", parse_size, word, positive=True),
            missing=_quantity("missing", parse_time, missing),
            config_words=config_words,
            flat=flat,
            limits=limits,
        )


def _quantity(
    name: str, parse: Callable[[str | float], float], quantity: str | float | None, positive: bool = False
) -> float | None:
    if quantity is None:
        return None
    try:
        number = parse(quantity)
    except ValueError as error:
        raise InputError(name, "", str(error)) from None
    if positive and not number:
        raise InputError(name, "", f"{quantity} is nothing; give more than 0")
    return number
