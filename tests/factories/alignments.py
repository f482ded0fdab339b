"""A judgement of a promise and a gap it shows, stored for tests of reading."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from services.alignment import models
from services.alignment.rules import Axis, AxisState, ChainVerdict, GapEntryKind
from services.db import Base, new_id
from services.organisations.rules import Actor
from tests.factories.stored import START

Row = TypeVar("Row", bound=Base)
NODE: dict[str, Any] = {
    "key": "mail-system", "name": "Mail", "kind": "element", "gate": "any_of", "at_least": None, "provider": "Cloud",
    "agreement_key": "hosting", "target_key": "up", "promised_percent": "99.9", "effective_percent": "99.5",
    "problem": None,
}  # fmt: skip
SHOWN: dict[str, Any] = {
    "component_key": "mail-system", "at": "2026-03-01T00:00:00Z", "from_second": "0", "until_second": "60",
    "share_percent": "0.1", "case": 0, "exact_from": "0", "exact_until": "60", "exact_share": "1/1000", "note": "down",
}  # fmt: skip


CREDITS: dict[str, Any] = {
    "lower_percent": "99", "upper_percent": "99.5", "owed": "5000", "recoverable": "0", "currency": "EUR",
}  # fmt: skip


def aligned(actor: Actor, *, target_id: UUID, service_id: UUID, version_id: UUID, person_id: UUID) -> list[Base]:
    """One row of every table, parents first."""
    stamps = {"recorded_at": START, "recorded_by": actor.account_id}

    def row(table: type[Row], **values: Any) -> Row:
        return table(**{"organisation_id": actor.organisation_id, "id": new_id()} | values)

    axes = {
        f"{axis.value}_{name}": value
        for axis in Axis
        for name, value in (("state", AxisState.FAILS), ("shortfall", Decimal("0.5")), ("reason", "percentage points"))
    }
    judgement = row(
        models.ChainJudgement, target_id=target_id, agreement_version_id=version_id, valid_at=START,
        verdict=ChainVerdict.NOT_BACKED, **axes, guaranteed_percent=Decimal("99.5"), best_case_percent=Decimal("99.9"),
        redundant=False, shared_providers="Cloud", nodes=[NODE],
        edges=[{"from_key": "mail-system", "to_key": "disk"}], witness=[SHOWN],
        estimated_percent=Decimal("99.7"), credits=[CREDITS], credits_missing="", inputs=[{"id": str(version_id)}],
        inputs_digest="0" * 64, **stamps,
    )  # fmt: skip
    gap = row(
        models.AlignmentGap, target_id=target_id, axis=Axis.VALUE, judgement_id=judgement.id, opened_at=START,
        closed_at=START + timedelta(days=1), is_open=False, has_owner=True, owner_id=person_id,
        due_on=date(2026, 4, 1), accepted_until=START + timedelta(days=30),
    )  # fmt: skip
    return [
        judgement,
        row(
            models.TargetAlignment, target_id=target_id, service_id=service_id, judgement_id=judgement.id,
            verdict=ChainVerdict.NOT_BACKED, severity=2, inputs_digest="0" * 64, judged_at=START,
        ),
        gap,
        row(
            models.AlignmentGapEntry, gap_id=gap.id, kind=GapEntryKind.ASSIGNED, person_id=person_id,
            due_on=date(2026, 4, 1), expires_at=None, decided_at=START, reason="Ours", **stamps,
        ),
        row(
            models.AlignmentGapEntry, gap_id=gap.id, kind=GapEntryKind.ACCEPTED, person_id=person_id, due_on=None,
            expires_at=START + timedelta(days=30), decided_at=START + timedelta(minutes=1), reason="Ours", **stamps,
        ),
    ]  # fmt: skip
