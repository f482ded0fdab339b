"""A walk of the schema: nothing can be read or changed that no rule of authorisation covers."""

from collections.abc import Iterator

import pytest
import strawberry
from graphql import (
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
)

from schema.computed import COMPUTED_FOR_PARTIES, STATEMENTS_OF_COMPUTED_FIELDS
from schema.planner.planned_types import model_of, object_type
from schema.planner.plans import (
    AnyGlobalId,
    Column,
    Connected,
    Embedded,
    Expression,
    FilterKind,
    GlobalId,
    Lookup,
    NodeById,
    NodesById,
    Plan,
    Predicate,
    ToMany,
    ToOne,
    plan_of,
)
from schema.planner.selection import DEFINITION, plan_of_field
from schema.planner.tables import table_of
from services.organisations.rules import PartyKind
from services.scope import PARTY_VIEWS, PartyView
from tests.schema.test_mutation_roles import MUTATIONS

FENCED: tuple[type[Plan], ...] = (AnyGlobalId, Column, Connected, Embedded, Expression, GlobalId, Lookup, ToMany, ToOne)
"""Plans below which every row passes the fence of its own level, and every column the hidden ones of its table."""

MEANING = "one word about the service: who agreed to what, and who sat in, is not shown"
EXPRESSIONS_FOR_PARTIES = {
    "AgreementTerms.decisionDueAt": "of two columns of the terms themselves",
    "AgreementVersion.validUntil": "the start of the next version of the same agreement",
    "ApiToken.lastUsedAt": "of the token itself",
    "Breach.isRetracted": "of the breach itself, and what is computed of it",
    "Breach.stillAgrees": "the clock or result the breach was recorded for",
    "Clock.percentElapsed": "of the clock itself",
    "Clock.percentElapsedWallClock": "of the clock itself",
    "BreachFilter.isRetracted": "of the breach itself",
    "BreachFilter.stillAgrees": "the clock or result the breach was recorded for",
    "ForecastFilter.isCurrent": "of the forecast itself; refused, as it reads the outcome",
    "ForecastFilter.isDecided": "of the forecast itself",
    "PeriodResultFilter.isFrozen": "of the result itself",
    "Forecast.meaningful": MEANING,
    "Forecast.meaninglessBecause": MEANING,
    "Forecast.designGates": MEANING,
    "PeriodResult.meaningful": MEANING,
    "PeriodResult.meaninglessBecause": MEANING,
    "PeriodResult.designGates": MEANING,
    "Service.meaningful": MEANING,
    "Service.meaninglessBecause": MEANING,
    "Service.gateStanding": MEANING,
}
"""Named SQL of types that parties see, each with what it looks at: no fence is inside it, so somebody has looked."""

NEVER_NULL_FOR_PARTIES = {
    "Agreement.service": "a service is visible by its agreements",
    "AgreementVersion.agreement": "a version is visible by its agreement",
    "AgreementTerms.agreementVersion": "terms are visible by their version",
    "AvailabilityTargetVersion.agreementVersion": "of the agreement of its target",
    "AvailabilityTargetVersion.target": "a definition is visible by its target",
    "Breach.calendarVersion": "of the calendar of its target",
    "Breach.target": "a breach is visible by its target",
    "Breach.targetVersion": "of its target",
    "BreachRetraction.breach": "a retraction is visible by its breach",
    "CalendarVersion.calendar": "a version is visible as its calendar is",
    "ContractClause.agreement": "a clause is visible by its agreement",
    "Clock.calendarVersion": "of the calendar of its target",
    "Clock.target": "a clock is visible by its target",
    "Clock.targetVersion": "of its target",
    "Clock.ticket": "a clock is visible by its ticket",
    "ContractPoint.targetVersion": "a point is visible by its definition",
    "CreditBand.target": "of the agreement of its terms",
    "CreditBand.terms": "a credit is visible by its terms",
    "PeriodAdjustment.periodResult": "an adjustment is visible by its result",
    "PeriodFreeze.periodResult": "a signature is visible by its result",
    "PeriodResult.calendarVersion": "of the calendar of its target",
    "PeriodResult.target": "a result is visible by its target",
    "PeriodResult.targetVersion": "of its target",
    "RecomputedPeriodResult.calendarVersion": "of the calendar of its target",
    "RecomputedPeriodResult.periodResult": "what it is computed to be is visible by the result",
    "RecomputedPeriodResult.targetVersion": "of its target",
    "SupersededClock.calendarVersion": "of the calendar of its target",
    "SupersededClock.target": "a clock is visible by its target",
    "SupersededClock.targetVersion": "of its target",
    "SupersededClock.ticket": "a clock is visible by its ticket",
    "SupersededPeriodResult.calendarVersion": "of the calendar of its target",
    "SupersededPeriodResult.periodResult": "what it was is visible by the result",
    "SupersededPeriodResult.targetVersion": "of its target",
    "Target.agreement": "a target is visible by its agreement",
    "TargetVersion.agreementVersion": "of the agreement of its target",
    "TargetVersion.calendar": "a calendar is visible by the definitions that count by it",
    "TargetVersion.target": "a definition is visible by its target",
    "TicketEvent.ticket": "an event is visible by its ticket",
}
"""Relations of types that parties see that are never null, each with why what it leads to is visible, too."""


