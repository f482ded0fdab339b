"""Opening databases in the form of setting the organisation that is under test."""

import os
from typing import Any

from services.db import Database
from services.server import OrganisationSetting

ORGANISATION_SETTING = OrganisationSetting(os.environ.get("SLM_ORGANISATION_SETTING", OrganisationSetting.SESSION))
"""SLM_ORGANISATION_SETTING=transaction runs every test in the other form."""


def database_on(url: str, **options: Any) -> Database:
    """A pool on a database; `options` as `Database` takes them."""
    return Database(url, **{"organisation_setting": ORGANISATION_SETTING, **options})


def inherited_environment() -> dict[str, str]:
    """What processes under test are given: nothing of how this one was set up but the form."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLM_", "DATABASE_URL"))}
    return {**kept, "SLM_ORGANISATION_SETTING": ORGANISATION_SETTING.value}
