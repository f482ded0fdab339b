"""Files are told by their content, read in bounded pieces, and refused with one clear error when they are no export."""

import gzip
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.errors import Invalid
from services.tickets.sources.columns import Layout
from services.tickets.sources.csv_reader import CsvReader
from services.tickets.sources.dates import DateNotation
from services.tickets.sources.export import ProfileSource
from services.tickets.sources.profile import Profile, shipped_profiles
from tests.services.tickets.sources.exports import (
    ROW,
    UTC_PROFILE,
    csv_text,
    events,
    opened,
    read_export,
    rejections,
    row,
    written,
)


def test_an_export_tells_what_it_is(tmp_path: Path) -> None:
    export = opened(tmp_path, row())
    content = export.path.read_bytes()
    assert export.columns == tuple(ROW)
    assert export.sha256 == hashlib.sha256(content).hexdigest()
    assert export.total_bytes == len(content)
    assert export.encoding == "utf-8"
    assert export.profile_source is ProfileSource.GIVEN
    assert export.date_formats == (DateNotation.YEAR_FIRST,)
    assert export.date_formats_detected
    assert list(export)[-1].bytes_read == export.total_bytes


@pytest.mark.parametrize("name", ["export.csv.gz", "export.csv", "export"])
def test_gzip_is_recognised_by_content(tmp_path: Path, name: str) -> None:
    plain = events(opened(tmp_path, row()))
    path = written(tmp_path, gzip.compress(csv_text([row()]).encode()), name)
    export = read_export(path, UTC_PROFILE)
    assert events(export) == plain
    assert list(export)[-1].bytes_read == export.total_bytes == path.stat().st_size


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_follows_from_the_header(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, csv_text([row(u_note="a,b;c\td")], delimiter=delimiter))
    assert events(read_export(path, UTC_PROFILE))[0].attributes["u_note"] == "a,b;c\td"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do(tmp_path: Path, line_end: str) -> None:
    path = written(tmp_path, csv_text([row(), row(number="?")]).replace("\n", line_end))
    export = read_export(path, UTC_PROFILE)
    assert len(events(export)) == 1
    assert [rejection.line for rejection in rejections(export)] == [3]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    export = read_export(written(tmp_path, csv_text([row()]).encode("utf-8-sig")), UTC_PROFILE)
    assert export.columns[0] == "number"
    assert len(events(export)) == 1


def test_unicode_survives(tmp_path: Path) -> None:
    note = "Größe 数据 🛠 \u2028 é"
    assert events(opened(tmp_path, row(u_note=note, number="ИНЦ-1")))[0].attributes["u_note"] == note


def test_a_file_that_is_not_utf_8_is_read_as_latin_1_and_says_so(tmp_path: Path) -> None:
    export = read_export(written(tmp_path, csv_text([row(u_note="Größe")]).encode("latin-1")), UTC_PROFILE)
    assert export.encoding == "latin-1"
    assert events(export)[0].attributes["u_note"] == "Größe"


def test_a_character_cut_off_at_the_very_end_is_not_utf_8_either(tmp_path: Path) -> None:
    export = read_export(written(tmp_path, csv_text([row(u_note="cut")]).encode().rstrip() + b"\xc3"), UTC_PROFILE)
    assert export.encoding == "latin-1"
    assert events(export)[0].attributes["u_note"] == "cutÃ"


def test_line_numbers_count_lines_inside_quotes_and_blank_ones(tmp_path: Path) -> None:
    text = csv_text([row(u_note="one\ntwo\n\nfour"), row(sys_mod_count="x", u_note="a\nb"), row(number="?")])
    head, tail = text.split("\nINC1,New,x", 1)
    export = read_export(written(tmp_path, f"\n{head}\n\n\nINC1,New,x{tail}"), UTC_PROFILE)
    assert events(export)[0].attributes["u_note"] == "one\ntwo\n\nfour"
    assert [(rejection.line, rejection.column) for rejection in rejections(export)] == [
        (9, "sys_mod_count"),
        (11, "number"),
    ]


