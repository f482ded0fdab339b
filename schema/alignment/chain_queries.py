"""Root fields of verdicts, gaps and proposals."""

import strawberry

from schema.alignment.chain_types import (
    AlignmentGap,
    AlignmentGapFilter,
    AlignmentGapOrder,
    TargetAlignment,
    TargetAlignmentFilter,
    TargetAlignmentOrder,
)
from schema.alignment.what_if import AlignmentChange, resolve_alignment_what_if
from schema.pagination import Connection
from schema.planner.declarations import connection


@strawberry.type
class ChainQueries:
    """Whether promises are backed."""

    alignments: Connection[TargetAlignment] = connection(
        "Every promise to customers with the judgement that holds of it: what cannot be kept first.",
        order=TargetAlignmentOrder.WORST_FIRST,
        filter_by=TargetAlignmentFilter,
    )
    alignment_gaps: Connection[AlignmentGap] = connection(
        "Every gap, those nobody answers for first.",
        order=AlignmentGapOrder.WITHOUT_OWNER_FIRST,
        filter_by=AlignmentGapFilter,
    )
    alignment_what_if: list[AlignmentChange] = strawberry.field(
        resolver=resolve_alignment_what_if,
        description="What verdicts would be if something else were agreed or built, before anybody signs it. Only the"
        " promises that it touches are answered, and nothing is kept.",
    )
