"""Whether hours, terms and definitions below contain ours (methods E.5, semantics D.5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np

from services.alignment.facts import AgreementFact, PromiseFact
from services.alignment.hours import Hours
from services.alignment.judgement import (
    HOLDS,
    Compared,
    Link,
)
from services.alignment.rules import Axis, AxisState
from services.alignment.spelling import shortened, stamp
from services.alignment.structure import (
    CutSet,
)
from services.domain.intervals import IntervalSet, merged, subtracted


def ends_early(ours: AgreementFact, theirs: AgreementFact) -> datetime | None:
    """When theirs ends although ours goes on; options to renew count only if they are ours."""
    ends = theirs.ends_at if theirs.extends_at is None else max(theirs.extends_at, theirs.ends_at or theirs.extends_at)
    if ends is None or (ours.ends_at is not None and ours.ends_at <= ends):
        return None
    return ends


def notice(ours: AgreementFact, theirs: AgreementFact) -> str:
    if ours.notice_days is not None and theirs.notice_days is not None and theirs.notice_days < ours.notice_days:
        return f"they may leave within {theirs.notice_days} days, we within {ours.notice_days}"
    return ""


def exclusions(ours: AgreementFact, theirs: AgreementFact) -> list[str]:
    found = [f"excludes {each}" for each in sorted(set(theirs.exclusions) - set(ours.exclusions))[:5]]
    if theirs.force_majeure and not ours.force_majeure:
        found.append("excludes force majeure")
    if (more := theirs.maintenance_seconds - ours.maintenance_seconds) > 0:
        found.append(f"has {more} s more maintenance a month")
    return found


def uncovered_hours(ours: PromiseFact, theirs: PromiseFact, hours: Hours) -> IntervalSet:
    """Our hours that are not those of their target, or not those their agreement is about at all."""
    left = [
        hours.uncovered(ours.calendar_id, id_) for id_ in (theirs.calendar_id, theirs.agreement.coverage_calendar_id)
    ]
    return merged(*np.concatenate(left).T)


def contained(promise: PromiseFact, links: Mapping[UUID, Link], cuts: Sequence[CutSet]) -> dict[Axis, Compared]:
    """Coverage, term and scope: each fails where all of a minimal cut set fail it, at one and the same time."""
    backed = {id_: link for id_, link in links.items() if link.promise is not None}
    if not backed:
        unknown = Compared(AxisState.UNKNOWN, reason="there is no agreement to compare with")
        return {Axis.COVERAGE: unknown, Axis.TERM: unknown, Axis.SCOPE: unknown}
    complete = [cut for cut in cuts if cut <= backed.keys()]
    return {
        Axis.COVERAGE: _covered([[backed[id_] for id_ in cut] for cut in complete]),
        Axis.TERM: _lasting(promise.agreement, [[backed[id_] for id_ in cut] for cut in complete]),
        Axis.SCOPE: _in_scope([[backed[id_] for id_ in cut] for cut in complete]),
    }


def _covered(cuts: Sequence[Sequence[Link]]) -> Compared:
    worst, whose = 0, ""
    for cut in cuts:
        left = cut[0].uncovered
        for link in cut[1:]:
            left = subtracted(left, subtracted(left, link.uncovered))
        if (total := int((left[:, 1] - left[:, 0]).sum())) > worst:
            worst, whose = total, ", ".join(link.component.name for link in cut)
    if not worst:
        return HOLDS
    hours_left = (Decimal(worst) / 3600).quantize(Decimal("0.01"))
    return Compared(AxisState.FAILS, hours_left, "hours a year", f"{whose}: not covered in hours we promise")


def _lasting(ours: AgreementFact, cuts: Sequence[Sequence[Link]]) -> Compared:
    ending: list[tuple[datetime, str]] = []
    for cut in cuts:
        ends = [link.ends_at for link in cut if link.ends_at is not None]
        if len(ends) == len(cut):
            ending.append((max(ends), ", ".join(link.component.name for link in cut)))
    if ending:
        at, whose = min(ending)
        days = None if ours.ends_at is None else Decimal(max(1, (ours.ends_at - at).days))
        said = "" if ours.ends_at is not None else ", and ours has no end"
        unit = "" if days is None else "days"
        return Compared(AxisState.FAILS, days, unit, f"{whose}: ends {at.date().isoformat()} before ours{said}")
    noticed = [link for cut in cuts for link in cut if len(cut) == 1 and link.unknown_term]
    if noticed:
        return Compared(AxisState.FAILS, None, "", f"{noticed[0].component.name}: {noticed[0].unknown_term}")
    return HOLDS


def _in_scope(cuts: Sequence[Sequence[Link]]) -> Compared:
    for cut in cuts:
        if all(link.out_of_scope for link in cut):
            link = cut[0]
            said = "; ".join(link.out_of_scope[:3])
            return Compared(
                AxisState.FAILS, Decimal(len(link.out_of_scope)), "differences", f"{link.component.name}: {said}"
            )
    return HOLDS


def containment_witness(links: Mapping[UUID, Link], hours: Hours) -> list[dict[str, Any]]:
    """An instant for each containment that fails: an incident then is ours and not theirs."""
    rows = []
    for link in links.values():
        found = []
        if len(link.uncovered):
            found.append((int(link.uncovered[0, 0]), "we promise service then, they do not"))
        if link.ends_at is not None:
            found.append((int(link.ends_at.timestamp()), "our promise goes on then, theirs has ended"))
        if link.out_of_scope:
            found.append((hours.start, link.out_of_scope[0]))
        rows += [
            {
                "component_key": link.component.key, "case": case, "at": stamp(at), "from_second": None,
                "until_second": None, "share_percent": None, "exact_from": None, "exact_until": None,
                "exact_share": None, "note": note,
            }
            for case, (at, note) in enumerate(found)
        ]  # fmt: skip
    return shortened(rows)
