"""Exports damaged in every way we could think of, each with what has to become of it.

One list in one file, because its length is its point. A damage is made from an intact export of the shape of the public
incident log: 36 columns, one row per update. Lines are counted as a person's editor counts them; row `i` of the intact
export stands on line `i + 2`.
"""

import csv
import gzip
import io
import random
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20_260_411
COLUMNS = (
    "number", "incident_state", "active", "reassignment_count", "reopen_count", "sys_mod_count", "made_sla",
    "caller_id", "opened_by", "opened_at", "sys_created_by", "sys_created_at", "sys_updated_by", "sys_updated_at",
    "contact_type", "location", "category", "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority",
    "assignment_group", "assigned_to", "knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor",
    "caused_by", "closed_code", "resolved_by", "resolved_at", "closed_at",
)  # fmt: skip
MEBIBYTE = 1 << 20
Cells = tuple[str, ...]


@dataclass(frozen=True)
class Intact:
    """An export without fault."""

    header: Cells
    rows: tuple[Cells, ...]

    def text(self, *, delimiter: str = ",", line_end: str = "\n") -> str:
        """The export as CSV."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end)
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return out.getvalue()

    def with_cells(self, column: str, values: Mapping[int, str]) -> "Intact":
        """The export with other values in some rows of a column."""
        place = self.header.index(column)
        rows = list(self.rows)
        for index, value in values.items():
            rows[index] = (*rows[index][:place], value, *rows[index][place + 1 :])
        return replace(self, rows=tuple(rows))

    def of(self, column: str, index: int) -> str:
        """A cell."""
        return self.rows[index][self.header.index(column)]

    def some(self) -> tuple[int, ...]:
        """A few rows: the second, one in the middle, and the last."""
        return (1, len(self.rows) // 2, len(self.rows) - 1)


@dataclass(frozen=True)
class Became:
    """What became of an import: the refusal's words, or the rows it listed, and how many events are stored."""

    refusal: str = ""
    rejected: Sequence[tuple[int, str, str, str]] = ()
    """Line, column, value and reason."""
    said: str = ""
    events: int = 0


