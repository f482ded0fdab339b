"""Requests that came before are found again for whoever sent them, within bounds."""

from dataclasses import fields, replace
from typing import Any

import pytest

from schema.fast import Prepared
from services.db import new_id
from services.organisations.rules import AccessRole, Actor, PartyKind, PartyScope
from services.reader import Statement
from slm.http.recent import LONGEST_BODY, RecentRequests

ACTOR = Actor(new_id(), new_id(), "ann", AccessRole.VIEWER)
OTHERWISE: dict[str, Any] = {
    "organisation_id": new_id(),
    "account_id": new_id(),
    "name": "bea",
    "role": AccessRole.ADMINISTRATOR,
    "party": PartyScope(new_id(), PartyKind.SUPPLIER),
    "anonymous": True,
}


def prepared(characters: int = 10) -> Prepared:
    return Prepared("Key", (), (Statement("x" * characters, (), "Query.test"),), 1)


@pytest.mark.parametrize("name", [field.name for field in fields(Actor) if field.compare])
def test_what_was_prepared_for_one_actor_is_found_for_no_other(name: str) -> None:
    recent, kept = RecentRequests(), prepared()
    recent.keep(ACTOR, b"body", kept)
    assert recent.find(ACTOR, b"body") is kept
    assert recent.find(replace(ACTOR, **{name: OTHERWISE[name]}), b"body") is None
    assert recent.find(ACTOR, b"another") is None


def test_whoever_comes_with_another_token_is_the_same_actor() -> None:
    recent, kept = RecentRequests(), prepared()
    recent.keep(ACTOR, b"body", kept)
    assert recent.find(replace(ACTOR, token_id=new_id()), b"body") is kept


def test_what_was_asked_least_recently_makes_room() -> None:
    recent = RecentRequests(most=2)
    for body in (b"a", b"b"):
        recent.keep(ACTOR, body, prepared())
    assert recent.find(ACTOR, b"a")
    recent.keep(ACTOR, b"c", prepared())
    assert [bool(recent.find(ACTOR, body)) for body in (b"a", b"b", b"c")] == [True, False, True]


def test_bodies_and_statements_are_kept_up_to_a_size_together() -> None:
    recent = RecentRequests(most_characters=250)
    for _ in range(9):  # what is kept again is counted once
        recent.keep(ACTOR, b"a" * 50, prepared(50))
    recent.keep(ACTOR, b"b" * 50, prepared(50))
    assert len(recent) == 2
    recent.keep(ACTOR, b"c" * 50, prepared(50))
    assert [bool(recent.find(ACTOR, letter * 50)) for letter in (b"a", b"b", b"c")] == [False, True, True]
    recent.keep(ACTOR, b"d", prepared(300))
    assert len(recent) == 0


def test_a_long_body_is_not_kept() -> None:
    recent = RecentRequests()
    recent.keep(ACTOR, b"a" * (LONGEST_BODY + 1), prepared())
    assert len(recent) == 0
    recent.keep(ACTOR, b"a" * LONGEST_BODY, prepared())
    assert len(recent) == 1