def test_a_quote_that_is_never_closed_is_reported_with_the_lines_it_swallowed(tmp_path: Path) -> None:
    good = csv_text([row(sys_mod_count=str(count)) for count in range(3)])
    export = read_export(written(tmp_path, good + '"INC9,New\n' + "rest\n" * 5), UTC_PROFILE)
    assert len(events(export)) == 3
    ((line, _, _, reason),) = rejections(export)
    assert line == 5
    assert "unreadable up to line 10" in reason


def test_a_field_beyond_the_parsers_limit_is_a_rejection_and_reading_goes_on(tmp_path: Path) -> None:
    export = opened(tmp_path, row(), row(u_note="x" * 200_000), row(sys_mod_count="1"))
    assert [event.sequence for event in events(export)] == [0, 1]
    ((line, _, _, reason),) = rejections(export)
    assert line == 3
    assert "field limit" in reason


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n  \n", "the file is empty"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (gzip.compress(csv_text([row()] * 500).encode())[:-20], "the gzip archive is damaged or cut off"),
        (b"\x1f\x8bnonsense", "the gzip archive is damaged or cut off"),
        (b"PAR1 not really", "the Parquet file cannot be read"),
        (b"PK\x03\x04 a workbook", "a zip archive or a spreadsheet"),
        ("number,state\n".encode("utf-16"), "UTF-16"),
        (b"\x7fELF\0\0\0", "a binary file"),
        (b"x" * 2_000_000, "line 1 is longer than 1048576 bytes"),
        (b"number,state\n" + b"x" * 2_000_000, "line 2 is longer than 1048576 bytes"),
        (b"number,state\n" + b"x" * 1_500_000 + b"\nINC1,New\n", "line 2 is longer than 1048576 bytes"),
        (b"Dear colleagues,\nplease find attached nothing.\n", "no column for number (tried: number, ticket_number"),
        (b"INC1,New,0,2016-03-05 12:00\n", "no column for opened_at (tried: opened_at, opened"),
        (b"number,number,state\n", "more than once: number"),
        (b'"number,state\n', "cannot be read as the header"),
        (",".join(f"c{n}" for n in range(1_001)).encode(), "1001 columns, the limit is 1000"),
    ],
)
def test_what_is_no_export_is_refused_by_name_and_reason(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_export(written(tmp_path, content, "given.dat"))
    assert said in refusal.value.message
    assert "given.dat" in refusal.value.message


def test_a_file_that_is_absent_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(Invalid, match="cannot be read"):
            read_export(path)


def test_a_header_without_rows_is_an_export_without_events(tmp_path: Path) -> None:
    assert list(opened(tmp_path)) == []


def test_a_nameless_column_is_called_by_its_place(tmp_path: Path) -> None:
    header, data = csv_text([row()]).splitlines()
    export = read_export(written(tmp_path, f",{header}\n17,{data}\n"), UTC_PROFILE)
    assert events(export)[0].attributes["column 1"] == "17"


def test_without_a_zone_a_wall_clock_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"'2016-03-05 12:30' has no offset from UTC; name the zone .* --time-zone"):
        opened(tmp_path, row(), profile=None)


def test_without_a_zone_times_that_say_their_offset_are_read(tmp_path: Path) -> None:
    zoned = row(opened_at="2016-03-05T12:00+02:00", sys_updated_at="2016-03-05T12:30Z")
    export = opened(tmp_path, zoned, profile=None)
    assert events(export)[0].opened_at == datetime(2016, 3, 5, 10, 0, tzinfo=UTC)
    assert (export.time_zone, export.profile_source) == (None, ProfileSource.NONE)


def test_a_zone_that_is_named_wins_and_is_not_assumed(tmp_path: Path) -> None:
    profile = Profile(time_zone="UTC", time_zone_assumed=True)
    export = read_export(written(tmp_path, csv_text([row()])), profile, time_zone="Europe/Berlin")
    assert (export.time_zone, export.time_zone_assumed) == ("Europe/Berlin", False)
    assert events(export)[0].occurred_at == datetime(2016, 3, 5, 11, 30, tzinfo=UTC)


def test_a_zone_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="'Mars' is not an IANA time zone"):
        read_export(written(tmp_path, csv_text([row()])), time_zone="Mars")


