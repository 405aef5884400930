# SPDX-License-Identifier: Apache-2.0
"""Graphviz digraphs.

The whole language is read: chains, subgraphs as ends of edges, ``node`` and ``edge`` defaults in their scope, ports,
joined strings, HTML labels and comments.
"""

from __future__ import annotations

from itertools import pairwise

from octopus_hw.contract.errors import InputError
from octopus_hw.importers.attributes import data_of, task_of
from octopus_hw.importers.dot_tokens import DotToken, tokens
from octopus_hw.importers.graph import TaskGraph

__all__ = ["read_dot"]

#: Deepest nesting of subgraphs.
_DEEPEST = 64

Attributes = dict[str, str]


def read_dot(text: str, file: str, name: str | None = None) -> TaskGraph:
    """Read a digraph; the attributes are those of `task_of` and `data_of`."""
    parser = _Parser(text, file)
    parser.graph()
    graph = TaskGraph(name or parser.name or "graph", file)
    for node, attributes in parser.nodes.items():
        graph.add_task(task_of(file, f"node '{node}'", node, attributes))
    for source, target, attributes in parser.edges:
        place = f"edge '{source}' -> '{target}'"
        graph.add_edge(source, target, data_of(file, place, attributes), place)
    return graph


class _Scope:
    """Defaults for what is created within some braces, and the nodes that are named there."""

    def __init__(self, outer: _Scope | None = None) -> None:
        self.depth: int = outer.depth + 1 if outer else 0
        self.node: Attributes = dict(outer.node) if outer else {}
        self.edge: Attributes = dict(outer.edge) if outer else {}
        self.members: dict[str, None] = {}


class _Parser:
    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.tokens = list(tokens(text, file))
        self.at = 0
        self.name = ""
        self.strict = False
        self.nodes: dict[str, Attributes] = {}
        self.edges: list[tuple[str, str, Attributes]] = []
        self.known: dict[tuple[str, str], int] = {}

    @property
    def token(self) -> DotToken:
        if self.at < len(self.tokens):
            return self.tokens[self.at]
        return DotToken("end", "the end of the file", self.tokens[-1].line if self.tokens else 1)

    def error(self, message: str) -> InputError:
        return InputError(self.file, f"line {self.token.line}", message)

    def take(self) -> DotToken:
        self.at += 1
        return self.tokens[self.at - 1]

    def sign(self, *signs: str) -> str:
        """Take one of these signs if it is next."""
        return self.take().text if self.token.kind == "sign" and self.token.text in signs else ""

    def keyword(self, *words: str) -> str:
        """Take one of these keywords if it is next."""
        if self.token.bare and self.token.text.lower() in words:
            return self.take().text.lower()
        return ""

    def expect(self, sign: str) -> None:
        if not self.sign(sign):
            raise self.error(f"expected '{sign}', not '{self.token.text}'; correct the file there")

    def id(self) -> str:
        """Take an id; strings may be joined by ``+``."""
        if self.token.kind != "id":
            raise self.error(f"expected a name, not '{self.token.text}'; correct the file there")
        parts = [self.take().text]
        while self.sign("+") and self.token.kind == "id":
            parts.append(self.take().text)
        return "".join(parts)

    def graph(self) -> None:
        self.strict = bool(self.keyword("strict"))
        if self.keyword("graph"):
            raise self.error("the graph has no directions; give a digraph")
        if not self.keyword("digraph"):
            raise self.error(f"expected 'digraph', not '{self.token.text}'; give a Graphviz file, or another --from")
        self.name = self.id() if self.token.kind == "id" else ""
        self.statements(_Scope())
        if self.token.kind != "end":
            raise self.error(f"'{self.token.text}' after the graph; keep to one graph in a file")

    def statements(self, scope: _Scope) -> None:
        if scope.depth > _DEEPEST:
            raise self.error(f"nested too deeply; keep to {_DEEPEST} levels")
        self.expect("{")
        while not self.sign("}"):
            self.statement(scope)
            self.sign(";")

    def statement(self, scope: _Scope) -> None:
        default = self.keyword("node", "edge", "graph")
        following = self.tokens[self.at + 1 : self.at + 2]
        if default:
            {"node": scope.node, "edge": scope.edge}.get(default, {}).update(self.attributes())
        elif following and following[0].text == "=" and following[0].kind == "sign":
            self.assignment()
        else:
            self.chain(scope)

    def chain(self, scope: _Scope) -> None:
        """Read nodes or subgraphs, with arrows between them."""
        is_node = not self.opens()
        ends = [self.end(scope)]
        while arrow := self.sign("->", "--"):
            if arrow == "--":
                raise self.error("'--' has no direction; write '->'")
            ends.append(self.end(scope))
        attributes = self.attributes()
        if len(ends) == 1 and is_node:
            self.nodes[ends[0][0]].update(attributes)
        for sources, targets in pairwise(ends):
            for source in sources:
                for target in targets:
                    self.add_edge(source, target, scope.edge, attributes)

    def add_edge(self, source: str, target: str, defaults: Attributes, attributes: Attributes) -> None:
        if self.strict and (source, target) in self.known:
            self.edges[self.known[source, target]][2].update(attributes)
            return
        self.known[source, target] = len(self.edges)
        self.edges.append((source, target, defaults | attributes))

    def opens(self) -> bool:
        """Whether a subgraph is next."""
        token = self.token
        return (token.bare and token.text.lower() == "subgraph") or (token.kind == "sign" and token.text == "{")

    def end(self, scope: _Scope) -> list[str]:
        """Read one end of an edge: the name of a node, or a subgraph, which stands for all nodes in it."""
        if self.opens():
            if self.keyword("subgraph") and self.token.kind == "id":
                self.id()
            inner = _Scope(scope)
            self.statements(inner)
            scope.members |= inner.members
            return list(inner.members)
        name = self.id()
        while self.sign(":"):
            self.id()
        self.nodes.setdefault(name, dict(scope.node))
        scope.members[name] = None
        return [name]

    def attributes(self) -> Attributes:
        """Read any number of attribute lists."""
        found: Attributes = {}
        while self.sign("["):
            while not self.sign("]"):
                key, value = self.assignment()
                found[key] = value
                self.sign(",", ";")
        return found

    def assignment(self) -> tuple[str, str]:
        key = self.id()
        return key, self.id() if self.sign("=") else "true"
