"""Columns are found under the names exports use."""

from collections.abc import Mapping, Sequence

import pytest

from services.errors import Invalid
from services.tickets.sources.columns import ALIASES, REQUIRED, EventField, Layout, locate

NEEDED = ["number", "state", "sys_updated_on", "opened_at", "sys_mod_count"]


def located(
    columns: Sequence[str],
    overrides: Mapping[EventField, Sequence[str]],
    required: Sequence[EventField] = REQUIRED[Layout.UPDATES],
) -> dict[EventField, int]:
    return locate(columns, overrides, ALIASES, required)


@pytest.mark.parametrize(("field", "alias"), [(field, alias) for field, names in ALIASES.items() for alias in names])
def test_every_alias_finds_its_field(field: EventField, alias: str) -> None:
    assert located([alias], {}, required=())[field] == 0


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Number", EventField.NUMBER),
        ("Incident state", EventField.STATE),
        ("Assignment group", EventField.TEAM),
        ("ASSIGNMENT_GROUP", EventField.TEAM),
        ("assignment-group", EventField.TEAM),
        ("Assigned to", EventField.ASSIGNEE),
        ("Opened", EventField.OPENED_AT),
        ("Updated", EventField.UPDATED_AT),
        ("Updates", EventField.MODIFICATION_COUNT),
        ("Made SLA", EventField.OUTCOME),
        ("u_priority", EventField.PRIORITY),
        ("U_Assignment_Group", EventField.TEAM),
    ],
)
def test_display_names_and_custom_prefixes_are_understood(column: str, field: EventField) -> None:
    assert located([column], {}, required=()) == {field: 0}


def test_the_incident_state_wins_over_the_plain_state() -> None:
    assert located(["ident_state", "state", "incident_state"], {}, required=())[EventField.STATE] == 2


def test_a_column_without_prefix_wins_over_one_with() -> None:
    assert located(["u_priority", "priority"], {}, required=())[EventField.PRIORITY] == 1


def test_a_profile_replaces_the_aliases() -> None:
    places = located([*NEEDED, "squad"], {EventField.TEAM: ("Squad",), EventField.NUMBER: ("number",)})
    assert places[EventField.TEAM] == 5


def test_an_empty_list_leaves_an_optional_field_unread() -> None:
    assert EventField.PRIORITY not in located([*NEEDED, "priority"], {EventField.PRIORITY: ()})


def test_a_column_the_profile_names_must_exist() -> None:
    with pytest.raises(Invalid, match=r"no column for team \(tried: squad\)"):
        located([*NEEDED, "assignment_group"], {EventField.TEAM: ("squad",)})


def test_every_missing_required_column_is_named_with_the_names_tried() -> None:
    with pytest.raises(Invalid) as refusal:
        located(["number", "state", "opened_at", "colour"], {})
    assert "sys_updated_at, sys_updated_on" in refusal.value.message
    assert "colour" in refusal.value.message
    assert [problem.field for problem in refusal.value.problems] == ["columns.updated_at", "columns.modification_count"]
