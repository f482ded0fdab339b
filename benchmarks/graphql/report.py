"""What was measured, as ratios with the floors and goals they are held to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.graphql.load import Load
from benchmarks.graphql.queries import DETAIL, FILTERED_PAGE, NESTED_PAGE, TINY
from benchmarks.graphql.servers import MERCURIUS, ORDINARY, OURS, POSTGRAPHILE, STRAWBERRY, versions
from benchmarks.harness import Measurement

PGBENCH = "pgbench"
SAME_STATEMENT = "pgbench, the same SQL, role and row-level security"

Loads = Mapping[str, Load]
"""Medians by the subject's name."""


@dataclass(frozen=True)
class Aim:
    """A ratio of requests a second to be reached."""

    query: str
    ours: str
    peer: str
    floor: float | None = None
    goal: float | None = None


AIMS = (
    Aim(NESTED_PAGE.name, OURS, POSTGRAPHILE, 4, 5),
    Aim(DETAIL.name, OURS, POSTGRAPHILE, 3, 4),
    Aim(FILTERED_PAGE.name, OURS, POSTGRAPHILE, 2.5, 3),
    Aim(TINY.name, OURS, POSTGRAPHILE, 1.6, 2),
    Aim(NESTED_PAGE.name, OURS, MERCURIUS),
    Aim(DETAIL.name, OURS, MERCURIUS),
    Aim(FILTERED_PAGE.name, OURS, MERCURIUS),
    Aim(TINY.name, OURS, MERCURIUS, 0.75, 0.9),
    Aim(NESTED_PAGE.name, OURS, PGBENCH, 0.8, 0.9),
    Aim(DETAIL.name, OURS, PGBENCH, 0.6, 0.7),
    Aim(FILTERED_PAGE.name, OURS, PGBENCH, 0.8, 0.9),
    Aim(TINY.name, OURS, PGBENCH),
    Aim(NESTED_PAGE.name, ORDINARY, STRAWBERRY, 4),
    Aim(DETAIL.name, ORDINARY, STRAWBERRY),
    Aim(FILTERED_PAGE.name, ORDINARY, STRAWBERRY),
    Aim(TINY.name, ORDINARY, STRAWBERRY),
)


def measurements(measured: Mapping[str, Loads]) -> list[Measurement]:
    """Ratios first, then what they were made of; `measured` is by query."""
    return [*_ratios(measured), *_figures(measured)]


def _ratios(measured: Mapping[str, Loads]) -> Iterator[Measurement]:
    peers = {**versions(), PGBENCH: SAME_STATEMENT}
    for aim in AIMS:
        loads = measured[aim.query]
        ratio = loads[aim.ours].per_second / loads[aim.peer].per_second
        path = ", ordinary path" if aim.ours == ORDINARY else ""
        yield Measurement(aim.query + path, ratio, "times", against=peers[aim.peer], floor=aim.floor, goal=aim.goal)
        # What the ratio would be where nothing else runs: processor time hardly depends on who else wants it.
        spent = loads[aim.peer].whole / loads[aim.ours].whole
        yield Measurement(f"{aim.query + path}, by processor time", spent, "times", against=peers[aim.peer])


def _figures(measured: Mapping[str, Loads]) -> Iterator[Measurement]:
    for query, loads in measured.items():
        for name, load in loads.items():
            yield Measurement(f"{query}: {name}", load.per_second, "requests/s")
            if name != PGBENCH:
                yield Measurement(f"{query}: {name}, p50", load.p50, "ms", smaller_is_better=True)
                yield Measurement(f"{query}: {name}, p99", load.p99, "ms", smaller_is_better=True)
                yield Measurement(f"{query}: {name}, processor time a request", load.cpu, "ms", smaller_is_better=True)
            yield Measurement(f"{query}: {name}, with PostgreSQL and load", load.whole, "ms", smaller_is_better=True)
