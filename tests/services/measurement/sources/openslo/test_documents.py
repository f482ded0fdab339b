"""What is read as OpenSLO v1, what is refused, and where the reason is."""

import pytest

from services.measurement.sources.openslo.documents import read, read_bytes
from tests.services.measurement.sources.openslo import texts
from tests.services.measurement.sources.openslo.texts import (
    ALERT_CONDITION,
    ALERT_POLICY,
    CALENDAR_SLO,
    COMPOSITE_SLO,
    SERVICE,
    SLI,
    SLO,
    WHOLE,
)


def test_each_of_the_seven_kinds_is_read() -> None:
    reading = read(WHOLE)
    assert (reading.problems, reading.warnings) == ([], [])
    assert [(document.kind, document.name) for document in reading.documents] == [
        ("Service", "web-shop"), ("DataSource", "metrics"), ("SLI", "answers"), ("SLO", "shop-answers"),
        ("AlertPolicy", "page-somebody"), ("AlertCondition", "burns-fast"), ("AlertNotificationTarget", "on-call"),
    ]  # fmt: skip
    assert [document.text for document in reading.documents] == list(texts.ALL)


def test_inline_and_composite_objectives_are_read() -> None:
    for text in (CALENDAR_SLO, COMPOSITE_SLO):
        assert read(text).problems == []


REFUSALS = [
    (SERVICE, "web-shop", "Web-Shop", 4, 9, "metadata.name", "lower-case letters, digits or '-'"),
    (SERVICE, "web-shop", "a" * 64, 4, 9, "metadata.name", "1 to 63"),
    (SERVICE, "web-shop", "shop-", 4, 9, "metadata.name", "ending with a letter or digit"),
    (SERVICE, "  name: web-shop\n", "", 4, 3, "metadata.name", "expected a value"),
    (SERVICE, "kind: Service", "kind: Servise", 2, 7, "kind", "expected one of DataSource"),
    (SERVICE, "team: identity", "-team: identity", 7, 5, "metadata.labels.-team", "expected a key"),
    (SERVICE, "team: identity", "team: {a: b}", 7, 11, "metadata.labels.team", "a list of texts"),
    (SERVICE, "What people buy in.", "x" * 1_051, 10, 16, "spec.description", "at most 1,050 characters"),
    (SLI, "counter: true", "counter: yes", 8, 14, "spec.ratioMetric.counter", "expected true or false"),
    (SLI, "    good:", "    raw:", 8, 5, "spec.ratioMetric", "got raw and total"),
    (SLI, "{query: good}", "{}", 12, 15, "spec.ratioMetric.good.metricSource.spec", "at least one field"),
    (SLI, "  ratioMetric:", "  rateMetric:", 7, 3, "spec", "exactly one of thresholdMetric and ratioMetric"),
    (SLO, "  service: web-shop\n", "", 7, 3, "spec.service", "expected a value"),
    (SLO, "  indicatorRef: answers\n", "", 7, 3, "spec", "expected exactly one of indicator and indicatorRef"),
    (SLO, "duration: 4w", "duration: 4 weeks", 10, 17, "spec.timeWindow[0].duration", "expected a duration"),
    (SLO, "duration: 4w", "duration: 0w", 10, 17, "spec.timeWindow[0].duration", "expected a duration"),
    (SLO, "duration: 4w", "duration: 4W", 10, 17, "spec.timeWindow[0].duration", "expected a duration"),
    (SLO, "isRolling: true", "isRolling: false", 10, 7, "spec.timeWindow[0]", "isRolling: true, or a calendar"),
    (SLO, "  budgeting", "    - {duration: 1d, isRolling: true}\n  budgeting", 10, 5, "spec.timeWindow", "exactly 1"),
    (SLO, "Occurrences", "occurrences", 12, 20, "spec.budgetingMethod", "expected Occurrences or Timeslices"),
    (SLO, "Occurrences", "Timeslices", 14, 7, "spec.objectives[0].timeSliceTarget", "the method is Timeslices"),
    (SLO, "0.9990", "1", 15, 15, "spec.objectives[0].target", "a number from 0 to below 1"),
    (SLO, "0.9990", "99.9", 15, 15, "spec.objectives[0].target", "a percentage is targetPercent"),
    (SLO, "0.9990", '"0.999"', 15, 15, "spec.objectives[0].target", "without quotes"),
    (SLO, "0.9990", "1e-999999999", 15, 15, "spec.objectives[0].target", "a number from 0"),
    (SLO, "0.9990", "0x1", 15, 15, "spec.objectives[0].target", "a number from 0"),
    (SLO, "99.5", "100", 17, 22, "spec.objectives[1].targetPercent", "a number from 0 to below 100"),
    (SLO, "target: 0.9990", "target: 0.9\n      targetPercent: 90", 14, 7, "spec.objectives[0]", "target and"),
    (SLO, "      target: 0.9990\n", "", 14, 7, "spec.objectives[0]", "got none of them"),
    (SLO, "alertPolicyRef: page", "alertPolicyRef: Page", 19, 23, "spec.alertPolicies[0].alertPolicyRef", "63"),
    (CALENDAR_SLO, "12:00:00", "12:00:00Z", 21, 20, "spec.timeWindow[0].calendar.startTime", "without a zone"),
    (CALENDAR_SLO, "01-01", "02-30", 21, 20, "spec.timeWindow[0].calendar.startTime", "YYYY-MM-DD HH:MM:SS"),
    (CALENDAR_SLO, "America/New_York", "Mars/Olympus", 22, 19, "spec.timeWindow[0].calendar.timeZone", "IANA"),
    (CALENDAR_SLO, "    - op: lt\n      value", "    - value", 25, 7, "spec.objectives[0].op", "a threshold"),
    (CALENDAR_SLO, "1m\n", "soon\n", 29, 24, "spec.objectives[0].timeSliceWindow", "a number of minutes"),
    (CALENDAR_SLO, "0.95", "0", 28, 24, "spec.objectives[0].timeSliceTarget", "above 0, at most 1"),
    (CALENDAR_SLO, "example.org/owner", "Example_/owner", 7, 5, "metadata.annotations.Example_/owner", "DNS-NAME"),
    (COMPOSITE_SLO, "compositeWeight: 0.7", "compositeWeight: 0", 12, 24, "spec.objectives[0].compositeWeight", "> 0"),
    (COMPOSITE_SLO, "  service: web-shop", "  service: web-shop\n  indicatorRef: answers", 6, 3, "spec", "got both"),
    (ALERT_POLICY, "    - conditionRef: burns-fast\n", "    []\n", 9, 5, "spec.conditions", "exactly 1 condition"),
    (ALERT_CONDITION, "14.4", "fast", 9, 16, "spec.condition.threshold", "expected a number"),
    (ALERT_CONDITION, "  severity: page\n", "", 6, 3, "spec.severity", "expected a value"),
]


