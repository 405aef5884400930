# SPDX-License-Identifier: Apache-2.0
"""A naive executor of words: lists of Python's integers, and every rule where it is needed. A second opinion.

Values and decisions are those of a given execution; it says which words every invocation makes and which reach the end.
"""

from dataclasses import dataclass, field

from octopus_hw.owg.draw import mix
from octopus_hw.owg.interpret import Execution
from octopus_hw.owg.objects import Workflow

Key = tuple[int, int, int]


@dataclass
class Came:
    """What lies at a join: (flow, index, round, words) of each token."""

    tokens: list[tuple[int, int, int, list[int]]] = field(default_factory=list)
    expected: int = 0
    index: int = 0
    round: int = 0


class NaiveWords:
    """Executes one instance; `hashes` are by (block, index, round), `output` are the words at the end."""

    def __init__(self, workflow: Workflow, done: Execution, seed: int, instance: int, row: list[int]) -> None:
        self.workflow = workflow
        self.seed, self.instance = seed, instance
        self.choices = {decision[:3]: decision.choice for decision in done.decisions}
        self.values = {invocation[:3]: invocation.value_out for invocation in done.invocations}
        self.hashes: dict[Key, int] = {}
        self.joins: dict[tuple[int, int], Came] = {}
        self.output: list[int] = []
        self.visit(workflow.entry_number, -1, 0, 0, row)

    def kind(self, block: int) -> str:
        return self.workflow.blocks[block].kind

    def visit(self, block: int, flow: int, index: int, round: int, words: list[int]) -> None:
        """Let a token with these words come to a block."""
        key = (block, index, round)
        if self.kind(block) == "task":
            words = self.invoke(key, words)
        if self.kind(block) == "end":
            self.output = words
        elif self.kind(block) == "branch":
            self.follow(self.workflow.outgoing[block][self.choices[key]], index, round, words)
        elif self.kind(block) == "spawn":
            self.spawn(key, words)
        elif self.kind(block) == "join":
            self.arrive(block, flow, index, round, words)
        else:
            for out in self.workflow.outgoing[block]:
                self.follow(out, index, round, words)

    def follow(self, number: int, index: int, round: int, words: list[int]) -> None:
        flow, target = self.workflow.flows[number], self.workflow.ends[number][1]
        if self.kind(target) != "branch":
            first = flow.first + index * flow.stride
            words = [words[j] for j in range(first, first + flow.words) if j < len(words)]
        self.visit(target, number, index, round + (1 if flow.loop else 0), words)

    def invoke(self, key: Key, operand: list[int]) -> list[int]:
        block, index, round = key
        drawn = mix(self.seed, self.instance | round << 24, index | block << 16)[0]
        words = []
        for j in range(self.asked(key[0], set())):
            x = (drawn + j * 0x9E3779B9) % 2**32
            words.append(operand[j] if j < len(operand) else x ^ (x >> 16))
        total = sum((len(words) - j) * word for j, word in enumerate(words))
        self.hashes[key] = (total + self.values[key] * 65537) % 2**32
        return words

    def asked(self, block: int, seen: set[int]) -> int:
        """The words that are taken of a task's result, by any way through branches."""
        most = 0
        seen.add(block)
        for number in self.workflow.outgoing[block]:
            flow, target = self.workflow.flows[number], self.workflow.ends[number][1]
            if self.kind(target) != "branch":
                most = max(most, flow.first + flow.words)
            elif target not in seen:
                most = max(most, self.asked(target, seen))
        return most

    def spawn(self, key: Key, words: list[int]) -> None:
        block, index, round = key
        join = self.workflow.numbers[self.workflow.blocks[block].join]
        self.joins[join, 0] = Came([], self.choices[key], index, round)
        if not self.choices[key]:
            self.fire(join, self.joins.pop((join, 0)))
        for child in range(self.choices[key]):
            self.follow(self.workflow.outgoing[block][0], child, round, words)

    def arrive(self, block: int, flow: int, index: int, round: int, words: list[int]) -> None:
        to_all = self.workflow.blocks[block].of == "all"
        key = (block, index if to_all else 0)
        if to_all and key not in self.joins:
            self.joins[key] = Came([], len(self.workflow.incoming[block]), index)
        came = self.joins[key]
        came.tokens.append((flow, index, round, words))
        if len(came.tokens) == came.expected:
            self.fire(block, self.joins.pop(key))

    def fire(self, block: int, came: Came) -> None:
        area: list[int] = []
        if self.workflow.blocks[block].of == "all":
            for flow in self.workflow.incoming[block]:
                (words,) = [token[3] for token in came.tokens if token[0] == flow]
                area += padded(words, self.workflow.flows[flow].words)
        else:
            most = max(self.workflow.flows[flow].words for flow in self.workflow.incoming[block])
            for _, _, _, words in sorted(came.tokens, key=lambda token: token[1]):
                area += padded(words, most)
        round = max([came.round, *(token[2] for token in came.tokens)])
        for out in self.workflow.outgoing[block]:
            self.follow(out, came.index, round, area)


def padded(words: list[int], size: int) -> list[int]:
    """Words with zeros behind them, to a multiple of 4 that is at least a size."""
    while size % 4:
        size += 1
    return words + [0] * (size - len(words))
