"""Changing agreements."""

from typing import Annotated

import strawberry

from schema.agreements.component_support import SupportMutations
from schema.agreements.inputs import (
    CreateAgreementInput,
    CreateAgreementsInput,
    EndAgreementInput,
    LinkClauseInput,
    PublishAgreementVersionInput,
    RecordContractClauseInput,
    RecordContractClausesInput,
    RequirementLinkInput,
    UnlinkClauseInput,
    availability_of,
    definitions_of,
)
from schema.agreements.payloads import (
    AgreementPayload,
    AgreementVersionPayload,
    ClauseRequirementPayload,
    ContractClausePayload,
    CreateAgreementResult,
    CreateAgreementsResult,
    EndAgreementResult,
    LinkClauseResult,
    LinkRequirementResult,
    PublishAgreementVersionResult,
    RecordContractClauseResult,
    RecordContractClausesResult,
    TargetRequirementPayload,
    UnlinkClauseResult,
    UnlinkRequirementResult,
)
from schema.agreements.publications import end, new_version
from schema.bulk import bulk_answer, require_few
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced, referenced_if_given
from services.agreements import clauses, commands, requirement_links
from services.agreements.rules import AgreementEntry
from services.compliance.recomputing import Effect, apply_version


def _published(effect: Effect, previewed_facts: str | None) -> AgreementVersionPayload:
    return AgreementVersionPayload(
        version=row(effect.version_id),
        recomputation=row(effect.recomputation_id),
        facts_arrived=effect.facts_arrived_since(previewed_facts),
    )


