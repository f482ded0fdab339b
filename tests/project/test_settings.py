"""Every setting is described where users look for it."""

import re

from slm.settings import Settings
from tests.project.files import ROOT, modules, text_of


def test_the_documented_settings_are_those_that_exist() -> None:
    documented = set(re.findall(r"^\| `(\w+)` \|", text_of(ROOT / "docs" / "settings.md"), re.MULTILINE))
    existing = {str(field.validation_alias or f"SLM_{name.upper()}") for name, field in Settings.model_fields.items()}
    assert documented == existing | {"SLM_PG_BIN"}


def test_no_variable_of_ours_is_read_that_the_settings_do_not_document() -> None:
    documented = text_of(ROOT / "docs" / "settings.md")
    read = {
        variable
        for path in modules()
        if path.is_relative_to(ROOT / "slm") or path.is_relative_to(ROOT / "services")
        for variable in re.findall(r"environ(?:\.get)?[\[(]\"(SLM_\w+)\"", text_of(path))
    }
    assert {variable for variable in read if f"`{variable}`" not in documented} == set()