@pytest.mark.parametrize(("text", "old", "new", "line", "column", "field", "reason"), REFUSALS)
def test_a_problem_says_where_what_and_what_was_expected(
    text: str, old: str, new: str, line: int, column: int, field: str, reason: str
) -> None:
    assert old in text
    problem = read(text.replace(old, new, 1)).problems[0]
    assert (problem.line, problem.column, problem.field) == (line, column, field)
    assert reason.replace("> 0", "above 0") in problem.reason


FOREIGN = [
    ("apiVersion: openslo/v1alpha\nkind: SLO\n", 1, "OpenSLO v1alpha"),
    ("# first\napiVersion: openslo.com/v2alpha\nkind: SLO\n", 2, "OpenSLO v2alpha"),
    ("kind: PrometheusServiceLevel\napiVersion: sloth.slok.dev/v1\n", 2, "PrometheusServiceLevel of Sloth"),
    ('version: "prometheus/v1"\nservice: home\n', 1, "specification of Sloth"),
    ("apiVersion: sre.google.com/v2\nkind: ServiceLevelObjective\n", 1, "configuration of slo-generator"),
    ("service_name: a\nslo_name: b\n", 2, "configuration of slo-generator"),
    ("\n\ngroups: []\n", 3, "Prometheus rules"),
    ("apiVersion: apps/v1\nkind: Deployment\n", 1, "expected apiVersion: openslo/v1"),
    ("kind: SLO\n", 1, "expected openslo/v1"),
    ("- a\n", 1, "expected a document with apiVersion"),
]


@pytest.mark.parametrize(("text", "line", "reason"), FOREIGN)
def test_other_formats_are_refused_for_what_they_are(text: str, line: int, reason: str) -> None:
    (problem,) = read(text).problems
    assert problem.line == line
    assert reason in problem.reason


def test_a_name_is_taken_once_within_a_kind() -> None:
    (problem,) = read(f"{SERVICE}---\n{SERVICE}").problems
    assert (problem.line, problem.field) == (12, "metadata.name")
    assert "line 1 has this one" in problem.reason


def test_a_threshold_that_is_referred_to_needs_something_to_compare_with() -> None:
    threshold = CALENDAR_SLO.split("  indicator:\n")[1].split("  timeWindow")[0].replace("    ", "", 1)
    sli = "apiVersion: openslo/v1\nkind: SLI\n" + "\n".join(line.removeprefix("    ") for line in threshold.split("\n"))
    slo = SLO.replace("answers", "latency")
    fields = {problem.field for problem in read(f"{sli}---\n{slo}").problems}
    assert {"spec.objectives[0].op", "spec.objectives[0].value", "spec.objectives"} <= fields


