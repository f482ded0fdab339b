"""Answers of Jira Service Management's SLA API as rows, one for each cycle of each SLA of each issue.

One answer a line (JSON Lines), or one JSON text of an answer or of a list of answers. An answer is what
`GET /rest/servicedeskapi/request/{issueIdOrKey}/sla` returns: an object whose `values` are SLAs with `completedCycles`
and perhaps an `ongoingCycle`. It must say whose it is: by an added `issueKey`, or by its own `_links.self`.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from services.errors import Invalid
from services.tickets.sources.readers import MAX_CHUNK_BYTES, Chunk, Row
from services.tickets.sources.records import Rejection, shown

MAX_LINE_BYTES = 1 << 20
CYCLE = (
    "startTime.iso8601",
    "stopTime.iso8601",
    "breachTime.iso8601",
    "goalDuration.millis",
    "elapsedTime.millis",
    "remainingTime.millis",
    "breached",
    "paused",
    "withinCalendarHours",
)
COLUMNS = ("issueKey", "id", "name", *CYCLE)
_ISSUE = re.compile(r"/request/([^/?#]+)/sla")


class JiraReader:
    """A file of such answers. Lines are lines of the file; in one JSON text, answers counted from 1."""

    encoding = "utf-8"
    columns = COLUMNS

    def __init__(self, path: Path) -> None:
        self._path = path
        self._total_bytes = path.stat().st_size
        self._whole = self._as_one_text()

    def chunks(self, size: int) -> Iterator[Chunk]:
        rows: list[Row] = []
        rejections: list[Rejection] = []
        position = 0
        for line, answer, position in self._answers():
            if isinstance(answer, Rejection):
                rejections.append(answer)
            else:
                try:
                    rows += [Row(line, cells) for cells in _cycles(answer)]
                except ValueError as error:
                    rejections.append(Rejection(line, "", shown(orjson.dumps(answer).decode()), str(error)))
            if len(rows) + len(rejections) >= size:
                yield Chunk(rows, rejections, position)
                rows, rejections = [], []
        if rows or rejections:
            yield Chunk(rows, rejections, position)

    def _as_one_text(self) -> list[Any] | None:
        """The answers of a file that is one JSON text; None for JSON Lines."""
        with self._path.open("rb") as file:
            first = file.readline(MAX_LINE_BYTES + 1)
            if self._total_bytes > len(first) and _parsed(first) is not None:
                return None
            if self._total_bytes > MAX_CHUNK_BYTES:
                raise Invalid(
                    f"{self._path}: one JSON text may have {MAX_CHUNK_BYTES} bytes; write more as one answer a line"
                )
            file.seek(0)
            whole = _parsed(file.read())
        if whole is None:
            raise Invalid(f"{self._path}: this is neither JSON nor one JSON text a line")
        return whole if isinstance(whole, list) else [whole]

    def _answers(self) -> Iterator[tuple[int, Any, int]]:
        if self._whole is not None:
            yield from ((number, answer, self._total_bytes) for number, answer in enumerate(self._whole, 1))
            return
        with self._path.open("rb") as file:
            for number, text in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), 1):
                if len(text) > MAX_LINE_BYTES:
                    raise Invalid(f"{self._path}: line {number} is longer than {MAX_LINE_BYTES} bytes")
                if not text.strip():
                    continue
                answer = _parsed(text)
                value = shown(text.decode(errors="replace").strip())
                yield number, Rejection(number, "", value, "is no JSON") if answer is None else answer, file.tell()


def _parsed(text: bytes) -> Any:
    """The JSON of a text; None for what is none, and for a bare null."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _cycles(answer: Any) -> list[list[str]]:
    """The cells of each cycle of an answer. Raises ValueError saying what the answer lacks."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("values"), list):
        raise ValueError("has no list of SLAs under `values`")
    issue = _issue(answer)
    rows = []
    for sla in answer["values"]:
        if not isinstance(sla, Mapping):
            raise ValueError("has something under `values` that is no SLA")
        ongoing = sla.get("ongoingCycle")
        cycles = [*(sla.get("completedCycles") or ()), *([ongoing] if ongoing else ())]
        for cycle in cycles:
            if not isinstance(cycle, Mapping):
                raise ValueError("has an SLA with something that is no cycle")
            rows.append([issue, _text(sla.get("id")), _text(sla.get("name")), *(_at(cycle, path) for path in CYCLE)])
    return rows


def _issue(answer: Mapping[str, Any]) -> str:
    if answer.get("issueKey"):
        return _text(answer["issueKey"])
    links = answer.get("_links")
    found = _ISSUE.search(_text(links.get("self"))) if isinstance(links, Mapping) else None
    if found is None:
        raise ValueError("does not say whose it is: neither `issueKey` nor `_links.self` names the issue")
    return found[1]


def _at(cycle: Mapping[str, Any], path: str) -> str:
    name, _, part = path.partition(".")
    value = cycle.get(name)
    if part and isinstance(value, Mapping):
        value = value.get(part)
    return _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else orjson.dumps(value).decode()
