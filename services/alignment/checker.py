"""Replays a witness: whether everybody below keeps their promises in it and ours is broken nevertheless.

It shares nothing with the verdict but the rows of the witness and the promises themselves: the system is played through
time state by state (by `works`, which only the estimate uses besides), without cut sets or linear programs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from services.domain.reliability import Part, works

Row = Mapping[str, Any]
"""A row of a witness as it is stored."""


def faults_of_outages(
    rows: Sequence[Row],
    *,
    root: str,
    parts: Mapping[str, Part[str]],
    allowed: Mapping[str, Fraction],
    agreed_seconds: int,
    objective: Fraction,
) -> list[str]:
    """What is wrong with a timeline of outages; nothing, if it shows what it is to show.

    `parts` is what the service is built of, by the keys of components; `allowed` the share of our window that each may
    be down; `objective` the share we promise.
    """
    down: defaultdict[str, list[tuple[Fraction, Fraction]]] = defaultdict(list)
    faults = []
    for row in rows:
        begins, ends = Fraction(row["exact_from"]), Fraction(row["exact_until"])
        if row["component_key"] not in parts or not 0 <= begins < ends <= agreed_seconds:
            faults.append(f"{row['component_key']} is not down from {begins} to {ends} of the window")
        down[row["component_key"]].append((begins, ends))
    for key, outages in down.items():
        if _together(outages) > allowed.get(key, Fraction(0)) * agreed_seconds:
            faults.append(f"{key} is down for longer than it may be")
    instants = sorted({instant for outages in down.values() for outage in outages for instant in outage})
    lost = Fraction(0)
    for begins, ends in pairwise(instants):
        failed = frozenset(key for key, outages in down.items() if any(a <= begins < b for a, b in outages))
        if not works(root, parts, failed):
            lost += ends - begins
    if lost <= (1 - objective) * agreed_seconds:
        faults.append(f"the service is down for {lost} seconds, which our promise allows")
    return faults


def faults_of_tickets(
    rows: Sequence[Row],
    *,
    promised: Mapping[str, Sequence[tuple[Fraction, int]]],
    takes: Callable[[str, Mapping[str, int]], int],
    limit_seconds: int,
    objective: Fraction,
) -> list[str]:
    """What is wrong with a mixture of tickets; nothing, if it shows what it is to show.

    `promised` are the shares and times of each hop's promise, by the keys of components. `takes` says how many seconds
    of ours a ticket takes that is opened at an instant and takes so long at each hop. `objective` is the share of
    tickets that we promise within `limit_seconds`.
    """
    cases: defaultdict[int, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        cases[row["case"]][row["component_key"]] = row
    faults = []
    if any(case.keys() != promised.keys() or len({row["exact_share"] for row in case.values()}) != 1
           for case in cases.values()):  # fmt: skip
        return ["a case does not say what happens at every hop"]
    shares = {number: Fraction(next(iter(case.values()))["exact_share"]) for number, case in cases.items()}
    if any(share < 0 for share in shares.values()) or sum(shares.values()) > 1:
        faults.append("the cases are more than all tickets")
    for key, points in promised.items():
        for probability, seconds in points:
            late = [number for number, case in cases.items() if _longer(case[key], seconds)]
            if sum(shares[number] for number in late) > 1 - probability:
                faults.append(f"{key} takes more than {seconds} seconds too often")
    broken = Fraction(0)
    for number, case in cases.items():
        times = {key: row["until_second"] for key, row in case.items()}
        endless = any(time is None for time in times.values())
        opened = next(iter(case.values()))["at"]
        if endless or takes(opened, {key: int(time) for key, time in times.items()}) > limit_seconds:
            broken += shares[number]
    if broken <= 1 - objective:
        faults.append(f"{broken} of the tickets are late, which our promise allows")
    return faults


def _longer(row: Row, seconds: int) -> bool:
    return row["until_second"] is None or int(row["until_second"]) > seconds


def _together(outages: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    """How long any of them lasts."""
    total, until = Fraction(0), Fraction(0)
    for begins, ends in sorted(outages):
        total += max(Fraction(0), ends - max(begins, until))
        until = max(until, ends)
    return total
