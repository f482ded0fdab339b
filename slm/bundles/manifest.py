"""What a bundle says about its own records: how many of which kind, in which columns, and the digest of their bytes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import yaml

from services.errors import Invalid

FORMAT = "slm-bundle/1"
NAME = "records/manifest.yaml"
LARGEST = 1 << 20
"""Bytes. Enough for some ten thousand accounts; it is read into memory before anything in it can be trusted."""
MOST_ROWS = (1 << 63) - 1

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class RecordFile:
    """The rows of one table."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Whose records these are. `accounts` are ids by name; no secret of theirs is in a bundle."""

    organisation_key: str
    organisation_id: UUID
    accounts: dict[str, UUID]
    records: dict[str, RecordFile]

    @property
    def rows(self) -> int:
        """How many records there are in all."""
        return sum(file.rows for file in self.records.values())

    def spell(self) -> bytes:
        """The manifest as YAML, in the same bytes for the same content."""
        content = {
            "format": FORMAT,
            "organisation": {"key": self.organisation_key, "id": str(self.organisation_id)},
            "accounts": {name: str(id_) for name, id_ in sorted(self.accounts.items())},
            "records": {
                name: {"columns": list(file.columns), "rows": file.rows, "sha256": file.sha256}
                for name, file in self.records.items()
            },
        }
        return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100_000).encode()


def refuse_too_large(
    key: str, organisation_id: UUID, accounts: dict[str, UUID], columns: Mapping[str, tuple[str, ...]]
) -> None:
    """Invalid when a manifest of these accounts and columns might become larger than one that is read."""
    longest = {name: RecordFile(of_table, MOST_ROWS, "0" * 64) for name, of_table in columns.items()}
    if len(Manifest(key, organisation_id, accounts, longest).spell()) > LARGEST:
        raise Invalid(
            f"the organisation cannot be exported: the names of its {len(accounts):,} accounts make {NAME}"
            f" larger than the {LARGEST >> 20} MiB that an import reads"
        )


def read_manifest(text: bytes) -> Manifest:
    """Read what `spell` writes. Invalid for anything else, for the format of another version, and beyond `LARGEST`."""
    if len(text) > LARGEST:
        raise Invalid(f"{NAME}: expected at most {LARGEST >> 20} MiB")
    try:
        content = yaml.safe_load(text)
        said = content["format"]
        if said != FORMAT:
            raise Invalid(f"{NAME}: expected the format {FORMAT}, got {str(said)[:40]!r}")
        return Manifest(
            organisation_key=_text(content["organisation"]["key"]),
            organisation_id=UUID(content["organisation"]["id"]),
            accounts={_text(name): UUID(id_) for name, id_ in content["accounts"].items()},
            records={_text(name): _record_file(file) for name, file in content["records"].items()},
        )
    except (
        yaml.YAMLError,
        UnicodeDecodeError,
        RecursionError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as wrong:
        raise Invalid(f"{NAME}: this is not the manifest of an export ({type(wrong).__name__})") from None


def _record_file(content: Any) -> RecordFile:
    rows, sha256 = content["rows"], _text(content["sha256"])
    if not isinstance(rows, int) or rows < 0 or not _SHA256.fullmatch(sha256):
        raise ValueError("not a number of rows, or not a digest")
    return RecordFile(tuple(map(_text, content["columns"])), rows, sha256)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value
