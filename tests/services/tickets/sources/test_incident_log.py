"""The real incident log is read whole, from both of its files, within bounded memory."""

import tracemalloc
from collections import Counter, deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from services.domain.vocabulary import Outcome
from services.tickets.sources.export import ProfileSource
from services.tickets.sources.records import Batch
from tests.services.tickets.sources.exports import read_export

LOG = Path(__file__).parents[4].parent / "shared" / "data" / "uci_incident_log"
CSV, PARQUET = LOG / "incident_event_log.dev.csv.gz", LOG / "events.parquet"

pytestmark = pytest.mark.skipif(not CSV.exists(), reason="needs ../shared/data/uci_incident_log")


def test_the_whole_log_is_read_without_a_profile() -> None:
    export = read_export(CSV)
    assert export.profile_source is ProfileSource.SHIPPED_EXAMPLE
    assert export.time_zone_assumed
    recorded: dict[str, Outcome | None] = {}
    totals: Counter[str] = Counter()
    for batch in export:
        totals["events"] += len(batch.events)
        totals["rejections"] += len(batch.rejections)
        totals["repetitions"] += batch.repetitions
        totals["unknown"] += len(batch.unknown_states)
        recorded |= {event.ticket_key: event.recorded_outcome for event in batch.events}
    assert totals == {"events": 109_914, "rejections": 0, "repetitions": 0, "unknown": 0}
    assert Counter(recorded.values()) == {Outcome.MET: 18_818 - 7_706, Outcome.MISSED: 7_706}


@pytest.mark.skipif(not PARQUET.exists(), reason="needs ../shared/data/uci_incident_log/events.parquet")
def test_text_and_typed_columns_give_the_same_events() -> None:
    pairs = zip(read_export(CSV), read_export(PARQUET), strict=True)
    for from_csv, from_parquet in islice(pairs, 8):
        for one, other in zip(from_csv.events, from_parquet.events, strict=True):
            assert one._replace(attributes={}) == other._replace(attributes={})
            assert one.attributes.keys() == other.attributes.keys() - {"event_seq"}


def test_memory_grows_by_two_hashes_a_row_and_not_by_rows() -> None:
    export = read_export(CSV)
    few, many = (peak_memory(islice(export.batches(1_000), batches)) for batches in (3, 12))
    assert few > 1 << 20
    assert many - few < 9_000 * 400


def peak_memory(batches: Iterator[Batch]) -> int:
    """Bytes allocated at most while the batches pass by."""
    tracemalloc.start()
    try:
        deque(batches, maxlen=0)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