@strawberry.type
class Mutations(SupportMutations):
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Create an agreement with its first version and targets. Managers and administrators.")
    async def create_agreement(
        self,
        change: Change,
        given: Annotated[CreateAgreementInput, strawberry.argument(name="input", description="The agreement.")],
    ) -> CreateAgreementResult:
        """See services.agreements.commands.create_agreement."""
        session, actor, now = change
        created = await commands.create_agreement(
            session,
            actor=actor,
            key=given.key,
            name=given.name,
            kind=given.kind,
            service_id=referenced(actor, "Service", given.service_id),
            valid_from=given.valid_from,
            targets=definitions_of(actor, given.targets),
            availability_targets=availability_of(actor, given.availability_targets),
            customer_id=referenced_if_given(actor, "Party", given.customer_id),
            provider_id=referenced_if_given(actor, "Party", given.provider_id),
            reason=given.reason,
            assumed=given.assumed,
            now=now,
        )
        return AgreementPayload(agreement=row(created))

    @mutation(
        "Agree anew from an instant on, with the full set of targets. Versions follow one another: what was agreed"
        " before stays as it was. Tickets opened since then are judged anew; previewAgreementVersion shows how."
        " Managers and administrators."
    )
    async def publish_agreement_version(
        self,
        change: Change,
        given: Annotated[PublishAgreementVersionInput, strawberry.argument(name="input", description="The version.")],
    ) -> PublishAgreementVersionResult:
        """See services.compliance.recomputing.apply_version."""
        session, actor, now = change
        effect = await apply_version(session, actor=actor, publication=new_version(change, given), now=now)
        return _published(effect, given.previewed_facts)

    @mutation("End an agreement, by a version that promises nothing. Managers and administrators.")
    async def end_agreement(
        self,
        change: Change,
        given: Annotated[EndAgreementInput, strawberry.argument(name="input", description="Which, when and why.")],
    ) -> EndAgreementResult:
        """See services.compliance.recomputing.apply_version."""
        session, actor, now = change
        effect = await apply_version(session, actor=actor, publication=end(change, given), now=now)
        return _published(effect, given.previewed_facts)

    @mutation("Say that a target promises what a requirement asks for. Managers and administrators.")
    async def link_requirement(
        self,
        change: Change,
        given: Annotated[RequirementLinkInput, strawberry.argument(name="input", description="Which promises which.")],
    ) -> LinkRequirementResult:
        """See services.agreements.requirement_links.link_requirement."""
        session, actor, now = change
        linked = await requirement_links.link_requirement(
            session,
            actor=actor,
            target_id=referenced(actor, "Target", given.target_id),
            requirement_id=referenced(actor, "ServiceLevelRequirement", given.requirement_id),
            valid_from=given.valid_from or now,
            now=now,
        )
        return TargetRequirementPayload(link=row(linked))

    @mutation("Say that a target no longer promises what a requirement asks for. Managers and administrators.")
    async def unlink_requirement(
        self,
        change: Change,
        given: Annotated[RequirementLinkInput, strawberry.argument(name="input", description="Which, since when.")],
    ) -> UnlinkRequirementResult:
        """See services.agreements.requirement_links.unlink_requirement."""
        session, actor, now = change
        unlinked = await requirement_links.unlink_requirement(
            session,
            actor=actor,
            target_id=referenced(actor, "Target", given.target_id),
            requirement_id=referenced(actor, "ServiceLevelRequirement", given.requirement_id),
            valid_from=given.valid_from or now,
            now=now,
        )
        return TargetRequirementPayload(link=row(unlinked))

    @mutation("Create agreements with their first versions and targets. Managers and administrators.")
    async def create_agreements(
        self,
        change: Change,
        given: Annotated[CreateAgreementsInput, strawberry.argument(name="input", description="The items, and how.")],
    ) -> CreateAgreementsResult:
        """See services.agreements.commands.create_agreements."""
        session, actor, now = change
        require_few(given.items)
        entries = [
            AgreementEntry(
                key=item.key,
                name=item.name,
                kind=item.kind,
                service_id=referenced(actor, "Service", item.service_id),
                valid_from=item.valid_from,
                targets=definitions_of(actor, item.targets),
                customer_id=referenced_if_given(actor, "Party", item.customer_id),
                provider_id=referenced_if_given(actor, "Party", item.provider_id),
                reason=item.reason,
                assumed=item.assumed,
                availability_targets=availability_of(actor, item.availability_targets),
            )
            for item in given.items
        ]
        outcomes = await commands.create_agreements(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "Agreement", outcomes, given.mode)

    @mutation("Record a clause of an agreement. Managers and administrators.")
    async def record_contract_clause(
        self,
        change: Change,
        given: Annotated[RecordContractClauseInput, strawberry.argument(name="input", description="The clause.")],
    ) -> RecordContractClauseResult:
        """See services.agreements.clauses.record_clause."""
        session, actor, now = change
        recorded = await clauses.record_clause(session, actor=actor, entry=given.entry(actor), now=now)
        return ContractClausePayload(clause=row(recorded))

    @mutation("Record clauses of agreements. Managers and administrators.")
    async def record_contract_clauses(
        self,
        change: Change,
        given: Annotated[
            RecordContractClausesInput, strawberry.argument(name="input", description="The items, and how.")
        ],
    ) -> RecordContractClausesResult:
        """See services.agreements.clauses.record_clauses."""
        session, actor, now = change
        require_few(given.items)
        entries = [item.entry(actor) for item in given.items]
        outcomes = await clauses.record_clauses(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "ContractClause", outcomes, given.mode)

    @mutation("Say that a clause carries a requirement. Managers and administrators.")
    async def link_clause(
        self,
        change: Change,
        given: Annotated[LinkClauseInput, strawberry.argument(name="input", description="Which carries which.")],
    ) -> LinkClauseResult:
        """See services.agreements.clauses.link_clause."""
        session, actor, now = change
        recorded = await clauses.link_clause(
            session,
            actor=actor,
            clause_id=referenced(actor, "ContractClause", given.clause_id),
            requirement_id=referenced(actor, "ServiceLevelRequirement", given.requirement_id),
            binding=given.binding,
            valid_from=given.valid_from or now,
            now=now,
        )
        return ClauseRequirementPayload(link=row(recorded))

    @mutation("Say that a clause no longer carries a requirement. Managers and administrators.")
    async def unlink_clause(
        self,
        change: Change,
        given: Annotated[UnlinkClauseInput, strawberry.argument(name="input", description="Which, since when.")],
    ) -> UnlinkClauseResult:
        """See services.agreements.clauses.unlink_clause."""
        session, actor, now = change
        recorded = await clauses.unlink_clause(
            session,
            actor=actor,
            clause_id=referenced(actor, "ContractClause", given.clause_id),
            requirement_id=referenced(actor, "ServiceLevelRequirement", given.requirement_id),
            valid_from=given.valid_from or now,
            now=now,
        )
        return ClauseRequirementPayload(link=row(recorded))
