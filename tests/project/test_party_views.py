"""Every table says what accounts of parties see of it, so that a new table is decided and not forgotten."""

import assessment.models
from services.models import metadata
from services.organisations.rules import PARTY_PERMISSIONS, PERMISSIONS, AccessRole, PartyKind, Permission
from services.scope import PARTY_VIEWS, party_view

assert assessment.models  # its tables are part of the metadata


def test_every_table_says_what_parties_see_of_it() -> None:
    assert PARTY_VIEWS.keys() == metadata.tables.keys()


def test_a_table_nobody_decided_about_is_invisible() -> None:
    assert not party_view("made_tomorrow").rows


def test_what_is_hidden_is_a_column_of_its_table() -> None:
    for table, view in PARTY_VIEWS.items():
        assert view.hidden <= set(metadata.tables[table].columns.keys()), table


def test_scope_expressions_bind_the_party_and_name_the_organisation_wherever_they_look() -> None:
    for table, view in PARTY_VIEWS.items():
        for kind, rows in view.rows.items():
            sql = rows("row", kind)
            assert "$2::uuid" in sql or table == "organisation", table
            looked_at = sql.replace("DISTINCT FROM ", "").count("FROM ") + sql.count("JOIN ")
            assert sql.count("organisation_id = $1::uuid") == looked_at, (table, sql)


def test_every_role_and_every_kind_of_party_says_what_it_may_do() -> None:
    assert PERMISSIONS.keys() == set(AccessRole)
    assert PARTY_PERMISSIONS.keys() == set(PartyKind)
    assert PERMISSIONS[AccessRole.ADMINISTRATOR] == set(Permission)
