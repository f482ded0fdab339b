"""Reads a definitions file, CSV or YAML: every row it can, and every problem with its line, column, value and reason.

Both are read as text first: YAML's own notions (that `no` is false, that `22:00` is a number) apply to neither.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from services.domain.text_files import NO_VALUE, NotText, decoded
from slm.bundles.definitions.columns import divided
from slm.bundles.definitions.kinds import Kind, Problem, Row
from slm.bundles.files import Files

LARGEST_FILE = 16 << 20
MOST_ROWS = 100_000
LONGEST_CELL = 100_000
MOST_COLUMNS = 100
MOST_PROBLEMS = 1_000
"""Of a file; more of them help nobody."""
FORMULA = ("=", "@")

Cells = Mapping[str, str | list[str] | None]
Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unreadable(Exception):
    """The file as a whole cannot be read, from `line` on."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


def read_rows(files: Files, name: str, kind: Kind, zone: ZoneInfo) -> tuple[list[Row], list[Row], list[Problem]]:
    """The rows of a file that can be read, those that cannot with what can be told of them, and what is wrong."""
    rows: list[Row] = []
    wrong: list[Row] = []
    problems: list[Problem] = []
    try:
        with files.open(name) as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise Unreadable(1, f"expected at most {LARGEST_FILE >> 20} MiB")
        text = decoded(content)
        for line, cells in _csv_rows(text) if name.endswith(".csv") else _yaml_rows(text):
            if len(rows) + len(problems) >= MOST_ROWS:
                raise Unreadable(line, f"expected at most {MOST_ROWS:,} rows")
            if isinstance(cells, str):
                problems.append(Problem(name, line, "", "", cells))
                continue
            row, found = _row(name, line, kind, cells, zone, is_csv=name.endswith(".csv"))
            problems += found
            (wrong if found else rows).append(row)
            if len(problems) >= MOST_PROBLEMS:
                raise Unreadable(line, f"more than {MOST_PROBLEMS:,} problems; the rest was not looked at")
    except (Unreadable, NotText) as failure:
        problems.append(Problem(name, failure.line, "", "", failure.reason))
    return rows, wrong, problems + _repetitions(kind, rows)


def _csv_rows(text: str) -> Iterator[tuple[int, Cells | str]]:
    """Each row as its cells, or as what is wrong with it."""
    header_line = text.lstrip("\n\r").partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as wrong:
            raise Unreadable(line, f"this is no CSV: {wrong}") from None
        if header is None:
            header = [name.strip().lower() for name in cells]
            if len(header) > MOST_COLUMNS or len(set(header)) < len(header):
                raise Unreadable(line, f"expected each column once, and at most {MOST_COLUMNS}")
        elif any(cell.strip() for cell in cells):
            if len(cells) != len(header):
                yield line, f"the row has {len(cells)} cells, the header has {len(header)}"
            else:
                yield line, {name: cell.strip() or None for name, cell in zip(header, cells, strict=True)}
    if header is None:
        raise Unreadable(1, "the file is empty; expected a header")


def _yaml_rows(text: str) -> Iterator[tuple[int, Cells]]:
    """A list of mappings from columns to text, or to lists of it; whatever else YAML can say is refused."""
    try:
        events = yaml.parse(text, Loader=Loader)
        for event in events:
            if isinstance(event, yaml.SequenceStartEvent):
                yield from _yaml_list(events)
                return
            if not isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent | yaml.StreamEndEvent):
                raise Unreadable(_line(event), "expected a list of rows, each beginning with a hyphen")
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        raise Unreadable(mark.line + 1 if mark else 1, f"this is no YAML: {getattr(wrong, 'problem', wrong)}") from None


def _yaml_list(events: Iterator[Any]) -> Iterator[tuple[int, Cells]]:
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        if not isinstance(event, yaml.MappingStartEvent):
            raise Unreadable(_line(event), "expected a row of the form `column: value`")
        yield _line(event), _yaml_mapping(events)


def _yaml_mapping(events: Iterator[Any]) -> Cells:
    cells: dict[str, str | list[str] | None] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            return cells
        name = _scalar(event)
        if name is None or name in cells:
            raise Unreadable(_line(event), f"expected each column once, got {name!r} again")
        value = next(events)
        cells[name] = _yaml_values(events) if isinstance(value, yaml.SequenceStartEvent) else _scalar(value)
    raise AssertionError("a mapping ends")


def _yaml_values(events: Iterator[Any]) -> list[str]:
    values: list[str] = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return values
        if (value := _scalar(event)) is not None:
            values.append(value)
    raise AssertionError("a sequence ends")


def _scalar(event: Any) -> str | None:
    if not isinstance(event, yaml.ScalarEvent):
        raise Unreadable(_line(event), "expected a text or a list of texts, without anchors and nesting")
    is_plain = event.style in (None, "")
    return None if is_plain and event.value in NO_VALUE else event.value


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _row(name: str, line: int, kind: Kind, cells: Cells, zone: ZoneInfo, *, is_csv: bool) -> tuple[Row, list[Problem]]:
    row = Row(name, line, {}, cells)
    known = {column.name: column for column in kind.columns}
    problems = [
        row.problem(unknown, f"there is no such column; expected {', '.join(known)}")
        for unknown in cells
        if unknown not in known
    ]
    for column in kind.columns:
        if column.name not in cells:
            if column.name in kind.identity and column.name not in kind.optional_identity:
                problems.append(row.problem(column.name, "expected a value"))
            continue
        cell = cells[column.name]
        try:
            row.values[column.name] = _value(column, cell, zone, is_csv=is_csv)
        except ValueError as wrong:
            problems.append(row.problem(column.name, str(wrong)))
    return row, problems


def _value(column: Any, cell: str | list[str] | None, zone: ZoneInfo, *, is_csv: bool) -> Any:
    if cell is None or cell == []:
        if column.required:
            raise ValueError("expected a value")
        return column.blank
    texts = cell if isinstance(cell, list) else [cell]
    if any(len(text) > LONGEST_CELL for text in texts):
        raise ValueError(f"expected at most {LONGEST_CELL:,} characters")
    if is_csv and any(text.startswith(FORMULA) for text in texts):
        raise ValueError("this looks like a formula of a spreadsheet; expected the value itself")
    if column.many:
        return column.read(divided(cell) if isinstance(cell, str) else cell, zone)
    if isinstance(cell, list):
        raise ValueError("expected one value, got a list")
    return column.read(cell, zone)


def _repetitions(kind: Kind, rows: list[Row]) -> list[Problem]:
    first: dict[tuple[Any, ...], int] = {}
    problems = []
    for row in rows:
        identity = tuple(row.values.get(part) for part in kind.identity)
        if (line := first.setdefault(identity, row.line)) != row.line:
            problems.append(row.problem(next(iter(kind.identity), ""), f"line {line} is about the same already"))
    return problems
