"""Named SQL expressions over breaches, which the schema may select. `$1` is the organisation."""
# ruff: noqa: S608 - put together from aliases, no input


def breach_still_agrees(breach: str) -> str:
    """Whether the clock or the period for which the breach was recorded is missed as it is computed now."""
    return (
        f"CASE {breach}.kind WHEN 'clock' THEN EXISTS (SELECT FROM clock AS computed"
        f" WHERE computed.organisation_id = $1::uuid AND computed.ticket_id = {breach}.ticket_id"
        # No index serves this form of equality: by the target alone, it would lead to all clocks of that target.
        f" AND computed.target_id IS NOT DISTINCT FROM {breach}.target_id"
        f" AND computed.cycle IS NOT DISTINCT FROM {breach}.cycle AND computed.breached_at IS NOT NULL)"
        " ELSE EXISTS (SELECT FROM period_result AS computed"
        f" WHERE computed.organisation_id = $1::uuid AND computed.target_id = {breach}.target_id"
        f" AND computed.period = {breach}.period AND computed.period_start = {breach}.period_start"
        " AND computed.outcome = 'missed') END"
    )


def breach_is_retracted(breach: str) -> str:
    """Whether it is stated that the breach was none: by a person, or by a change with which the computation agrees."""
    return (
        "EXISTS (SELECT FROM breach_retraction AS retraction"
        f" WHERE retraction.organisation_id = $1::uuid AND retraction.breach_id = {breach}.id"
        f" AND (retraction.recomputation_id IS NULL OR NOT {breach_still_agrees(breach)}))"
    )
