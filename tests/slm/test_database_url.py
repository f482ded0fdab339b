import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import URL, make_url

from slm.database_url import DatabaseUrlError, normalise_database_url


@pytest.mark.parametrize(
    ("spelling", "normalised"),
    [
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h:5433/d", "postgresql+asyncpg://u:p@h:5433/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("  postgres://u@h/d\n", "postgresql+asyncpg://u@h/d"),
        ("postgres://u@h/d?sslmode=verify-full", "postgresql+asyncpg://u@h/d?ssl=verify-full"),
        ("postgres://u@h/d?ssl=require", "postgresql+asyncpg://u@h/d?ssl=require"),
        ("postgres://h/d?user=u&password=p", "postgresql+asyncpg://u:p@h/d"),
        ("postgres://u:p%40%2F@h/d", "postgresql+asyncpg://u:p%40%2F@h/d"),
        ("postgresql://u@/d?host=/run/pg", "postgresql+asyncpg://u@/d?host=%2Frun%2Fpg"),
        ("postgresql://u@%2Frun%2Fpg:5433/d", "postgresql+asyncpg://u@/d?host=%2Frun%2Fpg&port=5433"),
        ("postgresql://[::1]:5432/d", "postgresql+asyncpg://[::1]:5432/d"),
    ],
)
def test_every_usual_spelling_becomes_the_one_the_driver_takes(spelling: str, normalised: str) -> None:
    assert normalise_database_url(spelling) == normalised


parts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)


@given(user=parts, password=parts, database=parts)
def test_no_sign_in_a_name_or_password_is_lost(user: str, password: str, database: str) -> None:
    address = URL.create("postgres", user, password, "host", 5432, database.replace("?", "")).render_as_string(
        hide_password=False
    )
    if not database.replace("?", ""):
        return
    read = make_url(normalise_database_url(address))
    assert (read.username, read.password) == (user, password)
    assert normalise_database_url(normalise_database_url(address)) == normalise_database_url(address)


@pytest.mark.parametrize(
    ("spelling", "told"),
    [
        ("mysql://u:secret@h/d", "it is for 'mysql'"),
        ("u:secret@h/d", "it cannot be read"),
        ("postgres://u:secret@h:port/d", "it cannot be read"),
        ("postgres://u:secret@h", "it names no database"),
        ("postgres://u:secret@h/d?sslmode=on", "sslmode is one of disable"),
        ("postgres://u:secret@h/d?connect_timeout=3", "the option 'connect_timeout' is not one of"),
    ],
)
def test_an_address_that_cannot_be_used_is_explained_without_its_password(spelling: str, told: str) -> None:
    with pytest.raises(DatabaseUrlError, match=told) as caught:
        normalise_database_url(spelling)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
