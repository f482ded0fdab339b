"""Root fields of alignment."""

import strawberry

from schema.alignment.chain_queries import ChainQueries


@strawberry.type
class Queries(ChainQueries):
    """Whether promises are backed."""
