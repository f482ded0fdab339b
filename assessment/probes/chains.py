"""G2 and B2: whether what a promise depends on is promised, too, and in terms that add up to it."""

from assessment.evidence import Evidence
from assessment.findings import CannotTell, Checked, CheckedUnit, Findings, Graded, GradedUnit, Shortfall
from assessment.probes.ladder import Rung, climb, together
from services.alignment.as_of import ChainAsOf, SignatureAsOf
from services.alignment.rules import Axis, AxisState, ChainVerdict

PROMISES = ("promises to customers in force",)
CONTRACTS = ("operational level agreements and underpinning contracts of the last three years",)
CONTAINED = (Axis.COVERAGE, Axis.TERM, Axis.SCOPE)


def one_expectation_for_all(evidence: Evidence) -> Findings:
    """G2. A promise of which nobody has said what it depends on is a unit, too: leaving it out would reward silence."""
    if not evidence.chains:
        return CannotTell(PROMISES)
    return Graded(tuple(_promise(each) for each in evidence.chains))


def _promise(chain: ChainAsOf) -> GradedUnit:
    name = f"{chain.agreement_key}/{chain.target_key}"
    complete = Rung(not chain.missing, f"{chain.missing} records of what it depends on that were made are not there")
    supported = together(
        Rung(chain.depends, "nobody has said what it depends on"),
        complete,
        Rung(not chain.unsupported, f"no agreement in force supports {', '.join(chain.unsupported[:5])}"),
    )
    contained = together(*(_axis(chain, axis) for axis in CONTAINED))
    value = chain.reasons[Axis.VALUE] or "what is promised below does not suffice"
    short = chain.states[Axis.VALUE] is AxisState.FAILS
    accepted = short and chain.accepted_until is not None
    backed = Rung(accepted or chain.verdict is ChainVerdict.BACKED, value, contradicted=short)
    beyond = "attainment of the agreements below, and what can be recovered from them"
    if accepted:
        beyond = f"{beyond}; the customer accepts until {chain.accepted_until:%Y-%m-%d} that {value}"
    return climb(name, (supported, contained, backed), beyond=beyond, record_id=chain.target_id)


def _axis(chain: ChainAsOf, axis: Axis) -> Rung:
    state = chain.states[axis]
    said = chain.reasons[axis] or f"its {axis.value} cannot be compared"
    return Rung(state is AxisState.HOLDS, said, contradicted=state is AxisState.FAILS)


def signed_although_impossible(evidence: Evidence) -> Findings:
    """B2. A unit is a version of an OLA or UC; what was in force and known when it was signed decides."""
    if not evidence.signatures:
        return CannotTell(CONTRACTS)
    return Checked(tuple(_signature(each) for each in evidence.signatures))


def _signature(signed: SignatureAsOf) -> CheckedUnit:
    name, id_ = f"{signed.agreement_key} of {signed.signed_at:%Y-%m-%d}", signed.agreement_version_id
    if signed.broken:
        said = f"it left {', '.join(signed.broken[:3])} without what keeps it"
        return CheckedUnit(name, True, Shortfall.CONTRADICTED, said, id_)
    if signed.untold:
        said = f"whether it keeps {', '.join(signed.untold[:3])} cannot be told"
        return CheckedUnit(name, True, Shortfall.NOT_RECORDED, said, id_)
    if signed.missing:
        said = f"{signed.missing} records of what depends on what that were made are not there"
        return CheckedUnit(name, True, Shortfall.NOT_RECORDED, said, id_)
    return CheckedUnit(name, False, record_id=id_)
