"""Changing what services are built of, and who works on their tickets in which order."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.bulk import bulk_answer, require_few
from schema.catalogue.dependency_inputs import (
    CreateComponentInput,
    CreateComponentsInput,
    CreateResponseChainInput,
    CreateResponseChainsInput,
    DefineServiceStructureInput,
    DefineServiceStructuresInput,
    PublishComponentVersionInput,
    PublishResponseChainVersionInput,
    RenameComponentInput,
    RenameResponseChainInput,
)
from schema.catalogue.dependency_payloads import (
    ComponentPayload,
    ComponentVersionPayload,
    CreateComponentResult,
    CreateComponentsResult,
    CreateResponseChainResult,
    CreateResponseChainsResult,
    DefineServiceStructureResult,
    DefineServiceStructuresResult,
    PublishComponentVersionResult,
    PublishResponseChainVersionResult,
    RenameComponentResult,
    RenameResponseChainResult,
    ResponseChainPayload,
    ResponseChainVersionPayload,
    ServiceStructurePayload,
)
from schema.mutation import Change, mutation
from schema.planner.declarations import row
from schema.references import referenced, referenced_if_given
from services.catalogue import components, response_chains
from services.catalogue.rules import ComponentEntry, ResponseChainEntry, StructureEntry
from services.organisations.rules import Actor


@strawberry.type
class DependencyMutations:
    """Each field is one transaction, committed before its payload is read."""

    @mutation("Create a component that services are built of. Managers and administrators.")
    async def create_component(
        self,
        change: Change,
        given: Annotated[CreateComponentInput, strawberry.argument(name="input", description="The component.")],
    ) -> CreateComponentResult:
        """See services.catalogue.components.create_component."""
        session, actor, now = change
        entry = _component(actor, given, now)
        created = await components.create_component(session, actor=actor, **vars(entry), now=now)
        return ComponentPayload(component=row(created))

    @mutation("Create components that services are built of. Managers and administrators.")
    async def create_components(
        self,
        change: Change,
        given: Annotated[CreateComponentsInput, strawberry.argument(name="input", description="The items, and how.")],
    ) -> CreateComponentsResult:
        """See services.catalogue.components.create_components."""
        session, actor, now = change
        require_few(given.items)
        entries = [_component(actor, item, now) for item in given.items]
        outcomes = await components.create_components(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "Component", outcomes, given.mode)

    @mutation("Say a component anew from an instant on: who provides it, what it needs. Managers and administrators.")
    async def publish_component_version(
        self,
        change: Change,
        given: Annotated[PublishComponentVersionInput, strawberry.argument(name="input", description="The version.")],
    ) -> PublishComponentVersionResult:
        """See services.catalogue.components.publish_component_version."""
        session, actor, now = change
        published = await components.publish_component_version(
            session,
            actor=actor,
            component_id=referenced(actor, "Component", given.component_id),
            valid_from=given.valid_from or now,
            definition=given.definition.defined(actor),
            reason=given.reason,
            expected_version=given.expected_version,
            now=now,
        )
        return ComponentVersionPayload(version=row(published))

    @mutation("Call a component something else. Managers and administrators.")
    async def rename_component(
        self,
        change: Change,
        given: Annotated[RenameComponentInput, strawberry.argument(name="input", description="The name.")],
    ) -> RenameComponentResult:
        """See services.catalogue.components.rename_component."""
        session, actor, now = change
        component_id = referenced(actor, "Component", given.component_id)
        await components.rename_component(session, actor=actor, component_id=component_id, name=given.name, now=now)
        return ComponentPayload(component=row(component_id))

    @mutation("Say on which component a service stands from an instant on. Managers and administrators.")
    async def define_service_structure(
        self,
        change: Change,
        given: Annotated[DefineServiceStructureInput, strawberry.argument(name="input", description="What on which.")],
    ) -> DefineServiceStructureResult:
        """See services.catalogue.components.define_service_structure."""
        session, actor, now = change
        entry = _structure(actor, given, now)
        defined = await components.define_service_structure(session, actor=actor, **vars(entry), now=now)
        return ServiceStructurePayload(structure=row(defined))

    @mutation("Say on which components services stand from an instant on. Managers and administrators.")
    async def define_service_structures(
        self,
        change: Change,
        given: Annotated[
            DefineServiceStructuresInput, strawberry.argument(name="input", description="The items, and how.")
        ],
    ) -> DefineServiceStructuresResult:
        """See services.catalogue.components.define_service_structures."""
        session, actor, now = change
        require_few(given.items)
        entries = [_structure(actor, item, now) for item in given.items]
        outcomes = await components.define_service_structures(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "ServiceStructure", outcomes, given.mode)

    @mutation("Create a response chain of a service. Managers and administrators.")
    async def create_response_chain(
        self,
        change: Change,
        given: Annotated[CreateResponseChainInput, strawberry.argument(name="input", description="The chain.")],
    ) -> CreateResponseChainResult:
        """See services.catalogue.response_chains.create_response_chain."""
        session, actor, now = change
        entry = _chain(actor, given, now)
        created = await response_chains.create_response_chain(session, actor=actor, **vars(entry), now=now)
        return ResponseChainPayload(response_chain=row(created))

    @mutation("Create response chains of services. Managers and administrators.")
    async def create_response_chains(
        self,
        change: Change,
        given: Annotated[
            CreateResponseChainsInput, strawberry.argument(name="input", description="The items, and how.")
        ],
    ) -> CreateResponseChainsResult:
        """See services.catalogue.response_chains.create_response_chains."""
        session, actor, now = change
        require_few(given.items)
        entries = [_chain(actor, item, now) for item in given.items]
        outcomes = await response_chains.create_response_chains(session, actor=actor, entries=entries, now=now)
        return bulk_answer(actor, "ResponseChain", outcomes, given.mode)

    @mutation("Say the hops of a response chain anew from an instant on. Managers and administrators.")
    async def publish_response_chain_version(
        self,
        change: Change,
        given: Annotated[
            PublishResponseChainVersionInput, strawberry.argument(name="input", description="The version.")
        ],
    ) -> PublishResponseChainVersionResult:
        """See services.catalogue.response_chains.publish_response_chain_version."""
        session, actor, now = change
        published = await response_chains.publish_response_chain_version(
            session,
            actor=actor,
            response_chain_id=referenced(actor, "ResponseChain", given.response_chain_id),
            valid_from=given.valid_from or now,
            definition=given.definition.defined(actor),
            reason=given.reason,
            expected_version=given.expected_version,
            now=now,
        )
        return ResponseChainVersionPayload(version=row(published))

    @mutation("Call a response chain something else. Managers and administrators.")
    async def rename_response_chain(
        self,
        change: Change,
        given: Annotated[RenameResponseChainInput, strawberry.argument(name="input", description="The name.")],
    ) -> RenameResponseChainResult:
        """See services.catalogue.response_chains.rename_response_chain."""
        session, actor, now = change
        chain_id = referenced(actor, "ResponseChain", given.response_chain_id)
        await response_chains.rename_response_chain(
            session, actor=actor, response_chain_id=chain_id, name=given.name, now=now
        )
        return ResponseChainPayload(response_chain=row(chain_id))


def _component(actor: Actor, given: CreateComponentInput, now: datetime) -> ComponentEntry:
    return ComponentEntry(
        key=given.key,
        name=given.name,
        valid_from=given.valid_from or now,
        definition=given.definition.defined(actor),
        kind=given.kind,
        service_id=referenced_if_given(actor, "Service", given.service_id),
        reason=given.reason,
    )


def _structure(actor: Actor, given: DefineServiceStructureInput, now: datetime) -> StructureEntry:
    return StructureEntry(
        service_id=referenced(actor, "Service", given.service_id),
        component_id=referenced(actor, "Component", given.component_id),
        valid_from=given.valid_from or now,
        reason=given.reason,
    )


def _chain(actor: Actor, given: CreateResponseChainInput, now: datetime) -> ResponseChainEntry:
    return ResponseChainEntry(
        key=given.key,
        name=given.name,
        service_id=referenced(actor, "Service", given.service_id),
        valid_from=given.valid_from or now,
        definition=given.definition.defined(actor),
        reason=given.reason,
    )
