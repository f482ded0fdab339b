"""Reads files of OpenSLO v1: the documents that are sound, and every problem and trap with its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.domain.text_files import NotText, decoded
from services.measurement.sources.openslo.checks import MOST_FINDINGS, Findings
from services.measurement.sources.openslo.foreign import foreign
from services.measurement.sources.openslo.kinds import KINDS
from services.measurement.sources.openslo.nodes import Finding, Mapping
from services.measurement.sources.openslo.references import check_references
from services.measurement.sources.openslo.yaml_reader import LARGEST_TEXT, Unreadable, read_trees

LARGEST_DOCUMENT = 64 << 10
"""Readers of the API get them by the page."""


class Document(NamedTuple):
    """A document of OpenSLO v1. `text` is its part of the file as it was written, comments included.

    The lines that part it from others are not its own.
    """

    kind: str
    name: str
    root: Mapping
    text: str = ""

    @property
    def key(self) -> str:
        """What tells it apart from all others."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True)
class Reading:
    """What came of reading a text: with a problem anywhere, nothing of it is to be used."""

    documents: Sequence[Document] = ()
    problems: Sequence[Finding] = field(default_factory=tuple)
    warnings: Sequence[Finding] = field(default_factory=tuple)


def read_bytes(content: bytes, *, beside: Sequence[Document] = (), known: Iterable[str] = ()) -> Reading:
    """Read a file's content (see `read`)."""
    if len(content) > 4 * LARGEST_TEXT:
        return Reading(problems=[Finding(1, 1, "", f"expected at most {LARGEST_TEXT >> 20} MiB of text")])
    try:
        return read(decoded(content), beside=beside, known=known)
    except NotText as failure:
        return Reading(problems=[Finding(failure.line, 1, "", str(failure))])


def read(text: str, *, beside: Sequence[Document] = (), known: Iterable[str] = ()) -> Reading:
    """Read the documents of a text, each checked.

    They may refer to documents `beside` them, and to what is `known` by its key, such as SLI/answers.
    """
    try:
        trees, problems = read_trees(text)
    except Unreadable as failure:
        return Reading(problems=[failure.finding])
    findings = Findings(problems)
    documents: dict[tuple[str, str], Document] = {}
    for tree in trees:
        if (other := foreign(tree.root)) is not None:
            findings.problems.append(other)
            continue
        assert isinstance(tree.root, Mapping)  # noqa: S101  what is foreign says so
        document = Document(tree.root.text("kind"), tree.root.text("metadata", "name"), tree.root, _own(tree.text))
        if len(document.text) > LARGEST_DOCUMENT:
            findings.problem(tree.root, "", f"expected at most {LARGEST_DOCUMENT >> 10} KiB of text in one document")
            continue
        KINDS[document.kind](findings, document.root, "")
        if (first := documents.setdefault((document.kind, document.name), document)) is not document:
            line = first.root.place.line
            findings.problem(tree.root, "metadata.name", f"expected a name of its own: line {line} has this one")
    check_references(
        findings, [each.root for each in documents.values()], [each.root for each in beside], frozenset(known)
    )
    if not trees and not findings.problems:
        findings.problems.append(Finding(1, 1, "", "expected at least one document"))
    return Reading(
        list(documents.values()), sorted(findings.problems)[:MOST_FINDINGS], sorted(findings.warnings)[:MOST_FINDINGS]
    )


def _own(text: str) -> str:
    """The text without lines of nothing but `---` before and after it, so that it is the same in every file."""
    lines = text.splitlines(keepends=True)
    while lines and lines[0].strip() in ("", "---"):
        del lines[0]
    while lines and lines[-1].rstrip() in ("---", "..."):
        del lines[-1]
    own = "".join(lines)
    return own if own.endswith("\n") else f"{own}\n"