def test_dates_that_read_two_ways_are_refused_until_a_profile_decides(tmp_path: Path) -> None:
    doubtful = row(opened_at="5/3/2016 12:00", sys_updated_at="6/3/2016 12:00")
    with pytest.raises(Invalid, match="fit both D/M/YYYY and M/D/YYYY; say it as date_formats"):
        opened(tmp_path, doubtful)
    american = Profile(time_zone="UTC", date_formats=(DateNotation.MONTH_FIRST_SLASHES,))
    export = opened(tmp_path, doubtful, profile=american)
    assert events(export)[0].occurred_at == datetime(2016, 6, 3, 12, 0, tzinfo=UTC)
    assert not export.date_formats_detected


def test_the_shipped_profile_is_used_unasked_and_named(tmp_path: Path) -> None:
    (shipped,) = [one for one in shipped_profiles() if one.layout is Layout.UPDATES]
    columns = dict.fromkeys([*shipped.matches, *ROW], "")
    path = written(tmp_path, csv_text([columns | row(opened_at="5/3/2016 12:00")], columns))
    export = read_export(path)
    assert (export.profile, export.profile_source) == (shipped, ProfileSource.SHIPPED_EXAMPLE)
    assert (export.time_zone, export.time_zone_assumed) == ("UTC", True)
    assert events(export)[0].opened_at == datetime(2016, 3, 5, 12, 0, tzinfo=UTC)


def test_typed_parquet_columns_mean_what_their_text_means(tmp_path: Path) -> None:
    opened_at = datetime.fromisoformat("2016-03-05T12:00")
    table = pa.table(
        {
            "number": pa.array(["INC1", "INC2", "?"]).dictionary_encode(),
            "state": pa.array(["New", None, "Closed"]),
            "sys_mod_count": pa.array([0.0, 3.0, 1.0]),
            "opened_at": pa.array([opened_at] * 3, pa.timestamp("ns")),
            "sys_updated_at": pa.array([opened_at] * 3, pa.timestamp("ms", tz="Europe/Berlin")),
            "closed_at": pa.array([None, opened_at.replace(microsecond=500_000), None], pa.timestamp("us")),
            "made_sla": pa.array([True, False, None]),
            "cost": pa.array([None, 2.5, None]),
        }
    )
    path = tmp_path / "typed.parquet"
    pq.write_table(table, path)
    export = read_export(path, UTC_PROFILE)
    first, second = events(export)
    assert (first.sequence, second.sequence) == (0, 3)
    assert first.opened_at == first.occurred_at == opened_at.replace(tzinfo=UTC)
    assert second.recorded_closed_at == datetime(2016, 3, 5, 12, 0, 0, 500_000, tzinfo=UTC)
    assert (first.attributes["made_sla"], second.attributes["cost"]) == ("true", "2.5")
    assert (first.attributes["sys_mod_count"], first.attributes["opened_at"]) == ("0", "2016-03-05 12:00:00")
    assert set(first.attributes).isdisjoint({"cost", "closed_at"})
    assert [(r.line, r.column) for r in rejections(export)] == [(3, "number")]
    assert list(export)[-1].bytes_read == export.total_bytes


def test_parquet_columns_that_are_no_values_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "nested.parquet"
    pq.write_table(pa.table({"number": ["INC1"], "tags": [["a", "b"]]}), path)
    with pytest.raises(Invalid, match=r"nested\.parquet: columns with lists or structures cannot be read: tags"):
        read_export(path)


def test_a_parquet_file_damaged_inside_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "damaged.parquet"
    rows = [row(number=f"INC{count}", u_note=f"{count * 7919}") for count in range(20_000)]
    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[5_000:6_000] = bytes(1_000)
    path.write_bytes(content)
    with pytest.raises(Invalid, match=r"damaged\.parquet: the Parquet file is damaged"):
        events(read_export(path, UTC_PROFILE))


def test_large_rows_are_handed_on_before_they_pile_up(tmp_path: Path) -> None:
    text = csv_text([row(sys_mod_count=str(count), u_note="x" * 100_000) for count in range(300)])
    chunks = list(CsvReader(written(tmp_path, text), compressed=False).chunks(5_000))
    assert len(chunks) >= 2
    assert sum(len(chunk.rows) for chunk in chunks) == 300
