from pathlib import Path

import pytest
from pydantic import ValidationError

from slm.settings import Environment, Settings


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", *(f"SLM_{field.upper()}" for field in Settings.model_fields)):
        monkeypatch.delenv(name, raising=False)


def test_the_defaults_are_those_of_production() -> None:
    settings = Settings()
    assert settings.environment is Environment.PRODUCTION
    assert settings.host == "127.0.0.1"
    assert settings.demo_organisation is None
    assert settings.database_url is None


def test_a_variable_changes_the_setting_of_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLM_PORT", "9000")
    monkeypatch.setenv("SLM_DATA_DIR", str(tmp_path))
    assert (Settings().port, Settings().data_dir) == (9000, tmp_path)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert Settings().database_url is None


def test_the_database_address_is_normalised_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://u:hidden@h/d")
    settings = Settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql+asyncpg://u:hidden@h/d"
    assert "hidden" not in repr(settings)


def test_a_wrong_database_address_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://u:hidden@h/d")
    with pytest.raises(ValidationError, match="not for PostgreSQL") as caught:
        Settings()
    assert "hidden" not in str(caught.value)


def test_the_data_directory_follows_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Settings().data_dir == tmp_path / "slm"


def test_origins_are_listed_with_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLM_CORS_ORIGINS", "https://app.example.org, http://localhost:5173,http://[::1]:80")
    assert Settings().cors_origins == ("https://app.example.org", "http://localhost:5173", "http://[::1]:80")


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example.org", "https://app.example.org/", "app.example.org", "null"]
)
def test_what_is_no_exact_origin_is_refused(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLM_CORS_ORIGINS", origin)
    with pytest.raises(ValidationError, match="without a path"):
        Settings()
