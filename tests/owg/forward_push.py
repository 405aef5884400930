# SPDX-License-Identifier: Apache-2.0
"""The token test just as the file format words it: counts pushed forward through random branch weights.

A push returns what arrives at the sink and, for each ``all`` join, by how much its inputs differ. So that a push may
start anywhere, what a join emits is a random mean of its inputs, which is their count where they are equal.
"""

from random import Random

from octopus_hw.owg.graph import topological
from octopus_hw.owg.objects import Workflow

PRIME = (1 << 61) - 1


def shares(random, count):
    parts = [random.randrange(PRIME) for _ in range(count - 1)]
    return [*parts, (1 - sum(parts)) % PRIME]


class Push:
    def __init__(self, workflow: Workflow, seed: int = 0) -> None:
        self.workflow = workflow
        self.ordered = topological(workflow)
        random = Random(seed)
        self.weights = [1] * len(workflow.flows)
        self.means = [1] * len(workflow.flows)
        for number, block in enumerate(workflow.blocks):
            forward = [flow for flow in workflow.outgoing[number] if not workflow.flows[flow].loop]
            if block.kind == "branch":
                for flow, weight in zip(forward, shares(random, len(forward)), strict=True):
                    self.weights[flow] = weight
            if block.waits_for_all:
                incoming = workflow.incoming[number]
                for flow, weight in zip(incoming, shares(random, len(incoming)), strict=True):
                    self.means[flow] = weight

    def run(self, start_block=None, start_flow=None, sink=None):
        workflow = self.workflow
        flows, blocks, differ = [0] * len(workflow.flows), [0] * len(workflow.blocks), []
        if start_flow is not None:
            flows[start_flow] = 1
        for number in self.ordered:
            block = workflow.blocks[number]
            incoming = [flows[flow] for flow in workflow.incoming[number]]
            if block.waits_for_all:
                blocks[number] = sum(flows[flow] * self.means[flow] for flow in workflow.incoming[number]) % PRIME
                differ += [(count - incoming[0]) % PRIME for count in incoming]
            elif block.kind != "join" or number == sink:
                blocks[number] = sum(incoming) % PRIME
            if number == start_block:
                blocks[number] = (blocks[number] + 1) % PRIME
            if number == sink:
                continue
            if block.kind == "spawn":
                blocks[workflow.numbers[block.join]] += blocks[number]
                continue
            for flow in workflow.outgoing[number]:
                if not workflow.flows[flow].loop:
                    flows[flow] = (flows[flow] + blocks[number] * self.weights[flow]) % PRIME
        return [blocks[workflow.end_number if sink is None else sink] % PRIME, *differ]

    def sound(self, bodies) -> bool:
        workflow = self.workflow
        sinks = {member: workflow.numbers[workflow.blocks[spawn].join] for spawn in bodies for member in bodies[spawn]}
        runs = [self.run(start_block=workflow.entry_number)]
        for spawn in bodies:
            join = workflow.numbers[workflow.blocks[spawn].join]
            runs.append(self.run(start_flow=workflow.outgoing[spawn][0], sink=join))
        if any(run[0] != 1 or any(run[1:]) for run in runs):
            return False
        for flow, (source, target) in enumerate(workflow.ends):
            if workflow.flows[flow].loop:
                sink = sinks.get(source)
                if self.run(start_block=source, sink=sink) != self.run(start_block=target, sink=sink):
                    return False
        return True
