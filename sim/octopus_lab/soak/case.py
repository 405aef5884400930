# SPDX-License-Identifier: Apache-2.0
"""One random run, small enough to be written to a file and to be run again."""

import json
from dataclasses import asdict, dataclass, field, replace
from random import Random
from typing import Any, Self

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_lab.soak.inputs import loaded
from octopus_lab.soak.workloads import random_balance, random_dead, random_strategy, random_workload

__all__ = ["Case", "config_json", "random_case"]


def config_json(config: Config) -> dict[str, int]:
    """Return what is not the default."""
    default = asdict(Config())
    return {name: value for name, value in asdict(config).items() if value != default[name]}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is run, on what, and how the host behaves.

    Attributes
    ----------
    columns, rows : int
    config : Config
    workload : dict
        A workload file's JSON object, with the notes of `octopus_lab.soak.inputs`.
    strategy : str
        What `octopus_hw.contract.strategies.strategy` takes.
    balance : dict
        Fields of `layout.Balance` that are set instead of what the compiler says.
    dead : tuple of str
        Parts to leave out.
    host : int or None
        Seed of the gaps and stalls at the host port; None for a host that is always ready.
    """

    columns: int
    rows: int
    config: Config
    workload: dict[str, Any]
    strategy: str
    balance: dict[str, int] = field(default_factory=dict)
    dead: tuple[str, ...] = ()
    host: int | None = None

    def compile(self) -> Compiled:
        """Make what engines run.

        Raises
        ------
        InputError
            The workload is not well-formed or does not fit.
        """
        workload = loaded(self.workload)
        compiled = compile_workload(workload, self.columns, self.rows, self.config, self.strategy, dead=self.dead)
        image = compiled.image
        return replace(compiled, image=replace(image, balance=image.balance | self.balance))

    def to_json(self) -> str:
        """Return the text of a file."""
        return json.dumps(asdict(self) | {"config": config_json(self.config)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        """Take apart what `to_json` wrote."""
        return cls(**fields | {"config": Config(**fields["config"]), "dead": tuple(fields["dead"])})

    def __str__(self) -> str:
        streams = [
            f"{stream.get('instances')} x {len(stream['owg']['blocks'])} blocks" for stream in self.workload["streams"]
        ]
        dead = f", dead {' '.join(self.dead)}" if self.dead else ""
        stalls = f"link_stalls {self.config.link_stalls}, host {'always ready' if self.host is None else 'stalls'}"
        return f"{self.columns}x{self.rows}, {' + '.join(streams)}, {self.strategy}{dead}, {stalls}"


def random_case(seed: int, columns: int, rows: int, config: Config, scale: int = 1) -> Case:
    """Make the case of a seed, one that fits the configuration.

    Parameters
    ----------
    seed
        All follows from this and the other parameters.
    columns, rows, config
        What it runs on.
    scale
        Of `random_workload`.
    """
    random = Random(seed)
    choose = random.randint
    while True:
        case = Case(
            columns=columns,
            rows=rows,
            config=config,
            workload=random_workload(choose, columns * rows, scale),
            strategy=random_strategy(choose),
            balance=random_balance(choose),
            dead=tuple(random_dead(choose, columns, rows, config)),
            host=choose(0, 2**32 - 1),
        )
        try:
            case.compile()
        except InputError as error:
            if "the configuration has" not in str(error):
                raise
        else:
            return case
