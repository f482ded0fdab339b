"""Checks of trees, made of one another: each says every problem it sees, where it is, and what was expected."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.measurement.sources.openslo import nodes
from services.measurement.sources.openslo.nodes import Finding, Node, Scalar, Sequence
from services.measurement.sources.openslo.yaml_writer import is_ambiguous

MOST_FINDINGS = 1_000
LONGEST_DESCRIPTION = 1_050
MOST_DIGITS = 30
SHOWN_CHARACTERS = 100

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9])?")
TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


@dataclass
class Findings:
    """What was found in a document: problems keep it out, warnings do not."""

    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def problem(self, node: Node, path: str, reason: str) -> None:
        """Something wrong at a node."""
        _note(self.problems, node, path, reason)

    def warn(self, node: Node, path: str, reason: str) -> None:
        """Something to know about a node."""
        _note(self.warnings, node, path, reason)


def _note(found: list[Finding], node: Node, path: str, reason: str) -> None:
    text = node.text if isinstance(node, Scalar) else ""
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
    if len(found) < MOST_FINDINGS:
        found.append(Finding(*node.place, path, reason, shown))


Check = Callable[[Findings, Node, str], None]
Rule = Callable[[Findings, nodes.Mapping, str], None]


@dataclass(frozen=True)
class Field:
    """A field of a mapping."""

    check: Check
    required: bool = False


def required(check: Check) -> Field:
    """A field that must be there."""
    return Field(check, required=True)


def optional(check: Check) -> Field:
    """A field that may be left out, or be null, which is the same."""
    return Field(check)


def mapping(fields: Mapping[str, Field], *rules: Rule) -> Check:
    """A mapping with these fields, of which the rules hold. Other fields are kept, and warned of."""

    def check(findings: Findings, node: Node, path: str) -> None:
        if not isinstance(node, nodes.Mapping):
            findings.problem(node, path, f"expected fields: {', '.join(fields)}")
            return
        for key, value in node.entries:
            if key.text not in fields:
                expected = ", ".join(fields)
                findings.warn(key, under(path, key.text), f"OpenSLO v1 has no such field here; kept ({expected})")
            elif node.get(key.text) is not None:
                fields[key.text].check(findings, value, under(path, key.text))
        for name, said in fields.items():
            if said.required and node.get(name) is None:
                findings.problem(_where(node, name), under(path, name), "expected a value")
        for rule in rules:
            rule(findings, node, path)

    return check


def _where(node: nodes.Mapping, name: str) -> Node:
    """The key of a field that is null, or the mapping that has no such field."""
    return next((key for key, _ in node.entries if key.text == name), node)


def under(path: str, key: str) -> str:
    """The path of a field."""
    return f"{path}.{key}" if path else key


def sequence(check: Check, *, least: int = 0, most: int = 1_000, what: str = "entries") -> Check:
    """A list of so many entries."""

    def check_all(findings: Findings, node: Node, path: str) -> None:
        if not isinstance(node, Sequence):
            findings.problem(node, path, f"expected a list of {what}, each beginning with a hyphen")
            return
        if not least <= len(node.items) <= most:
            bound = f"exactly {least}" if least == most else f"{least:,} to {most:,}"
            findings.problem(node, path, f"expected {bound} {what}, got {len(node.items)}")
        for number, item in enumerate(node.items[:most]):
            check(findings, item, f"{path}[{number}]")

    return check_all


def anything(_findings: Findings, _node: Node, _path: str) -> None:
    """Whatever YAML can say."""


def fields_of_its_own(findings: Findings, node: Node, path: str) -> None:
    """A mapping of whatever the system at the other end needs; not empty."""
    if not isinstance(node, nodes.Mapping) or not node.entries:
        findings.problem(node, path, "expected at least one field")


def text(longest: int = LONGEST_DESCRIPTION) -> Check:
    """A text."""

    def check(findings: Findings, node: Node, path: str) -> None:
        if not isinstance(node, Scalar):
            findings.problem(node, path, "expected a text")
        elif not node.text.strip():
            findings.problem(node, path, "expected some text")
        elif len(node.text) > longest:
            findings.problem(node, path, f"expected at most {longest:,} characters, got {len(node.text):,}")
        else:
            warn_of_words(findings, node, path)

    return check


def warn_of_words(findings: Findings, node: Scalar, path: str) -> None:
    """Warn of a text that is not quoted though some readers take it for something else."""
    if node.is_plain and is_ambiguous(node.text):
        findings.warn(node, path, "read as a text; other readers may not, unless it is quoted")


def name(findings: Findings, node: Node, path: str) -> None:
    """A name after RFC 1123."""
    if not isinstance(node, Scalar) or not NAME.fullmatch(node.text):
        expected = "expected 1 to 63 lower-case letters, digits or '-', beginning and ending with a letter or digit"
        findings.problem(node, path, expected)
    else:
        warn_of_words(findings, node, path)


def one_of(*words: str) -> Check:
    """One of these words, spelt like this."""

    def check(findings: Findings, node: Node, path: str) -> None:
        if not isinstance(node, Scalar) or node.text not in words:
            findings.problem(node, path, f"expected {' or '.join(words)}")

    return check


def truth(findings: Findings, node: Node, path: str) -> None:
    """True or false; `yes` and its like are words to one version of YAML and truth values to another."""
    if not isinstance(node, Scalar) or not node.is_plain or node.text not in TRUTH:
        findings.problem(node, path, "expected true or false")


def number(expected: str, holds: Callable[[Decimal], bool] = lambda _: True) -> Check:
    """A number that holds to what is expected."""

    def check(findings: Findings, node: Node, path: str) -> None:
        value = number_of(node)
        if value is None:
            quoted = isinstance(node, Scalar) and not node.is_plain and NUMBER.fullmatch(node.text)
            findings.problem(node, path, f"expected {expected}{', without quotes' if quoted else ''}")
        elif not holds(value):
            findings.problem(node, path, f"expected {expected}")

    return check


def number_of(node: Node | None) -> Decimal | None:
    """The exact number a plain scalar says; None when it says none."""
    if not isinstance(node, Scalar) or not node.is_plain or len(node.text) > MOST_DIGITS:
        return None
    return Decimal(node.text) if NUMBER.fullmatch(node.text) else None


def exactly_one(*names: str) -> Rule:
    """Exactly one of these fields is there."""

    def rule(findings: Findings, node: nodes.Mapping, path: str) -> None:
        there = [name for name in names if node.get(name) is not None]
        if len(there) != 1:
            got = " and ".join(there) or "none of them"
            findings.problem(node, path, f"expected exactly one of {' and '.join(names)}, got {got}")

    return rule
