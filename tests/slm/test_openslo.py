"""Files of OpenSLO go in whole or not at all, going in twice is the same as once, and they come out as they went in."""

from decimal import Decimal
from pathlib import Path

import pytest

from services.db import Database
from services.errors import NotFound
from services.measurement.openslo_import import Change
from services.measurement.sources.openslo.documents import read
from services.measurement.sources.openslo.objectives import objectives
from services.organisations.queries import organisation_key
from services.organisations.rules import Actor
from slm.openslo import Kept, check_files, export_all, import_files
from tests.factories.definitions import available, new_agreement, new_calendar, new_service, target
from tests.factories.organisations import new_actor, unique_key
from tests.services.measurement.sources.openslo.texts import CALENDAR_SLO, COMPOSITE_SLO, SLI, SLO, WHOLE
from tests.slm.test_cli import slm

FILE = "slos.yaml"
ANNOTATED = SLO.replace(
    "  displayName: The shop", "  annotations:\n    slm.internal/target: mail-sla/up\n  displayName: The shop"
)


async def imported(database: Database, actor: Actor, *texts: str, dry_run: bool = False) -> Kept:
    contents = {f"{number}-{FILE}": text.encode() for number, text in enumerate(texts)}
    return await import_files(database, contents, organisation_key=await key_of(database, actor), dry_run=dry_run)


async def key_of(database: Database, actor: Actor) -> str:
    async with database.reading(actor.organisation_id) as session:
        return await organisation_key(session, organisation_id=actor.organisation_id)


async def exported(database: Database, actor: Actor) -> str:
    return (await export_all(database, organisation_key=await key_of(database, actor))).text


def added(kept: Kept) -> list[tuple[str, str]]:
    return [(entry.what, entry.key) for entry in kept.entries if entry.change is Change.ADDED]


async def test_what_was_imported_is_exported_as_it_was(database: Database, actor: Actor) -> None:
    kept = await imported(database, actor, WHOLE, CALENDAR_SLO, COMPOSITE_SLO)
    assert (kept.kept, kept.problems) == (True, [])
    assert {("service", "web-shop"), ("indicator", "answers"), ("indicator", "latency")} <= set(added(kept))
    text = await exported(database, actor)
    assert text == f"{WHOLE}---\n{CALENDAR_SLO}---\n{COMPOSITE_SLO}"
    again = await imported(database, actor, text)
    assert (again.kept, added(again)) == (False, [])
    other = await new_actor(database)
    await imported(database, other, text)
    assert await exported(database, other) == text


async def test_comments_stay_with_their_document_when_files_become_one(database: Database, actor: Actor) -> None:
    apart = (f"# of the SLI\n---\n{SLI}# end", f"# of the SLO\n---\n{SLO}---\n", f"--- # whole\n{COMPOSITE_SLO}...\n")
    await imported(database, actor, *apart)
    text = await exported(database, actor)
    assert not (await imported(database, actor, text)).kept
    assert await exported(database, actor) == text


async def test_a_dry_run_says_the_same_and_keeps_nothing(database: Database, actor: Actor) -> None:
    dry = await imported(database, actor, WHOLE, dry_run=True)
    assert (dry.kept, await exported(database, actor)) == (False, "")
    assert dry.entries == (await imported(database, actor, WHOLE)).entries


async def test_another_text_is_another_version(database: Database, actor: Actor) -> None:
    await imported(database, actor, WHOLE)
    changed = await imported(database, actor, WHOLE.replace("0.9990", "0.999"))
    assert [entry.key for entry in changed.entries if entry.change is Change.CHANGED] == ["SLO/shop-answers"]
    assert "target: 0.999\n" in await exported(database, actor)


async def test_nothing_is_kept_when_one_document_of_one_file_is_wrong(database: Database, actor: Actor) -> None:
    kept = await imported(database, actor, WHOLE, COMPOSITE_SLO.replace("0.99\n", "99\n"))
    ((file, problem),) = kept.problems
    assert (file, problem.line, problem.field) == (f"1-{FILE}", 11, "spec.objectives[0].target")
    assert (kept.kept, await exported(database, actor)) == (False, "")


async def test_an_slo_is_about_the_target_it_names_and_its_indicator_watches_it(
    database: Database, actor: Actor
) -> None:
    service = await new_service(database, actor, "web-shop")
    await new_agreement(database, actor, service, availability=[available()])
    kept = await imported(database, actor, SLI, ANNOTATED)
    assert ("indicator of a target", "answers -> mail-sla/up") in added(kept)
    # The target is stated by a document that was imported: it is not stated a second time.
    text = await exported(database, actor)
    assert text == f"{SLI}---\n{ANNOTATED}"
    assert not added(await imported(database, actor, text))


async def test_an_slo_that_names_a_target_there_is_not_is_refused_with_its_line(
    database: Database, actor: Actor
) -> None:
    kept = await imported(database, actor, SLI, ANNOTATED)
    ((file, problem),) = kept.problems
    assert (file, problem.line, problem.value) == (f"1-{FILE}", 6, "mail-sla/up")
    assert "expected AGREEMENT/TARGET of a target there is" in problem.reason
    assert (await exported(database, actor)) == ""


