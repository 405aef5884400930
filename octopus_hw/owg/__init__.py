# SPDX-License-Identifier: Apache-2.0
"""Orchestrated Workflow Graphs: files, objects, checks, workloads, and what they do apart from time."""

from octopus_hw.owg.builder import WorkflowBuilder, affine, quantiles, replay, scenes, thresholds
from octopus_hw.owg.check import check
from octopus_hw.owg.draw import draw, draw_array, pick
from octopus_hw.owg.interpret import Decision, Execution, Fired, Invocation, interpret
from octopus_hw.owg.load import as_workload, load_workflow, load_workload, workflow_from_json, workload_from_json
from octopus_hw.owg.measures import Measures, executions, measures
from octopus_hw.owg.objects import Block, Branch, End, Flow, Fork, Join, Spawn, Task, Workflow
from octopus_hw.owg.profile import Profile, Spread, StreamProfile, TaskProfile, profile
from octopus_hw.owg.ranges import child_bounds, value_bounds
from octopus_hw.owg.save import save, to_json
from octopus_hw.owg.sources import Affine, Const, NumberSource, Point, Quantiles, Replay, Scenes, Thresholds, Value
from octopus_hw.owg.workload import Instance, Resolved, Stream, Workload, resolve

__all__ = [
    "Affine",
    "Block",
    "Branch",
    "Const",
    "Decision",
    "End",
    "Execution",
    "Fired",
    "Flow",
    "Fork",
    "Instance",
    "Invocation",
    "Join",
    "Measures",
    "NumberSource",
    "Point",
    "Profile",
    "Quantiles",
    "Replay",
    "Resolved",
    "Scenes",
    "Spawn",
    "Spread",
    "Stream",
    "StreamProfile",
    "Task",
    "TaskProfile",
    "Thresholds",
    "Value",
    "Workflow",
    "WorkflowBuilder",
    "Workload",
    "affine",
    "as_workload",
    "check",
    "child_bounds",
    "draw",
    "draw_array",
    "executions",
    "interpret",
    "load_workflow",
    "load_workload",
    "measures",
    "pick",
    "profile",
    "quantiles",
    "replay",
    "resolve",
    "save",
    "scenes",
    "thresholds",
    "to_json",
    "value_bounds",
    "workflow_from_json",
    "workload_from_json",
]
