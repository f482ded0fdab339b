"""Changing what is done about what does not fit."""

import strawberry

from schema.alignment.gap_mutations import GapMutations


@strawberry.type
class Mutations(GapMutations):
    """Each field is one transaction, committed before its payload is read."""
