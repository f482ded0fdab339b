"""Reads YAML as trees within limits: what could be a trap for the reader, aliases above all, is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from services.measurement.sources.openslo.nodes import Finding, Mapping, Node, Place, Scalar, Sequence

LARGEST_TEXT = 1 << 20
MOST_DOCUMENTS = 1_000
MOST_NODES = 100_000
DEEPEST = 32
LONGEST_SCALAR = 100_000

Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXT_TAGS = ("!", "tag:yaml.org,2002:str")


class Unreadable(Exception):
    """The text as a whole cannot be read, for the reason that is found."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason)
        self.finding = finding


class Tree(NamedTuple):
    """A document of a file, and its text with the comments before it. The texts of a file make up the whole of it."""

    root: Node
    text: str


def read_trees(text: str) -> tuple[list[Tree], list[Finding]]:
    """The documents of a text that hold anything, and what of YAML they may not use."""
    if len(text) > LARGEST_TEXT:
        raise Unreadable(Finding(1, 1, "", f"expected at most {LARGEST_TEXT >> 20} MiB of text"))
    reader = _Reader(text)
    try:
        return list(reader.trees()), reader.problems
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reason = f"this is no YAML: {getattr(wrong, 'problem', None) or wrong}"
        raise Unreadable(Finding(line, column, "", reason)) from None


@dataclass
class _Reader:
    text: str
    problems: list[Finding] = field(default_factory=list)
    nodes: int = 0

    def __post_init__(self) -> None:
        self.events: Iterator[Any] = yaml.parse(self.text, Loader=Loader)

    def trees(self) -> Iterator[Tree]:
        begun, count = 0, 0
        last: Tree | None = None
        for event in self.events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            if event.version or event.tags:
                self._refuse(event, "expected no directive (a line that begins with %)")
            root = self._node(next(self.events), 0)
            end = next(self.events).end_mark.index
            if isinstance(root, Scalar) and root.is_null:
                continue
            if last:
                yield last
            last, begun, count = Tree(root, self.text[begun:end]), end, count + 1
            if count > MOST_DOCUMENTS:
                raise Unreadable(self._finding(event, f"expected at most {MOST_DOCUMENTS:,} documents"))
        if last:
            yield last._replace(text=last.text + self.text[begun:])

    def _node(self, event: Any, depth: int) -> Node:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise Unreadable(self._finding(event, f"expected at most {MOST_NODES:,} values"))
        if depth > DEEPEST:
            raise Unreadable(self._finding(event, f"expected at most {DEEPEST} levels below one another"))
        place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, "expected the value itself: aliases (*name) are not followed")
            return Scalar("", is_plain=True, place=place)
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag in TEXT_TAGS):
            self._refuse(event, "expected a value without a tag (a word that begins with !)")
        if isinstance(event, yaml.MappingStartEvent):
            return Mapping(self._entries(depth), place)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self._items(depth)), place)
        if len(event.value) > LONGEST_SCALAR:
            raise Unreadable(self._finding(event, f"expected at most {LONGEST_SCALAR:,} characters"))
        is_plain = event.style in (None, "") and event.tag is None and "\n" not in event.value
        return Scalar(event.value, is_plain, event.style or None, place)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> tuple[tuple[Scalar, Node], ...]:
        entries: list[tuple[Scalar, Node]] = []
        first: dict[str, int] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self.events), depth + 1)
            if not isinstance(key, Scalar):
                self._refuse(event, "expected a text as the key")
                continue
            if key.is_plain and key.text == "<<":
                self._refuse(event, "expected the fields themselves: merging (<<) is not followed")
            if key.text in first:
                self._refuse(event, f"expected each key once: line {first[key.text]} has it already", key.text)
                continue
            first[key.text] = key.place.line
            entries.append((key, value))
        return tuple(entries)

    def _refuse(self, event: Any, reason: str, value: str = "") -> None:
        self.problems.append(self._finding(event, reason, value))

    def _finding(self, event: Any, reason: str, value: str = "") -> Finding:
        return Finding(event.start_mark.line + 1, event.start_mark.column + 1, "", reason, value)
