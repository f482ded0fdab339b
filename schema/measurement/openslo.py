"""Documents of OpenSLO as they were imported, and the objectives they state."""

from decimal import Decimal

from schema.agreements.types import Target
from schema.catalogue.types import Service
from schema.measurement.types import Indicator
from schema.nodes import Node, Recorded
from schema.planner.declarations import column, planned, to_many, to_one
from schema.planner.ordering import Order
from schema.vocabulary import BudgetingMethod, OpenSloKind, ThresholdOperator
from services.measurement import models


@planned(models.OpenSloObjective, description="One of the objectives of an SLO of OpenSLO, as it was imported.")
class OpenSloObjective(Node):
    """An objective."""

    document_version: "OpenSloDocumentVersion" = to_one("The version that states it.", "document_version_id")
    position: int = column("Its place among the objectives of the SLO, from 1.")
    name: str = column("Its name for people; may be empty.")
    budgeting_method: BudgetingMethod = column("What is counted.")
    target_percent: Decimal = column("How much of it must be good, in percent; below 100.")
    operator: ThresholdOperator | None = column(
        "How values compare with the threshold when they are good; null for ratios."
    )
    threshold: Decimal | None = column("What values are compared with; null for ratios.")
    window_duration: str = column(
        "How long its window is, as OpenSLO spells it: a number of m (minutes), h, d, w, M (months), Q (quarters) or Y."
    )
    window_is_rolling: bool = column("Whether the window moves along with time; otherwise it follows the calendar.")
    window_start: str = column("When a window began, by the clock of its time zone; empty where it rolls.")
    window_time_zone: str = column("The IANA zone of that clock; empty where it rolls, or where none is stated.")
    service: Service | None = to_one("The service; null if the catalogue had none of its name.", "service_id")
    indicator: Indicator | None = to_one(
        "The indicator; null if there was none of its name of this service.", "indicator_id"
    )
    target: Target | None = to_one(
        "The target it states; null where it is an objective besides what is agreed.", "target_id"
    )


@planned(models.OpenSloDocumentVersion, description="The text of a document of OpenSLO as it was imported once.")
class OpenSloDocumentVersion(Node, Recorded):
    """A version of a document."""

    document: "OpenSloDocument" = to_one("The document.", "document_id")
    number: int = column("Counts the versions of the document, from 1.")
    text: str = column("The text in YAML, comments and unknown fields included.")
    sha256: str = column("The SHA-256 digest of the text in UTF-8, in hexadecimal digits.")
    objectives: list[OpenSloObjective] = to_many(
        "The objectives it states, in their order; none unless it is an SLO.",
        "document_version_id",
        order=Order(("position",)),
    )


@planned(models.OpenSloDocument, description="A document of OpenSLO v1 that was imported.")
class OpenSloDocument(Node, Recorded):
    """A document, through all versions of its text."""

    key: str = column("Its kind and name as OpenSLO spells them, such as SLO/checkout-latency.")
    kind: OpenSloKind = column("What it defines.")
    version: int = column("The number of its latest version.")
    versions: list[OpenSloDocumentVersion] = to_many(
        "Its texts, the first one first; the last one holds.", "document_id", order=Order(("number",))
    )
