"""What no committed file may hold, and how long one may be."""

import re

from tests.project.files import ROOT, modules, text_of, tracked_files

PACKAGE_HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:com|org)|debian\.org|registry\.\w+\.\w+", re.IGNORECASE
)
MACHINE_PATHS = re.compile(r"(?<![\w.}])/(?:root|home/\w+|work/(?:main|shared)|Users/\w+|opt/(?:pypi|wheels))\b")
REASON = re.compile(r"\blines?\b[^.]*\bbecause\b|\bbecause\b[^.]*\blines?\b|\bone file\b", re.IGNORECASE)
LONG = 500


def occurrences(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {found.group()}"
        for path in tracked_files()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if (found := pattern.search(line))
    ]


def test_no_file_names_a_package_host() -> None:
    assert occurrences(PACKAGE_HOSTS) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert occurrences(MACHINE_PATHS) == []


def test_a_module_over_five_hundred_lines_says_why() -> None:
    """A migration is as long as its change."""
    unexplained = [
        path.relative_to(ROOT)
        for path in modules()
        if path.parent.name != "versions"
        and (text := text_of(path)).count("\n") > LONG
        and not REASON.search(" ".join(text.splitlines()[:25]))
    ]
    assert unexplained == [], "say why it is one file in the docstring, or find the second concept in it"
