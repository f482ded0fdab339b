"""B5: reports that say something else than the records do."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from assessment.evidence import Evidence
from assessment.findings import CannotTell, Checked, CheckedUnit, Findings, Shortfall
from services.compliance.records import TargetRecords
from services.domain.vocabulary import PeriodKind
from services.governance.queries import FigureAsOf

COMPARABLE = ("results computed from the records of reported periods",)


def reports_that_lie(evidence: Evidence) -> Findings:
    """B5. A unit is a service in a reporting period; what the users lived through has no records yet.

    A figure that is missing may have been the wrong one of any period: none of the service is then shown to be right.
    """
    units: dict[tuple[UUID, datetime, PeriodKind], list[FigureAsOf]] = defaultdict(list)
    for figure in evidence.figures:
        if figure.period_start >= evidence.year_ago:
            units[figure.service_id, figure.period_start, figure.period].append(figure)
    if units and all(figure.contradicts is None for figures in units.values() for figure in figures):
        return CannotTell(COMPARABLE)
    incomplete = {target.service_id: target for target in evidence.records if not target.figures.is_complete}
    return Checked(
        tuple(
            _unit(
                f"{evidence.service_names.get(service_id, 'service')}, {period.value} of {start:%Y-%m-%d}",
                figures,
                incomplete.get(service_id),
            )
            for (service_id, start, period), figures in units.items()
        )
    )


def _unit(name: str, figures: list[FigureAsOf], incomplete: TargetRecords | None) -> CheckedUnit:
    service_id = figures[0].service_id
    if wrong := [figure for figure in figures if figure.contradicts]:
        first = wrong[0]
        said = f"reported {_said(first.reported.value, first.reported_percent)}"
        found = _said(first.recomputed.value if first.recomputed else "nothing", first.recomputed_percent)
        return CheckedUnit(name, True, Shortfall.CONTRADICTED, f"{said}, computed {found}", service_id)
    if any(figure.contradicts is None for figure in figures):
        reason = "a reported figure gives no percentage, or has no computed result to compare it with"
        return CheckedUnit(name, True, Shortfall.NOT_RECORDED, reason, service_id)
    if incomplete is not None:
        key, counts = incomplete.target_key, incomplete.figures
        reason = f"target {key} was reported {counts.written} times, and {counts.found} of these figures are there"
        return CheckedUnit(name, True, Shortfall.NOT_RECORDED, reason, service_id)
    return CheckedUnit(name, False, record_id=service_id)


def _said(outcome: str, percent: object) -> str:
    return outcome if percent is None else f"{outcome} ({percent} %)"
