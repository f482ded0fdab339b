"""Trusted documents: the operations a front end was built with, known by their ids; no others need be let in."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import strawberry
from graphql import GraphQLError, parse, validate

from schema.limits import MOST_TOKENS, faults

LARGEST_MANIFEST = 16 * 1024 * 1024
"""Bytes."""
APOLLO = "apollo-persisted-query-manifest"
"""What a manifest of that client says its format is."""


class Untrustworthy(ValueError):
    """A manifest cannot be used; the message names the file and what is wrong with it."""


class TrustedDocuments:
    """Documents by their ids: those of the manifest, and the SHA-256 of each text, in hexadecimal."""

    def __init__(self, documents: Mapping[str, str], *, exclusive: bool = True) -> None:
        """`exclusive`: no others are let in."""
        self.exclusive = exclusive
        self._by_id = {**{_hash(text): text for text in documents.values()}, **documents}
        self._texts = frozenset(documents.values())

    def __len__(self) -> int:
        return len(self._texts)

    def text(self, id_: str) -> str | None:
        """The document of an id, with or without the name of its hash in front."""
        return self._by_id.get(id_) or self._by_id.get(id_.removeprefix("sha256:"))

    def admits(self, text: str) -> bool:
        """Whether a document may be executed: one of them to the letter, or any where others are let in."""
        return not self.exclusive or text in self._texts


def read_manifest(path: Path, schema: strawberry.Schema, *, exclusive: bool) -> TrustedDocuments:
    """The documents of a manifest: an object of texts by id, as code generators write it, or that of Apollo Client.

    Raises Untrustworthy unless each is valid against the schema.
    """
    documents = _documents(path)
    wrong = [f"{id_}: {reason}" for id_, text in documents.items() if (reason := _fault(text, schema))]
    if wrong:
        shown = "; ".join(wrong[:5]) + (f"; and {len(wrong) - 5} more" if len(wrong) > 5 else "")
        raise Untrustworthy(f"{path.name}: expected valid documents; {shown}")
    return TrustedDocuments(documents, exclusive=exclusive)


def _documents(path: Path) -> dict[str, str]:
    try:
        if path.stat().st_size > LARGEST_MANIFEST:
            raise Untrustworthy(f"{path.name}: expected at most {LARGEST_MANIFEST} bytes")
        manifest = json.loads(path.read_bytes())
    except OSError as failure:
        raise Untrustworthy(f"{path.name}: cannot be read: {failure.strerror}") from failure
    except (ValueError, RecursionError) as malformed:
        raise Untrustworthy(f"{path.name}: expected JSON: {malformed}") from malformed
    if isinstance(manifest, dict) and manifest.get("format") == APOLLO:
        operations = manifest.get("operations")
        listed = operations if isinstance(operations, list) else [None]
        manifest = {one["id"]: one["body"] for one in listed if isinstance(one, dict) and {"id", "body"} <= one.keys()}
        if len(manifest) != len(listed):
            raise Untrustworthy(f"{path.name}: expected operations that each have an id and a body")
    if not isinstance(manifest, dict) or not all(isinstance(text, str) for text in manifest.values()):
        raise Untrustworthy(f"{path.name}: expected an object of documents by their ids")
    return manifest


def _fault(text: str, schema: strawberry.Schema) -> str | None:
    try:
        document = parse(text, max_tokens=MOST_TOKENS)
    except GraphQLError as malformed:
        return malformed.message
    errors = list(faults(document)) or validate(schema._schema, document)
    return errors[0].message if errors else None


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
