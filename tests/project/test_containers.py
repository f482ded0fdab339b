"""The container files start what production needs, in order, without secrets in them and without root."""

import re
from typing import Any

import pytest
import yaml

from tests.project.files import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PARTS: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_there_are_a_database_a_migration_an_api_and_a_worker() -> None:
    assert {name: part.get("command") for name, part in PARTS.items()} == {
        "db": None,
        "migrate": ["migrate"],
        "api": ["serve", "--host", "0.0.0.0"],  # noqa: S104 - inside a container
        "worker": ["worker"],
    }
    assert PARTS["db"]["image"] == "postgres:18"


@pytest.mark.parametrize("name", ["api", "worker"])
def test_what_serves_waits_for_the_migration(name: str) -> None:
    assert PARTS[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert PARTS[name]["restart"] == "unless-stopped"


def test_the_migration_waits_for_a_healthy_database_and_runs_once() -> None:
    assert PARTS["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert PARTS["migrate"]["restart"] == "no"
    assert "pg_isready" in PARTS["db"]["healthcheck"]["test"]


def test_every_password_comes_from_the_environment_and_has_no_default() -> None:
    for part in PARTS.values():
        for name, value in part["environment"].items():
            if "PASSWORD" in name:
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), name
            assert not re.search(r"://[^@/]*:[^@/]*@", value), f"{name} carries a password"


@pytest.mark.parametrize("name", list(PARTS))
def test_nothing_runs_as_root_or_may_become_it(name: str) -> None:
    part = PARTS[name]
    assert part["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in part["security_opt"]
    assert part["read_only"] is True
    assert (
        part.get("user") == "postgres" if name == "db" else re.search(r"^USER (?!root)\w+$", DOCKERFILE, re.MULTILINE)
    )


def test_the_data_of_the_database_lie_where_its_version_keeps_them() -> None:
    assert PARTS["db"]["volumes"] == ["db:/var/lib/postgresql"]


def test_only_this_machine_reaches_the_api_unless_told_otherwise() -> None:
    assert PARTS["api"]["ports"] == ["${SLM_PUBLISH:-127.0.0.1:8000}:8000"]


def test_the_image_holds_the_pinned_packages_and_says_when_it_is_ready() -> None:
    assert re.findall(r"requirements\S*", DOCKERFILE) == ["requirements.txt", "requirements.txt"]
    assert "--require-hashes" in DOCKERFILE
    assert "/ready" in DOCKERFILE
