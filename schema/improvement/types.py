"""The improvement register."""

from datetime import datetime

import strawberry

from schema.catalogue.types import Service
from schema.compliance.types import Breach
from schema.nodes import VERSION, Node, Recorded, Versioned
from schema.organisations.types import Person
from schema.planner.declarations import any_id_of, any_of, column, expression, planned, to_many, to_one
from schema.planner.ordering import Order
from schema.vocabulary import ChangedObjectKind, Consequence, ImprovementStatus
from services.improvement import models
from services.improvement.queries import improvement_shown_consequence, improvement_status, improvement_version


@planned(models.ImprovementBreach, description="An improvement answers a breach.")
class ImprovementBreach(Node, Recorded):
    """The link between the two."""

    improvement: "Improvement" = to_one("The improvement.", "improvement_id")
    breach: Breach = to_one("The breach.", "breach_id")


@planned(models.ImprovementStatusChange, description="An improvement reached a status.")
class ImprovementStatusChange(Node, Recorded):
    """A fact about how far an improvement has come."""

    improvement: "Improvement" = to_one("The improvement.", "improvement_id")
    status: ImprovementStatus = column("The status.")
    occurred_at: datetime = column("When it was reached.")
    note: str = column("What there is to say about it: for a judged effect, what was found.")


@planned(models.ChangedObject, description="Something an improvement changed.")
class ChangedObject(Node, Recorded):
    """What, and by which change."""

    improvement: "Improvement" = to_one("The improvement.", "improvement_id")
    kind: ChangedObjectKind = column("What kind of thing was changed.")
    name: str = column("What was changed.")
    change_reference: str = column("The reference of the change that did it; empty where there is none.")


@planned(models.BreachAcceptance, description="A reasoned acceptance that nothing is improved because of a breach.")
class BreachAcceptance(Node, Recorded):
    """An acceptance."""

    breach: Breach = to_one("The breach.", "breach_id")
    person: Person = to_one("Who accepts it.", "person_id")
    accepted_at: datetime = column("When.")
    reason: str = column("Why.")


@planned(models.Improvement, description="An entry of the improvement register.")
class Improvement(Node, Recorded, Versioned):
    """What is to become better, and what became of that."""

    version: int = expression(improvement_version, VERSION)
    key: str = column("Its short name, unique in the organisation.")
    title: str = column("What it is, in a line.")
    description: str = column("More about it; may be empty.")
    cause: str = column("What caused the breaches it answers; may be empty.")
    consequence: Consequence = column("What it is meant to be.")
    shown_consequence: Consequence = expression(
        improvement_shown_consequence,
        "What it amounts to by the record: NONE before it is implemented, and STRUCTURAL only with a change reference.",
    )
    status: ImprovementStatus = expression(improvement_status, "How far it has come.")
    service: Service | None = to_one("The service it is about; null if it is not about a single one.", "service_id")
    owner: Person | None = to_one("Who answers for it; null if nobody does.", "owner_id")
    breach_links: list[ImprovementBreach] = to_many(
        "The breaches it answers, in the order they were linked.", "improvement_id", order=Order(("recorded_at",))
    )
    status_changes: list[ImprovementStatusChange] = to_many(
        "Every status it reached, oldest first.", "improvement_id", order=Order(("occurred_at",))
    )
    changed_objects: list[ChangedObject] = to_many(
        "What it changed, by name.", "improvement_id", order=Order(("name",))
    )


@strawberry.input(description="Conditions on improvements; all that are given must hold.")
class ImprovementFilter:
    """Which improvements."""

    service: list[strawberry.ID] | None = any_id_of("Service", "service_id", "About one of these services.")
    owner: list[strawberry.ID] | None = any_id_of("Person", "owner_id", "Owned by one of these people.")
    consequence: list[Consequence] | None = any_of("consequence", "Meant to be one of these.")


@strawberry.input(description="Conditions on acceptances of breaches; all that are given must hold.")
class BreachAcceptanceFilter:
    """Which acceptances."""

    breach: list[strawberry.ID] | None = any_id_of("Breach", "breach_id", "Of one of these breaches.")
    person: list[strawberry.ID] | None = any_id_of("Person", "person_id", "By one of these people.")