WARNINGS = [
    (SLO, "4w", "1M", "spec.timeWindow[0].duration", "have no length OpenSLO defines"),
    (SLO, "4w", "1M", "spec.timeWindow[0].duration", "months, quarters and years that roll"),
    (SLO, "4w", "1m", "spec.timeWindow[0].duration", "m means minutes"),
    (SLO, "99.5", "0.995", "spec.objectives[1].targetPercent", "less than one percent"),
    (SLO, "displayName: SLA", "displayName: no", "spec.objectives[1].displayName", "unless it is quoted"),
    (SLO, "  service:", "  timewindow: 1\n  service:", "spec.timewindow", "no such field here; kept"),
    (SERVICE, '"12"', "12", "metadata.labels.tags", "unless it is quoted"),
    (CALENDAR_SLO, "        timeZone: America/New_York\n", "", "spec.timeWindow[0].calendar.startTime", "no zone"),
    (CALENDAR_SLO, "2022-01-01 12", "2022-11-06 01", "spec.timeWindow[0].calendar.startTime", "comes twice"),
    (CALENDAR_SLO, "2022-01-01 12", "2022-03-13 02", "spec.timeWindow[0].calendar.startTime", "comes never"),
    (CALENDAR_SLO, "1m\n", "5\n", "spec.objectives[0].timeSliceWindow", "means minutes"),
    (CALENDAR_SLO, "op: lt", "op: lte", "spec.objectives[0].op", "equals the limit is good"),
    (CALENDAR_SLO, "example.org", "openslo.com", "metadata.annotations.openslo.com/owner", "reserved"),
    (COMPOSITE_SLO, "30d", "30d", "spec.objectives", "composite"),
    (SLI, "metricSourceRef: metrics", "metricSourceRef: m", "spec.ratioMetric.good.metricSource.metricSourceRef", "no"),
    (SLI, "{query: good}", "{apiKey: x}", "spec.ratioMetric.good.metricSource.spec.apiKey", "a credential"),
    (texts.DATA_SOURCE, "url:", "secretAccessKey:", "spec.connectionDetails.secretAccessKey", "a credential"),
]


@pytest.mark.parametrize(("text", "old", "new", "field", "reason"), WARNINGS)
def test_traps_are_warned_of(text: str, old: str, new: str, field: str, reason: str) -> None:
    reading = read(text.replace(old, new, 1))
    assert reading.problems == []
    assert any(warning.field == field and reason in warning.reason for warning in reading.warnings)


def test_a_value_that_looks_like_a_credential_is_not_repeated() -> None:
    reading = read(texts.DATA_SOURCE.replace("url: https", "password: hunter2"))
    assert "hunter2" not in str((reading.warnings, reading.problems))


TRAPS_OF_YAML = [
    ("a: &x [1]\nb: *x\n", 2, "aliases"),
    ("a: 1\nb: {c: 1, c: 2}\n", 2, "expected each key once"),
    ("a: 1\na: 2\n", 2, "line 1 has it already"),
    ("a: !!python/object:os.system x\n", 1, "without a tag"),
    ("a: 1\n<<: {b: 1}\n", 2, "merging"),
    ("? [a]\n: 1\n", 1, "expected a text as the key"),
    ("%YAML 1.2\n---\na: 1\n", 1, "directive"),
    ("a: 1\nb: [\n", 3, "this is no YAML"),
    ("a:\n\t- 1\n", 2, "this is no YAML"),
    ("[" * 40 + "]" * 40, 1, "levels below one another"),
    ("a: " + "[" * 20_000, 1, "levels below one another"),
    ("[" + "1," * 100_001 + "]", 1, "at most 100,000 values"),
    ("a: " + "x" * 100_001, 1, "at most 100,000 characters"),
    ("a: 1\n" * 300_000, 1, "at most 1 MiB"),
    ("---\na: 1\n" * 1_001, 2_001, "at most 1,000 documents"),
    ("", 1, "at least one document"),
    ("# nothing\n---\n", 1, "at least one document"),
]


@pytest.mark.parametrize(("text", "line", "reason"), TRAPS_OF_YAML)
def test_what_could_be_a_trap_for_a_reader_is_refused(text: str, line: int, reason: str) -> None:
    assert any(problem.line == line and reason in problem.reason for problem in read(text).problems)


def test_a_document_is_not_larger_than_readers_can_take() -> None:
    (problem,) = read(f"{SERVICE}{'# more to say' * 6_000}\n---\n{SLO}").problems
    assert (problem.line, problem.reason) == (1, "expected at most 64 KiB of text in one document")


def test_a_word_of_any_length_is_looked_at_in_no_time() -> None:
    assert (
        read(SERVICE.replace("identity", "1" * 99_999 + "x")).problems[0].reason.startswith("expected at most 64 KiB")
    )
    assert read(SERVICE.replace("identity", "1" * 60_000 + "x")).problems == []


def test_aliases_within_aliases_are_not_expanded() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30))
    problems = read(f"l0: &l0 lol\n{levels}\n").problems
    assert 0 < len(problems) <= 1_000


def test_a_file_that_is_no_text_is_refused_with_its_line() -> None:
    assert read_bytes(b"a: 1\nb: \xff\n").problems[0].line == 2
    assert read_bytes(("\ufeff" + SERVICE).encode()).problems == []
    assert read_bytes(SERVICE.replace("\n", "\r\n").encode()).problems == []
