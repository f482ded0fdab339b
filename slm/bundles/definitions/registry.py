"""Every kind of definition a bundle may hold, in the order it is written in: what is referred to comes first."""

from slm.bundles.definitions import (
    agreements,
    calendars,
    catalogue,
    clauses,
    contracts,
    dependencies,
    governance,
    measurement,
    organisations,
    requirements,
)
from slm.bundles.definitions.kinds import Kind

KINDS: tuple[Kind, ...] = (
    *organisations.KINDS,
    *calendars.KINDS,
    *catalogue.KINDS,
    *dependencies.KINDS,
    *requirements.KINDS,
    *agreements.KINDS,
    *clauses.KINDS,
    *contracts.KINDS,
    *measurement.KINDS,
    dependencies.SUPPORTS_KIND,
    *governance.KINDS,
)


def kind_of(file_name: str) -> Kind | None:
    """The kind a file is about, by its name without its ending."""
    stem = file_name.rpartition(".")[0]
    return next((kind for kind in KINDS if kind.name == stem), None)
