"""Changing requirements, and recording who approved them."""

from typing import Annotated

import strawberry

from schema.bulk import bulk_answer, require_few
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced
from schema.requirements.inputs import (
    ApproveRequirementInput,
    CreateRequirementInput,
    CreateRequirementsInput,
    PublishRequirementVersionInput,
    WaiveRequirementInput,
    WithdrawApprovalInput,
)
from schema.requirements.payloads import (
    ApproveRequirementResult,
    CreateRequirementResult,
    CreateRequirementsResult,
    PublishRequirementVersionResult,
    RequirementApprovalPayload,
    RequirementPayload,
    RequirementVersionPayload,
    RequirementWaiverPayload,
    WaiveRequirementResult,
    WithdrawApprovalResult,
)
from services.requirements import commands
from services.requirements.rules import RequirementEntry


@strawberry.type
class Mutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Create a service level requirement, not approved yet. Managers and administrators.")
    async def create_requirement(
        self,
        change: Change,
        given: Annotated[CreateRequirementInput, strawberry.argument(name="input", description="The requirement.")],
    ) -> CreateRequirementResult:
        """See services.requirements.commands.create_requirement."""
        session, actor, now = change
        created = await commands.create_requirement(
            session,
            actor=actor,
            key=given.key,
            service_id=referenced(actor, "Service", given.service_id),
            valid_from=given.valid_from or now,
            definition=given.definition.defined(),
            reason=given.reason,
            now=now,
        )
        return RequirementPayload(requirement=row(created))

    @mutation("Say a requirement anew from an instant on. Managers and administrators.")
    async def publish_requirement_version(
        self,
        change: Change,
        given: Annotated[PublishRequirementVersionInput, strawberry.argument(name="input", description="The version.")],
    ) -> PublishRequirementVersionResult:
        """See services.requirements.commands.publish_requirement_version."""
        session, actor, now = change
        published = await commands.publish_requirement_version(
            session,
            actor=actor,
            requirement_id=referenced(actor, "ServiceLevelRequirement", given.requirement_id),
            valid_from=given.valid_from or now,
            definition=given.definition.defined(),
            reason=given.reason,
            expected_version=given.expected_version,
            now=now,
        )
        return RequirementVersionPayload(version=row(published))

    @mutation("Record that a person approved a version of a requirement. Managers and administrators.")
    async def approve_requirement(
        self,
        change: Change,
        given: Annotated[ApproveRequirementInput, strawberry.argument(name="input", description="Who approved what.")],
    ) -> ApproveRequirementResult:
        """See services.requirements.commands.approve_requirement."""
        session, actor, now = change
        approval = await commands.approve_requirement(
            session,
            actor=actor,
            requirement_version_id=referenced(actor, "RequirementVersion", given.requirement_version_id),
            person_id=referenced(actor, "Person", given.person_id),
            approved_at=given.approved_at or now,
            note=given.note,
            now=now,
        )
        return RequirementApprovalPayload(approval=row(approval))

    @mutation("Record that a person no longer stands by their approval. Managers and administrators.")
    async def withdraw_approval(
        self,
        change: Change,
        given: Annotated[WithdrawApprovalInput, strawberry.argument(name="input", description="Who withdrew what.")],
    ) -> WithdrawApprovalResult:
        """See services.requirements.commands.withdraw_approval."""
        session, actor, now = change
        withdrawal = await commands.withdraw_approval(
            session,
            actor=actor,
            requirement_version_id=referenced(actor, "RequirementVersion", given.requirement_version_id),
            person_id=referenced(actor, "Person", given.person_id),
            withdrawn_at=given.withdrawn_at or now,
            reason=given.reason,
            now=now,
        )
        return RequirementApprovalPayload(approval=row(withdrawal))

    @mutation("Accept that a requirement is not met for a while. Managers and administrators.")
    async def waive_requirement(
        self,
        change: Change,
        given: Annotated[WaiveRequirementInput, strawberry.argument(name="input", description="The waiver.")],
    ) -> WaiveRequirementResult:
        """See services.requirements.commands.waive_requirement."""
        session, actor, now = change
        waiver = await commands.waive_requirement(
            session,
            actor=actor,
            requirement_id=referenced(actor, "ServiceLevelRequirement", given.requirement_id),
            person_id=referenced(actor, "Person", given.person_id),
            valid_from=given.valid_from or now,
            valid_until=given.valid_until,
            reason=given.reason,
            now=now,
        )
        return RequirementWaiverPayload(waiver=row(waiver))

    @mutation("Create service level requirements, not approved yet. Managers and administrators.")
    async def create_requirements(
        self,
        change: Change,
        given: Annotated[CreateRequirementsInput, strawberry.argument(name="input", description="The items, and how.")],
    ) -> CreateRequirementsResult:
        """See services.requirements.commands.create_requirements."""
        session, actor, now = change
        require_few(given.items)
        entries = [
            RequirementEntry(
                item.key,
                referenced(actor, "Service", item.service_id),
                item.valid_from or now,
                item.definition.defined(),
                item.reason,
            )
            for item in given.items
        ]
        outcomes = await commands.create_requirements(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "ServiceLevelRequirement", outcomes, given.mode)
