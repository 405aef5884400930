# SPDX-License-Identifier: Apache-2.0
"""The experiments behind docs/evaluation.md, each from workloads to jobs, and from rows to tables and plots."""

from octopus_lab.bench.experiments.ablation import ABLATION
from octopus_lab.bench.experiments.base import Experiment, Options, evaluate
from octopus_lab.bench.experiments.confirm import CONFIRM
from octopus_lab.bench.experiments.hotspot import HOTSPOT
from octopus_lab.bench.experiments.latency import LATENCY
from octopus_lab.bench.experiments.load import LOAD
from octopus_lab.bench.experiments.main import IMPORTED, MAIN
from octopus_lab.bench.experiments.scaling import CONFIGURATIONS, DATA, GRAIN, WIDTH, WINDOW
from octopus_lab.bench.experiments.sweep import SWEEP

__all__ = ["EXPERIMENTS", "Experiment", "Options", "evaluate"]

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        MAIN,
        LOAD,
        LATENCY,
        HOTSPOT,
        ABLATION,
        SWEEP,
        GRAIN,
        DATA,
        WIDTH,
        WINDOW,
        CONFIGURATIONS,
        IMPORTED,
        CONFIRM,
    )
}
