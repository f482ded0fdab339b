"""What promises that are not backed can cost, service by service."""

from collections import ChainMap
from decimal import Decimal
from uuid import UUID, uuid5

from services.agreements.rules import AgreementKind, TargetKind
from services.alignment.rules import Axis, AxisState, ChainVerdict
from services.alignment.underpinning import OpenGaps, PromiseStanding, underpinning_of
from services.compliance.exposure import TargetExposure, VersionTerms
from services.compliance.liability import AmountAtRisk, ServiceLiability, liabilities_of

SPACE = UUID(int=7)
HOLDS = dict.fromkeys(Axis, AxisState.HOLDS)
BROKEN = ChainVerdict.NOT_BACKED


def id_of(name: str) -> UUID:
    return uuid5(SPACE, name)


def promise(service: str, key: str, verdict: ChainVerdict | None) -> PromiseStanding:
    fails = {BROKEN: AxisState.FAILS, ChainVerdict.UNKNOWN: AxisState.UNKNOWN}.get(verdict, AxisState.HOLDS)  # type: ignore[arg-type]
    states = {} if verdict is None else {**HOLDS, Axis.VALUE: fails}
    return PromiseStanding(
        id_of(service), service, service.title(), f"{service}-sla", id_of(service + key), key, key, verdict, states,
        {axis: f"{axis.value} of {key}" for axis in states},
    )  # fmt: skip


Worth = tuple[dict[UUID, TargetExposure], dict[str, VersionTerms]]


def worth(
    service: str, granted: dict[str, str | None], *, cap: str | None = None, currency: str | None = "EUR"
) -> Worth:
    targets = {
        id_of(service + key): TargetExposure(
            id_of(service + key), key, key, TargetKind.CLOCK, id_of(f"{service}-sla"), f"{service}-sla",
            AgreementKind.SLA, Decimal(95), (), None, None, None if credit is None else Decimal(credit),
            ("a fee",) if credit is None else (), ("what failing costs",),
        )
        for key, credit in granted.items()
    }  # fmt: skip
    terms = VersionTerms(currency, None, None, None if cap is None else Decimal(cap), None, {})
    return targets, {f"{service}-sla": terms}


def only(promises: list[PromiseStanding], known: Worth = ({}, {})) -> ServiceLiability:
    (found,) = liabilities_of(promises, *known).services
    return found


def test_the_credits_of_unbacked_targets_add_up_to_the_cap_at_most() -> None:
    promises = [promise("mail", "open", BROKEN), promise("mail", "close", BROKEN)]
    granted: dict[str, str | None] = {"open": "100", "close": "150"}
    assert only(promises, worth("mail", granted)).amounts == (AmountAtRisk("EUR", Decimal(250)),)
    assert only(promises, worth("mail", granted, cap="200")).amounts == (AmountAtRisk("EUR", Decimal(200)),)


def test_what_is_backed_or_not_known_costs_nothing_and_is_told_apart() -> None:
    states = [BROKEN, ChainVerdict.BACKED, ChainVerdict.UNKNOWN, None]
    promises = [promise("mail", str(number), verdict) for number, verdict in enumerate(states)]
    found = only(promises, worth("mail", {str(number): "10" for number in range(4)}))
    assert found.amounts == (AmountAtRisk("EUR", Decimal(10)),)
    assert [(each.target_key, each.is_liable, each.because) for each in found.promises] == [
        ("0", True, ("value: value of 0",)),
        ("2", False, ("value: value of 2",)),
        ("3", False, ("the version in force has not been judged yet",)),
    ]


def test_a_credit_that_is_not_known_is_missing_and_not_nothing() -> None:
    promises = [promise("mail", "open", BROKEN), promise("mail", "close", BROKEN)]
    found = only(promises, worth("mail", {"open": None, "close": "150"}))
    assert (found.amounts, found.missing) == ((), ("a fee (mail-sla)",))
    assert only(promises).missing == ("what it is worth (mail-sla)",)


def test_the_largest_amounts_come_first_then_unknown_ones_then_what_may_be_none() -> None:
    promises = [promise(service, "open", BROKEN) for service in ("a", "b", "c", "d")]
    promises.append(promise("e", "open", ChainVerdict.UNKNOWN))
    known = [
        worth("a", {"open": "10"}), worth("b", {"open": None}), worth("c", {"open": "90"}),
        worth("d", {"open": "500"}, currency="USD"), worth("e", {"open": "999"}),
    ]  # fmt: skip
    targets, terms = (dict(ChainMap(*each)) for each in zip(*known, strict=True))
    found = liabilities_of(promises, targets, terms)
    assert (found.promises, [each.key for each in found.services]) == (5, ["c", "a", "d", "b", "e"])


def test_an_agreement_without_credits_is_a_liability_of_nothing() -> None:
    assert only([promise("mail", "open", BROKEN)], worth("mail", {"open": "0"})).amounts == (
        AmountAtRisk("EUR", Decimal(0)),
    )


def test_terms_without_a_currency_grant_no_credits_and_miss_nothing() -> None:
    found = only([promise("mail", "open", BROKEN)], worth("mail", {"open": "0"}, currency=None))
    assert (found.amounts, found.missing) == ((), ())


def test_what_is_not_judged_counts_on_no_axis_and_is_not_told() -> None:
    states = [BROKEN, ChainVerdict.BACKED, ChainVerdict.UNKNOWN, None]
    promises = [promise("mail", str(number), verdict) for number, verdict in enumerate(states)]
    found = underpinning_of(promises, OpenGaps(0, 0, 0, 0))
    assert (found.promises, found.not_judged, found.untold) == (4, 1, 2)
    assert found.axes[Axis.VALUE] == dict.fromkeys(AxisState, 1)
    assert found.headline == "1 of 4 targets promised to customers are fully underpinned. Of 2 it cannot be told."
