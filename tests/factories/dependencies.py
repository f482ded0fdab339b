"""What services are built of: stored for tests of reading, and said by the commands for those of what is said."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from services.agreements.component_support import support_component
from services.agreements.models import ComponentSupport
from services.catalogue import models
from services.catalogue.components import create_component, define_service_structure, publish_component_version
from services.catalogue.rules import ComponentDefinition, ComponentKind, Gate
from services.db import Base, Database, new_id
from services.organisations.rules import Actor, Tenure
from tests.factories.definitions import SINCE
from tests.factories.organisations import NOW
from tests.factories.stored import START

Row = TypeVar("Row", bound=Base)


def depending(actor: Actor, *, service_id: UUID, agreement_id: UUID, provider_id: UUID) -> list[Base]:
    """One row of every table of the dependency graph, parents first."""

    def row(table: type[Row], **values: Any) -> Row:
        stamps = {"organisation_id": actor.organisation_id, "recorded_at": START, "recorded_by": actor.account_id}
        return table(**{"id": new_id()} | stamps | values)

    system = row(
        models.Component, key="mail-system", name="Mail", kind=ComponentKind.ELEMENT, service_id=service_id, version=1
    )
    disk = row(models.Component, key="disk", name="Disk", kind=ComponentKind.ELEMENT, service_id=None, version=1)
    needing = row(
        models.ComponentVersion, component_id=system.id, valid_from=START, provider_id=provider_id, gate=Gate.AT_LEAST,
        at_least=1, reason="first",
    )  # fmt: skip
    plain = row(
        models.ComponentVersion, component_id=disk.id, valid_from=START, provider_id=None, gate=None, at_least=None,
        reason="",
    )  # fmt: skip
    chain = row(models.ResponseChain, key="repair", name="Repair", service_id=service_id, version=1)
    hops = row(
        models.ResponseChainVersion, response_chain_id=chain.id, valid_from=START, stop_states=["resolved"], reason=""
    )
    return [
        system,
        disk,
        needing,
        plain,
        row(models.ComponentNeed, component_version_id=needing.id, needed_id=disk.id),
        row(models.ServiceStructure, service_id=service_id, component_id=system.id, valid_from=START, reason="first"),
        chain,
        hops,
        row(models.ResponseHop, response_chain_version_id=hops.id, position=0, component_id=system.id),
        row(
            ComponentSupport, agreement_id=agreement_id, component_id=system.id, tenure=Tenure.HELD, valid_from=START
        ),
    ]  # fmt: skip


async def new_component(
    database: Database,
    actor: Actor,
    key: str,
    *needs: UUID,
    gate: Gate = Gate.ALL_OF,
    kind: ComponentKind = ComponentKind.ELEMENT,
    provider_id: UUID | None = None,
    at_least: int | None = None,
    at: datetime = SINCE,
) -> UUID:
    """A component that needs others."""
    definition = ComponentDefinition(provider_id, gate if needs else None, at_least, needs)
    async with database.writing(actor.organisation_id) as session:
        return await create_component(
            session, actor=actor, key=key, name=key.title(), valid_from=at, definition=definition, kind=kind, now=NOW
        )


async def said_anew(
    database: Database, actor: Actor, component_id: UUID, *needs: UUID, at: datetime = NOW, **others: Any
) -> UUID:
    """A version of a component that needs all of the others."""
    definition = ComponentDefinition(gate=Gate.ALL_OF if needs else None, needs=needs)
    async with database.writing(actor.organisation_id) as session:
        return await publish_component_version(
            session, actor=actor, component_id=component_id, valid_from=at, definition=definition, reason="Rebuilt",
            now=NOW, **others,
        )  # fmt: skip


async def stands_on(
    database: Database, actor: Actor, service_id: UUID, component_id: UUID, *, at: datetime = SINCE
) -> UUID:
    """The service works exactly when the component does."""
    async with database.writing(actor.organisation_id) as session:
        return await define_service_structure(
            session, actor=actor, service_id=service_id, component_id=component_id, valid_from=at, now=NOW
        )


async def supported(
    database: Database, actor: Actor, component_id: UUID, agreement_id: UUID, *, at: datetime = SINCE
) -> UUID:
    """The agreement says how well the component works."""
    async with database.writing(actor.organisation_id) as session:
        return await support_component(
            session, actor=actor, agreement_id=agreement_id, component_id=component_id, valid_from=at, now=NOW
        )
