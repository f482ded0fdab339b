"""G6: whether procurement buys what was required."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from assessment.evidence import Evidence
from assessment.findings import Findings, Graded, GradedUnit
from assessment.probes.ladder import Rung, climb, together
from services.agreements.purchases import PurchaseAsOf
from services.agreements.queries import PromisedTarget

WINDOW = timedelta(days=730)


def requirements_bought(evidence: Evidence) -> Findings:
    """G6. Contracts with suppliers of live services that were signed, renewed or amended within twenty-four months."""
    live = {each.service.service_id for each in evidence.services}
    promised: defaultdict[UUID, list[PromisedTarget]] = defaultdict(list)
    for target in evidence.targets:
        promised[target.agreement_id].append(target)
    links = {each.target_id: each.requirement_links.is_complete for each in evidence.records}
    return Graded(
        tuple(
            _purchase(each, promised[each.agreement_id], links)
            for each in evidence.purchases
            if each.service_id in live and each.occurred_at > evidence.as_of - WINDOW
        )
    )


def _purchase(purchase: PurchaseAsOf, targets: Sequence[PromisedTarget], links: dict[UUID, bool]) -> GradedUnit:
    name = f"{purchase.agreement_key}, {purchase.kind} {purchase.occurred_at:%Y-%m-%d}"
    untraced = [each for each in targets if not _is_traced(each, purchase, links)]
    people, links_in_clauses = purchase.participations, purchase.clause_links
    heard = together(
        Rung(
            people.is_complete, f"{people.written} entries about who takes part were recorded, {people.found} are there"
        ),
        Rung(purchase.service_level_managers > 0, "nobody from service level management negotiated or signed it"),
    )
    attached = together(
        Rung(purchase.requirements_attached, "requirements were not attached before"),
        Rung(
            links_in_clauses.is_complete,
            f"{links_in_clauses.written} entries about requirements in its clauses were recorded,"
            f" {links_in_clauses.found} are there",
        ),
        Rung(bool(purchase.bound_requirement_ids), "no clause bound the supplier to a requirement"),
        Rung(bool(targets), "no target of it is in force"),
        *(Rung(False, f"target {each.target_key} rests on no requirement that binds") for each in untraced),
    )
    beyond = "a check of the chain before the signature, with its findings resolved or waived by an executive"
    return climb(name, (heard, attached), beyond=beyond, record_id=purchase.event_id)


def _is_traced(target: PromisedTarget, purchase: PurchaseAsOf, links: dict[UUID, bool]) -> bool:
    """Whether the target promises a requirement that a clause bound; an entry that is missing may have ended that."""
    bound = set(purchase.bound_requirement_ids)
    return links.get(target.target_id, False) and not bound.isdisjoint(target.requirement_ids)
