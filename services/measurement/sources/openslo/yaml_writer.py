"""Writes trees as YAML that reads as the same trees, for people and for every reader of YAML alike."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import yaml

from services.domain.text_files import NO_VALUE
from services.measurement.sources.openslo.nodes import Mapping, Node, Scalar, Sequence

WIDTH = 1 << 30
"""Lines are not broken: where a text is folded, the reader has to know how."""
LONGEST_WORD = 100
"""What is longer is no word any reader has a meaning for, or a number nobody writes."""
PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./() -]*[A-Za-z0-9_./()])?")
OTHER_THAN_TEXT = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null|~|\.nan|[-+]?\.inf)"
    r"|[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+)"
    r"|[-+]?(?:[0-9][0-9_]*)?\.?[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*\.(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9].*)?|=|<<|"
)
"""Plain words that one or another version of YAML takes for something else than text."""


def is_ambiguous(text: str) -> bool:
    """Whether some reader takes this word for a number, a date, a truth value or nothing, when it is not quoted."""
    return len(text) <= LONGEST_WORD and OTHER_THAN_TEXT.fullmatch(text) is not None


def tree_of(value: Any) -> Node:
    """The tree that says a value of mappings, lists, texts, truth values and exact numbers."""
    if isinstance(value, dict):
        return Mapping(tuple((_text(key), tree_of(said)) for key, said in value.items()))
    if isinstance(value, list | tuple):
        return Sequence(tuple(tree_of(said) for said in value))
    if isinstance(value, bool):
        return Scalar("true" if value else "false", is_plain=True)
    if isinstance(value, int | Decimal):
        return Scalar(f"{value:f}" if isinstance(value, Decimal) else str(value), is_plain=True)
    return _text(value)


def _text(text: str) -> Scalar:
    return Scalar(text, PLAIN.fullmatch(text) is not None and not is_ambiguous(text) and text not in NO_VALUE)


def written(trees: Iterable[Node]) -> str:
    """The text of several documents."""
    text: str = yaml.emit(_stream(trees), Dumper=yaml.SafeDumper, allow_unicode=True, width=WIDTH, indent=2)
    return text


def joined(texts: Iterable[str]) -> str:
    """One text of texts that hold a document each, left as they are: a line `---` goes between where there is none."""
    whole = ""
    for text in texts:
        if whole and not whole.endswith("\n"):
            whole += "\n"
        whole += text if not whole or text.startswith("---") else f"---\n{text}"
    return whole


def _stream(trees: Iterable[Node]) -> Iterator[Any]:
    yield yaml.StreamStartEvent()
    for number, tree in enumerate(trees):
        yield yaml.DocumentStartEvent(explicit=number > 0)
        yield from _events(tree)
        yield yaml.DocumentEndEvent(explicit=False)
    yield yaml.StreamEndEvent()


def _events(node: Node) -> Iterator[Any]:
    if isinstance(node, Scalar):
        style = None if node.is_plain else node.style or ("|" if "\n" in node.text else "'")
        yield yaml.ScalarEvent(None, None, (node.is_plain, True), node.text, style=style)
    elif isinstance(node, Sequence):
        yield yaml.SequenceStartEvent(None, None, True, flow_style=False)
        for item in node.items:
            yield from _events(item)
        yield yaml.SequenceEndEvent()
    else:
        yield yaml.MappingStartEvent(None, None, True, flow_style=False)
        for key, value in node.entries:
            yield from _events(key)
            yield from _events(value)
        yield yaml.MappingEndEvent()