async def test_an_slo_about_a_target_of_another_service_is_refused(database: Database, actor: Actor) -> None:
    await new_service(database, actor, "web-shop")
    other = await new_service(database, actor, "mail")
    await new_agreement(database, actor, other, availability=[available()])
    ((_, problem),) = (await imported(database, actor, SLI, ANNOTATED)).problems
    assert "a target about the service web-shop" in problem.reason


async def test_an_slo_of_an_unknown_service_is_kept_with_a_warning_until_there_is_one(
    database: Database, actor: Actor
) -> None:
    kept = await imported(database, actor, SLI, SLO)
    assert kept.kept
    assert any("there is no service 'web-shop'" in found.reason for _, found in kept.warnings)
    await new_service(database, actor, "web-shop")
    later = await imported(database, actor, SLI, SLO)
    assert [(entry.change, entry.key) for entry in later.entries if entry.change is not Change.UNCHANGED] == [
        (Change.ADDED, "answers"), (Change.CHANGED, "SLO/shop-answers"),
    ]  # fmt: skip


async def test_targets_that_never_were_documents_are_exported_as_sound_ones(database: Database, actor: Actor) -> None:
    service = await new_service(database, actor, "web.shop")
    calendar = await new_calendar(database, actor)
    whole = available(key="whole", objective_percent=Decimal(100))
    rolling = available(key="rolling", period=None, rolling_days=28)
    await new_agreement(database, actor, service, target(calendar), availability=[available(), whole, rolling])
    told = await export_all(database, organisation_key=await key_of(database, actor))
    assert [unstated.target for unstated in told.unstated] == ["mail-sla/whole"]
    reading = read(told.text)
    assert reading.problems == []
    stated = {objective.target: objective for each in reading.documents[1:] for objective in objectives(each.root)}
    assert {key: (each.target_percent, each.window_duration, each.service) for key, each in stated.items()} == {
        "mail-sla/resolve": (95, "1M", "web.shop"),
        "mail-sla/rolling": (available().objective_percent, "28d", "web.shop"),
        "mail-sla/up": (available().objective_percent, "1M", "web.shop"),
    }
    timed = next(each.root for each in reading.documents if each.name == "mail-sla-resolve")
    assert timed.text("metadata", "annotations", "slm.internal/duration-seconds") == "28800"
    assert timed.text("metadata", "annotations", "slm.internal/calendar") == "office"
    assert stated["mail-sla/resolve"].window_time_zone == "Europe/London"
    kept = await imported(database, actor, told.text)
    assert kept.problems == []
    assert await exported(database, actor) == told.text


def test_files_may_refer_to_one_another_and_say_each_document_once() -> None:
    apart = check_files({"sli": SLI.encode(), "slo": SLO.encode()})
    fields = {found.field for _, found in apart.warnings}
    assert "spec.indicatorRef" not in fields
    assert "spec.alertPolicies[0].alertPolicyRef" in fields
    ((file, problem),) = check_files({"a": SLI.encode(), "b": SLI.encode()}).problems
    assert (file, "a has it already" in problem.reason) == ("b", True)


async def test_there_must_be_an_organisation(database: Database) -> None:
    with pytest.raises(NotFound):
        await import_files(database, {FILE: WHOLE.encode()}, organisation_key=unique_key("nobody"))


def test_files_are_checked_taken_in_and_written(database_url: str, tmp_path: Path) -> None:
    key, file, out = unique_key("slo"), tmp_path / FILE, tmp_path / "out.yaml"
    file.write_text(WHOLE.replace("4w", "4 weeks"))
    wrong = slm("openslo", "check", str(tmp_path))
    assert (wrong.code, f"{file}:47:17: spec.timeWindow[0].duration: expected a duration" in wrong.out) == (1, True), (
        wrong
    )
    file.write_text(WHOLE)
    checked = slm("openslo", "check", str(file))
    assert (checked.code, "7 documents of OpenSLO v1, nothing wrong" in checked.out) == (0, True), checked
    slm("organisation", "create", key, DATABASE_URL=database_url)
    dry = slm("openslo", "import", str(file), "--organisation", key, "--dry-run", DATABASE_URL=database_url)
    assert (dry.code, "9 added, 0 changed, 0 unchanged." in dry.out, "nothing was kept" in dry.out) == (0, True, True)
    done = slm("openslo", "import", str(file), "--organisation", key, DATABASE_URL=database_url)
    assert (done.code, "9 added, 0 changed, 0 unchanged." in done.out) == (0, True), done
    written = slm("openslo", "export", str(out), "--organisation", key, DATABASE_URL=database_url)
    assert (written.code, out.read_text()) == (0, WHOLE), written
    again = slm("openslo", "export", str(out), "--organisation", key, DATABASE_URL=database_url)
    assert (again.code, "expected a new file" in again.err) == (1, True), again
