"""Root fields that must be computed on request, and how many statements each may run.

Everything else reads stored facts through the planner: exactly one statement per root field.
"""

STATEMENTS_OF_COMPUTED_FIELDS: dict[str, int] = {}
"""By the name of the root field."""
