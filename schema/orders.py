"""Orders that several contexts share."""

from enum import Enum

import strawberry

from schema.planner.ordering import ascending, descending


@strawberry.enum(description="Orders of things that have a key.")
class KeyOrder(Enum):
    """By key, code point by code point."""

    KEY_ASC = ascending("key", description="By key, A to Z.")
    KEY_DESC = descending("key", description="By key, Z to A.")
