"""Puts the schema together from the contexts.

A context takes part by what its modules export: `schema.<context>.queries.Queries` and, once it has any,
`schema.<context>.mutations.Mutations`, both Strawberry types whose fields become root fields.
"""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import DisableIntrospection
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types.execution import ExecutionContext

from schema import nodes
from schema.compiled import CompiledOperation
from schema.computed import guard_computed_fields
from schema.errors import (
    ConflictProblem,
    InvalidProblem,
    NotFoundProblem,
    NotPermittedProblem,
    PublicErrors,
    exception_handlers,
)
from schema.limits import Limits
from schema.named_operation import NamedOperation
from schema.observed import ObservedOperation
from schema.planner.execution import PlannedExecution
from schema.planner.install import install
from schema.scalars import SCALARS

CONTEXTS = (
    "organisations",
    "calendars",
    "catalogue",
    "requirements",
    "agreements",
    "contracts",
    "measurement",
    "tickets",
    "attainment",
    "alignment",
    "compliance",
    "improvement",
    "governance",
    "forecasting",
    "assessment",
    "audit",
)


class Schema(strawberry.Schema):
    """Leaves the logging of errors to PublicErrors, which knows what is a defect."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Do nothing: every error of an operation passes PublicErrors."""


def build_schema(*, introspection: bool = True, more_mutations: Sequence[type[Any]] = ()) -> strawberry.Schema:
    """A schema of its own at each call. DeclarationError when a type contradicts its table.

    `more_mutations` are further types of root fields, for tests of what mutations have in common.
    """
    queries: list[type[Any]] = [nodes.Queries, *_exported("queries", "Queries")]
    mutations: list[type[Any]] = [*_exported("mutations", "Mutations"), *more_mutations]
    public_errors = partial(PublicErrors, suggestions=introspection)
    extensions: list[Any] = [
        ObservedOperation,
        public_errors,
        NamedOperation,
        CompiledOperation,
        partial(Limits, suggestions=introspection),
    ]
    if not introspection:
        extensions.append(DisableIntrospection)
    schema = Schema(
        query=_merged("Query", queries, "Reads. Each field runs one statement against stored facts."),
        mutation=_merged("Mutation", mutations, "Changes. Each field is one transaction.") if mutations else None,
        types=[NotFoundProblem, InvalidProblem, ConflictProblem, NotPermittedProblem],
        extensions=extensions,
        exception_handlers=exception_handlers(),
        execution_context_class=PlannedExecution,
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    guard_computed_fields(install(schema))
    return schema


def _exported(module: str, name: str) -> list[type[Any]]:
    paths = [f"schema.{context}.{module}" for context in CONTEXTS]
    return [getattr(import_module(path), name) for path in paths if find_spec(path) is not None]


def _merged(name: str, types: list[type[Any]], description: str) -> type[Any]:
    merged = merge_types(name, tuple(types))
    merged.__strawberry_definition__.description = description  # type: ignore[attr-defined]
    return merged