@dataclass(frozen=True)
class Damage:
    """A way to damage an export. With `refused` nothing of the file is taken, whatever is asked; these words say why.

    Otherwise `rejected` names each row at fault: its line, its column and words of the reason. `lost` rows more than
    these are missing or repeated, so that everything else is stored if the good rows are to be kept. With `most` the
    rows at fault are too many to name: that share of all at least, each with these words.
    """

    name: str
    make: Callable[[Intact], bytes | Iterable[bytes]]
    refused: str = ""
    rejected: Callable[[Intact], Iterable[tuple[int, str, str]]] = lambda _intact: ()
    lost: int = 0
    nothing: bool = False
    """No row is left."""
    most: tuple[float, str] | None = None
    says: str = ""
    altered: str = ""
    """The column in which `some` rows go in changed, so that the intact export contradicts them afterwards."""
    file_name: str = "export.csv"
    options: Mapping[str, str] = field(default_factory=dict)
    large: bool = False
    """Takes hundreds of megabytes or of seconds: for the campaign only."""

    def written(self, intact: Intact, folder: Path) -> Path:
        """The damaged file."""
        path, content = folder / self.file_name, self.make(intact)
        with path.open("wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)
        return path

    def check(self, intact: Intact, became: Became, *, keep_good: bool) -> None:
        """Assert that an import did what it has to."""
        if self.refused:
            refusal = self.refused.format(middle=len(intact.rows) // 2 + 2)
            assert refusal in became.refusal, became
            assert self.file_name in became.refusal, became
            assert (became.events, list(became.rejected)) == (0, []), became
            return
        assert became.refusal == "", became.refusal
        assert self.says in became.said, became.said
        if self.most is not None:
            share, reason = self.most
            assert len(became.rejected) >= share * len(intact.rows)
            assert all(line and said for line, _, _, said in became.rejected)
            assert sum(reason in said for _, _, _, said in became.rejected) >= share * len(became.rejected)
            return
        expected = sorted(self.rejected(intact))
        assert [(line, column) for line, column, _, _ in became.rejected] == [(line, col) for line, col, _ in expected]
        for (_, _, value, said), (line, column, reason) in zip(became.rejected, expected, strict=True):
            assert reason in said, (line, said, reason)
            assert value or not column or "no value" in said, (line, column)
        good = 0 if self.nothing else len(intact.rows) - len(expected) - self.lost
        stored = good if keep_good or not expected else 0
        assert became.events == stored, (became.events, stored)


def stand_in(tickets: int) -> Intact:
    """A generated export of the log's shape: three updates of each ticket, the tickets one after the other."""
    return Intact(COLUMNS, tuple(_stand_in_rows(tickets)))


def _stand_in_rows(tickets: int) -> Iterator[Cells]:
    for ticket in range(tickets):
        day = 1 + ticket % 28
        opened, closed = f"{day}/3/2016 {ticket % 24:02}:15", f"{day}/4/2016 09:00"
        for update, state in enumerate(("New", "Active", "Closed")):
            updated = (opened, f"{day}/3/2016 23:50", closed)[update]
            told = {
                "number": f"INC{ticket:07}", "incident_state": state, "sys_mod_count": str(update), "made_sla": "true",
                "caller_id": f"Caller {ticket % 97}", "opened_at": opened, "sys_created_at": opened,
                "sys_updated_at": updated, "category": f"Category {ticket % 40}", "priority": "3 - Moderate",
                "assignment_group": f"Group {ticket % 60}", "u_symptom": "Größe", "resolved_at": closed,
                "closed_at": closed, "active": str(state != "Closed").lower(),
            }  # fmt: skip
            yield tuple(told.get(column, "?") for column in COLUMNS)


def from_log(path: Path, rows: int) -> Intact:
    """The first rows of the incident log."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = tuple(next(reader))
        return Intact(header, tuple(tuple(cells) for cells, _ in zip(reader, range(rows), strict=False)))


def _plain(change: Callable[[Intact], str]) -> Callable[[Intact], bytes]:
    return lambda intact: change(intact).encode()


def _zipped(intact: Intact) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.csv", intact.text())
    return out.getvalue()


def _flipped(intact: Intact) -> bytes:
    content = bytearray(gzip.compress(intact.text().encode(), mtime=0))
    content[-6] ^= 0xFF  # in the checksum
    return bytes(content)


def _parquet(columns: Mapping[str, object]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="zstd")
    return out.getvalue()


def _typed(intact: Intact, **changed: object) -> dict[str, object]:
    columns = zip(intact.header, zip(*intact.rows, strict=True), strict=True)
    return {name: changed.get(name, pa.array(values)) for name, values in columns}


def _repeated_members(block: bytes, times: int, *, first: bytes = b"") -> Iterator[bytes]:
    """A gzip archive of `first` and many times the same block, which is compressed once."""
    yield gzip.compress(first, mtime=0)
    member = gzip.compress(block, 9, mtime=0)
    for _ in range(times):
        yield member


def _in(column: str, value: str, reason: str, name: str) -> Damage:
    """Some cells of a column are replaced by a value that cannot be."""
    return Damage(
        name,
        _plain(lambda intact: intact.with_cells(column, dict.fromkeys(intact.some(), value)).text()),
        rejected=lambda intact: [(index + 2, column, reason) for index in intact.some()],
    )


def _lines(intact: Intact) -> list[str]:
    return intact.text().splitlines()


def _renamed(intact: Intact, names: Mapping[str, str]) -> Intact:
    return replace(intact, header=tuple(names.get(name, name) for name in intact.header))


def _without(intact: Intact, column: str) -> Intact:
    place = intact.header.index(column)
    cut = [cells[:place] + cells[place + 1 :] for cells in (intact.header, *intact.rows)]
    return Intact(cut[0], tuple(cut[1:]))


def _inserted(intact: Intact, at: int, *lines: str) -> str:
    """Further lines before row `at`."""
    text = _lines(intact)
    return "\n".join([*text[: at + 1], *lines, *text[at + 1 :]]) + "\n"


def _contradicting(intact: Intact) -> Intact:
    """The first row again at the end, with another category."""
    again = intact.rows[0]
    place = intact.header.index("category")
    return replace(intact, rows=(*intact.rows, (*again[:place], "Category X", *again[place + 1 :])))


def _shuffled(intact: Intact) -> Intact:
    rows = list(intact.rows)
    random.Random(SEED).shuffle(rows)  # noqa: S311 - an order, not a secret
    return replace(intact, rows=tuple(rows))


def _delimiter_changes(intact: Intact) -> str:
    half = len(intact.rows) // 2
    first, second = replace(intact, rows=intact.rows[:half]), replace(intact, rows=intact.rows[half:])
    return first.text() + second.text(delimiter=";").partition("\n")[2]


def _mixed_line_ends(intact: Intact) -> str:
    ends = ("\n", "\r\n", "\r")
    return "".join(line + ends[number % 3] for number, line in enumerate(_lines(intact)))


def _long_line(size: int) -> Callable[[Intact], Iterator[bytes]]:
    return lambda intact: _repeated_members(b"x" * (16 * MEBIBYTE), size // 16, first=intact.text().encode())


FILES = (
    Damage("truncated gzip", lambda i: gzip.compress(i.text().encode(), mtime=0)[:-200], "damaged or cut off"),
    Damage("gzip with garbage after it", lambda i: gzip.compress(i.text().encode()) + b"garbage", "damaged or cut off"),
    Damage("gzip with a wrong checksum", _flipped, "damaged or cut off"),
    Damage("zip archive named gz", _zipped, "zip archive", file_name="export.csv.gz"),
    Damage("UTF-16 with a mark", lambda i: i.text().encode("utf-16"), "UTF-16"),
    Damage("UTF-16 without a mark", lambda i: i.text().encode("utf-16-le"), "binary file"),
    Damage("empty file", lambda _: b"", "the file is empty"),
    Damage("blank lines only", lambda _: b"\n" * 5_000, "the file is empty"),
    Damage("binary file named csv", lambda _: b"\x7fELF" + bytes(range(256)) * 64, "binary file"),
    Damage("header cut off", _plain(lambda i: "\n".join(_lines(i)[1:])), "no column for number"),
    Damage("quote opened in the header", _plain(lambda i: f'"{i.text()}'), "cannot be read as the header"),
    Damage("column missing", _plain(lambda i: _without(i, "sys_updated_at").text()), "no column for updated_at"),
    Damage("column named twice", _plain(lambda i: _renamed(i, {"impact": "urgency"}).text()),
           "more than once: urgency"),
    Damage("unknown delimiter", _plain(lambda i: i.text(delimiter="|")), "no column for number"),
    Damage("number and state exchanged",
           _plain(lambda i: _renamed(i, {"number": "incident_state", "incident_state": "number"}).text()),
           "is it the column of states?"),
    Damage("dates in two notations",
           _plain(lambda i: i.with_cells("sys_updated_at", {len(i.rows) // 2: "3/31/2016 12:00"}).text()),
           "line {middle}: '3/31/2016 12:00' is possible as M/D/YYYY only"),
    Damage("a million columns", lambda _: ",".join(f"c{number}" for number in range(1_000_000)).encode(),
           "line 1 is longer than"),
    Damage("a hundred thousand columns", lambda _: ",".join(f"c{number}" for number in range(100_000)).encode(),
           "100000 columns, the limit is 1000"),
    Damage("Parquet file cut short", lambda i: _parquet(_typed(i))[:-1_000], "the Parquet file cannot be read"),
    Damage("Parquet with lists", lambda i: _parquet(_typed(i, impact=pa.array([["a", "b"]] * len(i.rows)))),
           "lists or structures"),
    Damage("Parquet with bytes that are no text",
           lambda i: _parquet(_typed(i, impact=pa.array([b"\xff\xfe"] * len(i.rows), pa.binary()))),
           "column impact of type binary cannot be read as text"),
    Damage("Parquet with ten thousand columns", lambda _: _parquet({f"c{n}": pa.array(["x"]) for n in range(10_000)}),
           "10000 columns, the limit is 1000"),
    Damage("decompression bomb of 192 MiB",
           lambda i: _repeated_members(b"\n" * (64 * MEBIBYTE), 3, first=i.text().encode()),
           "unpacks to more than 200 times its size"),
    Damage("a line of 16 MiB", _long_line(16), "is longer than 1048576 bytes"),
    Damage("a line of 1 GiB", _long_line(1_024), "is longer than 1048576 bytes", large=True),
    Damage("decompression bomb of 10 GiB",
           lambda i: _repeated_members(b"\n" * (64 * MEBIBYTE), 160, first=i.text().encode()),
           "unpacks to more than 200 times its size", large=True),
    Damage("Parquet with a hundred thousand columns",
           lambda _: _parquet({f"c{number}": pa.array(["x"]) for number in range(100_000)}),
           "too many columns or row groups", large=True),
    Damage("Parquet that unpacks to 200 MiB in one column",
           lambda i: _parquet(_typed(i) | {"note": pa.array([f"{n:09}" + "x" * MEBIBYTE if n < 200 else ""
                                                              for n in range(len(i.rows))])}),
           "column note unpacks to", large=True),
)  # fmt: skip
"""Files that are refused whole."""

ROWS = (
    _in("opened_at", "31/2/2016 10:00", "is not a possible date and time", "31 February"),
    _in("opened_at", "1/1/9999 10:00", "outside the years", "year 9999"),
    _in("opened_at", "1/1/0001 10:00", "outside the years", "year 1"),
    _in("sys_updated_at", "1/1/2099 10:00", "is still to come", "updates still to come"),
    _in("closed_at", "1/1/2099 10:00", "is still to come", "closings still to come"),
    _in("opened_at", "1st of March", "is not a date and time", "dates in words"),
    _in("opened_at", "1456819200", "is not a date and time", "seconds since 1970"),
    _in("opened_at", "1/3/2016 25:61", "is not a possible date and time", "times of day beyond 24 hours"),
    _in("closed_at", "1/1/2001 10:00", "before the opening", "closed before opened"),
    _in("resolved_at", "1/1/2001 10:00", "before the opening", "negative durations"),
    _in("sys_updated_at", "1/1/2001 10:00", "more than a day before the opening", "updated long before opened"),
    _in("sys_mod_count", "9" * 40, "is not a whole number", "huge integers"),
    _in("sys_mod_count", "-1", "is not a whole number", "negative counts"),
    _in("sys_mod_count", "1e3", "is not a whole number", "counts in scientific notation"),
    _in("sys_mod_count", "=cmd|'/c calc'!A0", "is not a whole number", "formulas where a number belongs"),
    _in("made_sla", "perhaps", "is none of the words", "outcomes that are none"),
    _in("number", " \t\u00a0 ", "has no value", "keys of blanks only"),
    _in("number", "\u200b\u200b", "cannot be seen", "keys nobody can see"),
    _in("number", "INC" + "0" * 300, "longer than 255", "endless keys"),
    _in("number", "INC\0", "NUL", "NUL bytes"),
    _in("category", "x" * 20_000, "has 20000 characters", "endless values"),
    Damage(
        "priority and count exchanged in some rows",
        _plain(lambda i: i.with_cells("sys_mod_count", {n: i.of("priority", n) for n in i.some()})
               .with_cells("priority", {n: i.of("sys_mod_count", n) for n in i.some()}).text()),
        rejected=lambda i: [(n + 2, "sys_mod_count", "is not a whole number") for n in i.some()],
    ),
    Damage("header again in the middle", _plain(lambda i: _inserted(i, 3, ",".join(i.header))),
           rejected=lambda _: [(5, "", "the header is repeated")], lost=-1),
    Damage("same update with other content", _plain(lambda i: _contradicting(i).text()),
           rejected=lambda i: [(len(i.rows) + 2, "number", "an earlier row says something else")], lost=-1),
    Damage("rows of other widths", _plain(lambda i: _inserted(i, 2, "INC1,New", "," * 50_000)),
           rejected=lambda _: [(4, "", "the row has 2 columns"), (5, "", "the row has 50001 columns")], lost=-2),
    Damage("delimiter changes half-way", _plain(_delimiter_changes),
           rejected=lambda i: [(n + 2, "", "the row has 1 columns") for n in range(len(i.rows) // 2, len(i.rows))]),
    Damage("text after a closing quote", _plain(lambda i: _inserted(i, 2, '"INC1"0,New')),
           rejected=lambda _: [(4, "", "unreadable up to line 4")], lost=-1),
    Damage("quote opened and closed two rows on",
           _plain(lambda i: _inserted(i, 2, '"INC1,New', "Active", 'Closed",1')),
           rejected=lambda _: [(4, "", "goes on to line 6")], lost=-1),
    Damage("quote opened and never closed", _plain(lambda i: i.text() + '"INC1,New\n' + "rest\n" * 5),
           rejected=lambda i: [(len(i.rows) + 2, "", "unreadable up to line")], lost=-1),
    Damage("opening and closing exchanged",
           _plain(lambda i: _renamed(i, {"opened_at": "closed_at", "closed_at": "opened_at"}).text()),
           most=(0.9, "opening")),
    Damage("Parquet with instants as integers",
           lambda i: _parquet(_typed(i, opened_at=pa.array(range(len(i.rows)), pa.int64()))),
           most=(1.0, "is not a date and time"), file_name="export.parquet"),
    Damage("Parquet with counts as words",
           lambda i: _parquet(_typed(i, sys_mod_count=pa.array(["many"] * len(i.rows)))),
           most=(1.0, "is not a whole number"), file_name="export.parquet"),
    Damage("Parquet saying a text of 1 MiB in every row",
           lambda i: _parquet(_typed(i) | {"note": pa.array(["x" * MEBIBYTE] * len(i.rows)).dictionary_encode()}),
           most=(1.0, "has 1048576 characters"), file_name="export.parquet", large=True),
)  # fmt: skip
"""Files of which single rows are rejected and the others kept when asked."""

READ = (
    Damage("byte order mark", lambda i: i.text().encode("utf-8-sig")),
    Damage("Latin-1", lambda i: i.with_cells("u_symptom", {1: "Größe"}).text().encode("latin-1", "replace"),
           says="latin-1"),
    Damage("bytes that are no text", lambda i: i.text().encode().replace(b"Caller", b"Call\xff\xfe", 1),
           says="latin-1"),
    Damage("line ends mixed", _plain(_mixed_line_ends)),
    Damage("line ends of old", _plain(lambda i: i.text(line_end="\r"))),
    Damage("rows twice", _plain(lambda i: replace(i, rows=i.rows + i.rows[:7]).text())),
    Damage("rows in no order", _plain(lambda i: _shuffled(i).text())),
    Damage("formulas as text", altered="category",
           make=_plain(lambda i: i.with_cells("category", dict.fromkeys(i.some(), "=cmd|'/c calc'!A0")).text())),
    Damage("times that occur twice", options={"time_zone": "Europe/Berlin"},
           make=_plain(lambda i: i.with_cells("sys_updated_at", {len(i.rows) - 1: "30/10/2016 02:30"}).text())),
    Damage("times that never occur", options={"time_zone": "Europe/Berlin"},
           make=_plain(lambda i: i.with_cells("sys_updated_at", {len(i.rows) - 1: "26/3/2017 02:30"}).text())),
    Damage("gzip without its name", lambda i: gzip.compress(i.text().encode())),
    Damage("header only", _plain(lambda i: replace(i, rows=()).text()), nothing=True),
)  # fmt: skip
"""Files that are read by a rule the documentation states."""

DAMAGES = (*FILES, *ROWS, *READ)
