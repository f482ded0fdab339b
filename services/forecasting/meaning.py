"""Whether forecasts mean anything: what they say about a service that nobody agreed upon, nobody can act on."""

from services.agreements.queries import service_of_target
from services.catalogue.queries import gate_standing
from services.requirements.meaning import is_meaningful, meaningless_because


def is_forecast_meaningful(forecast: str) -> str:
    """SQL text: whether a forecast means anything."""
    return is_meaningful(_service(forecast))


def forecast_meaningless_because(forecast: str) -> str:
    """SQL text: why it means nothing, NULL where it means something."""
    return meaningless_because(_service(forecast))


def gates_of_forecast(forecast: str) -> str:
    """SQL text: where service level management was at the design gates of the service it is about."""
    return gate_standing(_service(forecast))


def _service(forecast: str) -> str:
    """A ticket's own service, else the one the target is about."""
    return f"coalesce({forecast}.service_id, {service_of_target(forecast)})"
