"""Rejected rows as a CSV file people open in a spreadsheet."""

import csv
from collections.abc import Iterable
from pathlib import Path

from services.tickets.sources.records import Rejection

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_rejections(path: Path, rejections: Iterable[Rejection]) -> int:
    """Write line, column, value and reason of each rejected row, and return their number.

    The file appears under its name only when it is complete. A text that a spreadsheet would run as a formula gets an
    apostrophe in front.
    """
    unfinished = path.with_name(f"{path.name}.part")
    written = 0
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Rejection._fields)
        for rejection in rejections:
            writer.writerow([rejection.line, *map(_harmless, rejection[1:])])
            written += 1
    unfinished.replace(path)
    return written


def _harmless(text: object) -> str:
    value = str(text)
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
