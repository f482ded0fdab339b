"""Whether period results mean anything, and where service level management was when their services were designed."""

from services.agreements.queries import service_of_target
from services.catalogue.queries import gate_standing
from services.requirements.meaning import is_meaningful, meaningless_because


def is_result_meaningful(result: str) -> str:
    """SQL text: whether what a row says about a target means anything."""
    return is_meaningful(service_of_target(result))


def result_meaningless_because(result: str) -> str:
    """SQL text: why it means nothing, NULL where it means something."""
    return meaningless_because(service_of_target(result))


def gates_of_result(result: str) -> str:
    """SQL text: where service level management was at the design gates of the service of a row's target."""
    return gate_standing(service_of_target(result))
