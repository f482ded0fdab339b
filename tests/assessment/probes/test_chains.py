"""G2 and B2 climb as far as the records show, and no further."""

from dataclasses import replace

import pytest

from assessment.findings import CheckedUnit, Graded, Shortfall
from assessment.probes.chains import one_expectation_for_all, signed_although_impossible
from services.alignment.as_of import ChainAsOf
from services.alignment.rules import Axis, AxisState, ChainVerdict
from tests.assessment.evidence import AS_OF, backed, good, signed

FAILED = {**dict.fromkeys(Axis, AxisState.HOLDS), Axis.COVERAGE: AxisState.FAILS}
UNTOLD = {**dict.fromkeys(Axis, AxisState.HOLDS), Axis.VALUE: AxisState.UNKNOWN}
SHORT = {**dict.fromkeys(Axis, AxisState.HOLDS), Axis.VALUE: AxisState.FAILS}
CHAIN = backed("mail")


@pytest.mark.parametrize(
    ("chain", "state", "shortfall"),
    [
        (CHAIN, 4, Shortfall.NOT_RECORDED),
        (replace(CHAIN, verdict=ChainVerdict.NOT_BACKED, states=SHORT), 3, Shortfall.CONTRADICTED),
        # The customer knows the gap and accepts it; that does not make the hours of those below any longer.
        (
            replace(CHAIN, verdict=ChainVerdict.NOT_BACKED, states=SHORT, accepted_until=AS_OF),
            4,
            Shortfall.NOT_RECORDED,
        ),
        (replace(CHAIN, verdict=ChainVerdict.NOT_BACKED, states=FAILED), 2, Shortfall.CONTRADICTED),
        (
            replace(CHAIN, verdict=ChainVerdict.NOT_BACKED, states=FAILED, accepted_until=AS_OF),
            2,
            Shortfall.CONTRADICTED,
        ),
        # An acceptance is of a gap; what cannot be told is none.
        (replace(CHAIN, verdict=ChainVerdict.UNKNOWN, states=UNTOLD, accepted_until=AS_OF), 3, Shortfall.NOT_RECORDED),
        (replace(CHAIN, verdict=ChainVerdict.NOT_BACKED, unsupported=("disk",)), 1, Shortfall.NOT_RECORDED),
        (replace(CHAIN, missing=1), 1, Shortfall.NOT_RECORDED),
        (replace(CHAIN, depends=False, verdict=ChainVerdict.UNKNOWN), 1, Shortfall.NOT_RECORDED),
    ],
)
def test_a_promise_stands_where_its_chain_does(chain: ChainAsOf, state: int, shortfall: Shortfall) -> None:
    found = one_expectation_for_all(replace(good(), chains=(chain,)))
    assert isinstance(found, Graded)
    (unit,) = found.units
    assert (unit.state, unit.shortfall) == (state, shortfall)


def test_a_contract_that_broke_a_promise_is_bad_and_so_is_one_whose_records_are_missing() -> None:
    contracts = (
        signed("a"),
        replace(signed("b"), broken=("sla/up",)),
        replace(signed("c"), missing=2),
        replace(signed("d"), untold=("sla/up",)),
    )
    found = signed_although_impossible(replace(good(), signatures=contracts))
    units: list[CheckedUnit] = list(found.units)  # type: ignore[union-attr, arg-type]
    assert [(unit.bad, unit.shortfall) for unit in units] == [
        (False, None),
        (True, Shortfall.CONTRADICTED),
        (True, Shortfall.NOT_RECORDED),
        (True, Shortfall.NOT_RECORDED),
    ]