def fields(schema: strawberry.Schema) -> Iterator[tuple[str, PartyView, GraphQLField]]:
    """Every field of every type with a table, by its name, with what parties see of the table."""
    for type_ in schema._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and model_of(type_) is not None:
            view = PARTY_VIEWS[table_of(model_of(type_)).name]
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", view, field


def view_behind(field: GraphQLField) -> PartyView:
    return PARTY_VIEWS[table_of(model_of(object_type(field))).name]


def test_nothing_is_subscribed_to_before_its_authorisation_is_tested(schema: strawberry.Schema) -> None:
    assert schema._schema.subscription_type is None


def test_every_query_reads_through_the_fence_or_is_computed_by_a_rule(schema: strawberry.Schema) -> None:
    assert schema._schema.query_type is not None
    for name, field in schema._schema.query_type.fields.items():
        plan = plan_of_field(field)
        if plan is None:
            assert name in STATEMENTS_OF_COMPUTED_FIELDS, name
        else:
            assert isinstance(plan, Lookup | Connected | NodeById | NodesById), name
    assert STATEMENTS_OF_COMPUTED_FIELDS.keys() >= COMPUTED_FOR_PARTIES


def test_every_mutation_is_in_the_table_of_roles(schema: strawberry.Schema) -> None:
    assert schema._schema.mutation_type is not None
    assert schema._schema.mutation_type.fields.keys() == MUTATIONS.keys()


def test_every_field_of_a_row_passes_the_fence_of_its_level(schema: strawberry.Schema) -> None:
    for name, _, field in fields(schema):
        assert isinstance(plan_of_field(field), FENCED), name


def test_every_filter_compares_a_column_or_looks_where_somebody_has_looked(schema: strawberry.Schema) -> None:
    for type_ in schema._schema.type_map.values():
        plans = {name: plan_of(field.extensions.get(DEFINITION)) for name, field in inputs_of(type_)}
        for name, plan in plans.items():
            if isinstance(plan, Predicate) and plan.kind is not FilterKind.HOLDS:
                assert plan.attribute, f"{type_}.{name}"


def test_every_named_expression_that_parties_reach_was_looked_at(schema: strawberry.Schema) -> None:
    shown = [(name, field) for name, view, field in fields(schema) if view.rows]
    reached = {name for name, field in shown if isinstance(plan_of_field(field), Expression)}
    for field in connections(schema):
        given = field.args.get("filter")
        if given is not None and view_behind_connection(field).rows:
            type_ = get_named_type(given.type)
            for filter_name, filter_field in inputs_of(type_):
                plan = plan_of(filter_field.extensions.get(DEFINITION))
                if isinstance(plan, Predicate) and plan.kind is FilterKind.HOLDS:
                    reached.add(f"{type_}.{filter_name}")
    assert reached == EXPRESSIONS_FOR_PARTIES.keys()


@pytest.mark.parametrize("kind", PartyKind)
def test_a_relation_that_is_never_null_leads_from_what_a_party_sees_to_what_it_sees_or_is_refused(
    schema: strawberry.Schema, kind: PartyKind
) -> None:
    shown = [(name, field) for name, view, field in fields(schema) if kind in view.rows]
    never_null = [
        (name, field)
        for name, field in shown
        if isinstance(plan_of_field(field), ToOne) and isinstance(field.type, GraphQLNonNull)
    ]
    found = {name for name, field in never_null if kind in view_behind(field).rows}
    assert found == NEVER_NULL_FOR_PARTIES.keys()


def connections(schema: strawberry.Schema) -> Iterator[GraphQLField]:
    """Every list by pages, of the root and of objects."""
    for type_ in schema._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            yield from (field for field in type_.fields.values() if isinstance(plan_of_field(field), Connected))


def view_behind_connection(field: GraphQLField) -> PartyView:
    connection = get_named_type(field.type)
    assert isinstance(connection, GraphQLObjectType)
    return view_behind(connection.fields["nodes"])


def inputs_of(type_: object) -> list[tuple[str, GraphQLInputField]]:
    return list(type_.fields.items()) if isinstance(type_, GraphQLInputObjectType) else []
