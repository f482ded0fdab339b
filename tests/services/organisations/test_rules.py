"""What roles allow, and what a token looks like."""

from datetime import UTC, datetime, timedelta

import pytest

from services.db import new_id
from services.errors import NotPermitted
from services.organisations.rules import (
    AccessRole,
    Actor,
    Permission,
    new_token,
    token_hash,
    token_is_valid,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (AccessRole.VIEWER, {Permission.ANSWER}),
        (AccessRole.INGEST, {Permission.ANSWER, Permission.INGEST}),
        (AccessRole.MANAGER, {Permission.ANSWER, Permission.DEFINE, Permission.INGEST}),
        (AccessRole.ADMINISTRATOR, set(Permission)),
        (AccessRole.AUDITOR, {Permission.AUDIT}),
    ],
)
def test_a_role_allows_what_its_row_of_the_table_says(role: AccessRole, allowed: set[Permission]) -> None:
    actor = Actor(new_id(), new_id(), "someone", role)
    for permission in Permission:
        if permission in allowed:
            actor.require(permission)
        else:
            with pytest.raises(NotPermitted, match=role.value):
                actor.require(permission)


@pytest.mark.parametrize("role", AccessRole)
def test_a_caller_without_an_account_has_no_permission_whatever_its_role(role: AccessRole) -> None:
    anonymous = Actor(new_id(), new_id(), "anonymous", role, anonymous=True)
    for permission in Permission:
        assert not anonymous.has(permission)
        with pytest.raises(NotPermitted, match="without a token"):
            anonymous.require(permission)


def test_tokens_are_recognisable_and_never_alike() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("slm_") and len(token) == 47 and token_hash(token) for token in tokens)


A_TOKEN = "slm_" + "A" * 43


@pytest.mark.parametrize("text", ["", "slm_", "x" * 47, "slm_" + "é" * 43, A_TOKEN + "x", " " + A_TOKEN])
def test_text_that_cannot_be_a_token_has_no_hash(text: str) -> None:
    assert token_hash(text) is None


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "valid"),
    [
        (None, None, True),
        (NOW + SECOND, None, True),
        (NOW, None, False),
        (NOW - SECOND, None, False),
        (None, NOW - SECOND, False),
        (NOW + SECOND, NOW, False),
    ],
)
def test_a_token_admits_until_it_expires_or_is_revoked(
    expires_at: datetime | None, revoked_at: datetime | None, valid: bool
) -> None:
    assert token_is_valid(now=NOW, expires_at=expires_at, revoked_at=revoked_at) is valid
