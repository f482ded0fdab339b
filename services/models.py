"""Every table of the domain, so that `Base.metadata` is complete for migrations and for the tests about them."""

from services.agreements import models as agreements
from services.alignment import models as alignment
from services.attainment import models as attainment
from services.audit import models as audit
from services.calendars import models as calendars
from services.catalogue import models as catalogue
from services.compliance import models as compliance
from services.db import Base
from services.forecasting import models as forecasting
from services.governance import models as governance
from services.idempotency import models as idempotency
from services.improvement import models as improvement
from services.measurement import models as measurement
from services.organisations import models as organisations
from services.requirements import models as requirements
from services.tickets import models as tickets

__all__ = [
    "agreements",
    "alignment",
    "attainment",
    "audit",
    "calendars",
    "catalogue",
    "compliance",
    "forecasting",
    "governance",
    "idempotency",
    "improvement",
    "measurement",
    "metadata",
    "organisations",
    "requirements",
    "tickets",
]

metadata = Base.metadata
