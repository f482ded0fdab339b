"""Promises that are known not to be backed as the liability they are: per service, with the credits at stake.

The amount is what one period can cost in credits if all of a service's unbacked targets fail: the highest credit of
each, together at most the cap of its agreement. Amounts are never converted, and what is not known is not nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.alignment.rules import Axis, AxisState, ChainVerdict
from services.alignment.underpinning import PromiseStanding, promises_standing
from services.compliance import exposure
from services.compliance.exposure import TargetExposure, VersionTerms
from services.db import ReadSession

STATEMENTS = 1 + exposure.STATEMENTS_OF_WORTH
UNBACKED = frozenset({ChainVerdict.NOT_BACKED, ChainVerdict.IMPOSSIBLE_AT_FLOOR})


@dataclass(frozen=True)
class DoubtfulPromise:
    """A target that is not backed, or of which that is not known. `because`: what fails, or cannot be told, and why."""

    target_id: UUID
    target_key: str
    agreement_key: str
    verdict: ChainVerdict | None
    because: tuple[str, ...]
    highest_credit: Decimal | None
    credit_missing: tuple[str, ...]
    value_at_risk: Decimal | None
    value_currency: str | None
    missing: tuple[str, ...]

    @property
    def is_liable(self) -> bool:
        """Whether it is known not to be backed."""
        return self.verdict in UNBACKED


@dataclass(frozen=True)
class AmountAtRisk:
    """The credits that one period can cost, in a currency."""

    currency: str
    credits: Decimal


@dataclass(frozen=True)
class ServiceLiability:
    """A service with promises that are not known to be backed.

    `amounts`: of those known not to be, by currency. `missing`: what is not on record to tell the amount by.
    """

    service_id: UUID
    key: str
    name: str
    promises: tuple[DoubtfulPromise, ...]
    amounts: tuple[AmountAtRisk, ...]
    missing: tuple[str, ...]

    @property
    def is_liable(self) -> bool:
        """Whether a promise about it is known not to be backed."""
        return any(each.is_liable for each in self.promises)


@dataclass(frozen=True)
class Liabilities:
    """The services, the largest known amounts first, and how many targets are promised to customers at all."""

    promises: int
    services: tuple[ServiceLiability, ...]


async def liabilities(session: ReadSession, organisation_id: UUID, *, now: datetime) -> Liabilities:
    """As things stand at `now`, by the judgements on record. Three statements, whatever there is.

    Raises AnswerTooLarge as what it is worked out from does.
    """
    standing, _ = await promises_standing(session, organisation_id, now=now)
    worth, terms = await exposure.worth_in_force(session, organisation_id, as_of=now)
    return liabilities_of(standing, worth, terms)


def liabilities_of(
    promises: Sequence[PromiseStanding], worth: Mapping[UUID, TargetExposure], terms: Mapping[str, VersionTerms]
) -> Liabilities:
    """What promises, the worth of their targets and the terms of their agreements, by key, come to."""
    doubtful: defaultdict[tuple[UUID, str, str], list[DoubtfulPromise]] = defaultdict(list)
    for each in promises:
        if each.verdict is not ChainVerdict.BACKED:
            service = (each.service_id, each.service_key, each.service_name)
            doubtful[service].append(_doubtful(each, worth.get(each.target_id)))
    found = [_service(*service, of_one, terms) for service, of_one in doubtful.items()]
    return Liabilities(len(promises), tuple(sorted(found, key=_worst_first)))


def _worst_first(service: ServiceLiability) -> tuple[bool, bool, str, Decimal, str]:
    """What is known not to be backed before what is not known; in each currency the largest amount first."""
    first = max(service.amounts, key=lambda each: each.credits, default=None)
    if first is None:
        return not service.is_liable, True, "", Decimal(0), service.key
    return not service.is_liable, False, first.currency, -first.credits, service.key


def _doubtful(promise: PromiseStanding, worth: TargetExposure | None) -> DoubtfulPromise:
    doubts = AxisState.UNKNOWN if promise.verdict is ChainVerdict.UNKNOWN else AxisState.FAILS
    because = tuple(f"{axis.value}: {promise.reasons[axis]}" for axis in Axis if promise.states.get(axis) is doubts)
    if promise.verdict is None:
        because = ("the version in force has not been judged yet",)
    return DoubtfulPromise(
        target_id=promise.target_id,
        target_key=promise.target_key,
        agreement_key=promise.agreement_key,
        verdict=promise.verdict,
        because=because,
        highest_credit=None if worth is None else worth.highest_credit,
        credit_missing=("what it is worth",) if worth is None else worth.credit_missing,
        value_at_risk=None if worth is None else worth.value_at_risk,
        value_currency=None if worth is None else worth.value_currency,
        missing=("what it is worth",) if worth is None else worth.missing,
    )


def _service(
    id_: UUID, key: str, name: str, promises: Sequence[DoubtfulPromise], terms: Mapping[str, VersionTerms]
) -> ServiceLiability:
    by_agreement: defaultdict[str, list[DoubtfulPromise]] = defaultdict(list)
    for each in promises:
        if each.is_liable:
            by_agreement[each.agreement_key].append(each)
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    missing: list[str] = []
    for agreement_key, liable in by_agreement.items():
        missing += [f"{what} ({agreement_key})" for each in liable for what in each.credit_missing]
        said = terms.get(agreement_key)
        if said is None or said.currency is None or any(each.credit_missing for each in liable):
            continue  # terms without a currency grant no credits: amounts have one
        together = sum((each.highest_credit or Decimal(0) for each in liable), Decimal(0))
        totals[said.currency] += together if said.cap is None else min(together, said.cap)
    amounts = tuple(AmountAtRisk(currency, totals[currency]) for currency in sorted(totals))
    return ServiceLiability(id_, key, name, tuple(promises), amounts, tuple(dict.fromkeys(missing)))
