"""Setting up and updating an organisation from files people write."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.agreements.models import AgreementVersion, TargetVersion
from services.db import Database
from services.errors import Invalid
from services.organisations.models import Department, OrganisationKey, Person
from services.organisations.queries import find_organisation
from slm.bundles import files
from slm.bundles.definitions.bringing import Brought, bring_definitions
from slm.bundles.definitions.kinds import Change
from slm.bundles.definitions.registry import KINDS
from slm.bundles.definitions.writing import write_definitions
from tests.factories.organisations import new_actor, unique_key
from tests.factories.world import new_world
from tests.statements import Statements

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
LATER = datetime(2026, 7, 1, tzinfo=UTC)

ACME: dict[str, str] = {
    "organisation.yaml": "- {name: Acme Ltd, time_zone: Europe/London}\n",
    "departments.csv": "key,name,parent\nstores,Stores,retail\nretail,Retail,\n",
    "parties.csv": "key;name;kind\nacme;Acme;customer\ncloud;Cloud Ltd;supplier\n",
    "people.csv": "\ufeffkey,name,email,department,party\nann,Ann Ödegård,ann@example.org,stores,\nbob,Bob,,,cloud\n",
    "roles.csv": "person,role,valid_from,valid_until\nann,cio,2025-01-01,\nbob,vendor_manager,2025-01-01,2026-01-01\n",
    "calendars.yaml": """
- key: office
  name: Office hours
  valid_from: 2025-01-01
  time_zone: Europe/London
  hours: [monday-thursday 09:00-17:30, "fri,saturday 22:00-02:00"]
  holidays: [2026-05-04 May Day]
  closures: [2026-12-24T12:00Z/2026-12-24T18:00Z Party]
""",
    "services.csv": "key,name,description,criticality,department\nmail,Mail,Mailboxes,important,retail\n",
    "service_owners.csv": "service,person,kind,valid_from\nmail,ann,business_owner,2025-01-01T00:00Z\n",
    "service_milestones.csv": "service,kind,occurred_at,note\nmail,go_live,2025-02-01,First users\n",
    "requirements.csv": (
        "key,service,valid_from,statement,metric,comparison,target_value,unit,business_outcome,cost_of_failure,reason\n"
        "mail-up,mail,2025-01-01,Mail works,availability,at_least,99.5,%,,,First\n"
    ),
    "requirement_approvals.csv": "requirement,valid_from,person,decided_at,note\nmail-up,,ann,2025-01-05,\n",
    "requirement_waivers.csv": "requirement,valid_from,valid_until,person,reason\n"
    "mail-up,2026-01-01,2026-02-01,ann,Move\n",
    "agreements.csv": (
        "key,name,kind,service,customer,provider,valid_from,reason\nmail-sla,Mail,sla,mail,acme,cloud,2025-02-01,First\n"
        "hosting,Hosting,uc,mail,,cloud,2025-02-01,First\n"
    ),
    "targets.csv": (
        "agreement,valid_from,key,name,calendar,duration,objective_percent,stop_states,pause_states,priorities,points\n"
        "mail-sla,2025-02-01,resolve,Resolved,office,8h,95,resolved;closed,awaiting_customer,1 - High;2 - Low,\n"
        "hosting,2025-02-01,resolve,Resolved,office,4h,95,resolved;closed,,,\n"
        "mail-sla,2025-02-01,respond,Taken up,office,1h 30m,90,in_progress;resolved;closed,,,80% 1h;100%24h\n"
    ),
    "availability_targets.csv": (
        "agreement,valid_from,key,name,objective_percent,rolling_days,calendar,maintenance_excluded,maintenance\n"
        "mail-sla,2025-02-01,up,There,99.9,30,office,yes,2h\n"
    ),
    "target_requirements.csv": (
        "target,requirement,valid_from\nmail-sla/resolve,mail-up,2025-02-01\nmail-sla/up,mail-up,2025-02-01\n"
    ),
    "design_gates.csv": "service,key,name,held_at,outcome,note\nmail,design,Design,2025-01-10,passed,Fine\n",
    "design_gate_participations.csv": "design_gate,person,role,kind\nmail/design,ann,customer,signed\n",
    "contract_clauses.csv": "agreement,reference,text,metric,comparison,value,unit\n"
    "mail-sla,4.2,Mail is up,availability,at_least,99.5,%\n",
    "clause_requirements.csv": "clause,requirement,binding,valid_from\nmail-sla/4.2,mail-up,yes,2025-02-01\n",
    "indicators.csv": "key,name,service,metric,unit\nmail-up,Uptime,mail,availability,%\n",
    "indicator_targets.csv": "target,indicator,valid_from\nmail-sla/resolve,mail-up,2025-02-01\n",
    "monitors.csv": "key,name,indicator,source\nprobe,Probe,mail-up,gateway\n",
    "monitor_installations.csv": "monitor,valid_from,valid_until\nprobe,2025-02-01,2026-02-01\nprobe,2026-03-01,\n",
    "monitor_reports.csv": "monitor,last_data_at\nprobe,2026-05-01\n",
    "dashboard_tiles.csv": "key,name,dashboard,url\nuptime,Uptime,Wall,https://wall.example.org\n",
    "tile_placements.csv": "tile,valid_from,valid_until\nuptime,2025-02-01,2026-04-01\n",
    "tile_monitors.csv": "tile,monitor,valid_from\nuptime,probe,2025-02-01\n",
    "components.csv": (
        "key,name,kind,service,valid_from,provider,gate,at_least,needs,reason\n"
        "mail-system,Mail system,,mail,2025-01-01,,all_of,,hosts;network,First\n"
        "hosts,Hosts,group,,2025-01-01,,at_least,1,host-a;host-b,\n"
        "host-a,Host A,,,2025-01-01,cloud,,,,\n"
        "host-b,Host B,,,2025-01-01,cloud,,,,\n"
        "network,Network,,,2025-01-01,,,,,\n"
    ),
    "service_structures.csv": "service,valid_from,component,reason\nmail,2025-02-01,mail-system,First\n",
    "response_chains.csv": (
        "key,name,service,valid_from,stop_states,hops,reason\n"
        "mail-repair,Repair,mail,2025-02-01,resolved;closed,mail-system;host-a + host-b,\n"
    ),
    "component_supports.csv": "agreement,component,valid_from,valid_until\nhosting,host-a,2025-02-01,2026-02-01\n",
    "agreement_terms.csv": (
        "agreement,term_ends_at,notice_days,renewal,coverage,exclusions,monthly_maintenance,force_majeure,currency,"
        "fee_amount,fee_period,at_risk_percent,signed_at,credit_bands\n"
        "mail-sla,2027-02-01,90,our_option,office,strikes;wars,4h,yes,EUR,1000,month,15,2025-01-20,"
        "up 0-99 20%;up 99-99.9 10.5%;resolve 0-95 50\n"
    ),
    "agreement_participations.csv": (
        "agreement,person,part,role,valid_from,valid_until\n"
        "mail-sla,ann,owner,cio,2025-01-01,\nmail-sla,ann,signer,,2025-01-01,2025-03-01\n"
    ),
    "procurement_events.csv": (
        "agreement,kind,occurred_at,criterion,person\nmail-sla,awarded,2025-01-10,price_only,ann\n"
        "mail-sla,signed,2025-01-20,,ann\n"
    ),
    "procurement_recommendations.csv": (
        "agreement,person,recommended_at,statement,answer,decided_at,decided_by,reason\n"
        "mail-sla,ann,2025-01-11,Ask for credits,rejected,2025-01-12,ann,Too late\n"
    ),
    "cadences.csv": "key,name,rhythm,service,starts_on,time_zone,tolerance_days,calendar\n"
    "review,Review,monthly,mail,2025-03-01,Europe/London,,office\n",
}


def bundle(path: Path, content: Mapping[str, str]) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in content.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


async def bring(database: Database, path: Path, key: str, now: datetime = NOW, **options: object) -> Brought:
    with files.reading(path) as read:
        return await bring_definitions(database, read, key=key, now=now, **options)  # type: ignore[arg-type]


async def organisation_of(database: Database, key: str) -> UUID:
    async with database.reading(None) as session:
        found = await find_organisation(session, key=key)
    assert found is not None
    return found


@pytest.fixture
async def acme(database: Database, tmp_path: Path) -> str:
    key = unique_key("acme")
    brought = await bring(database, bundle(tmp_path / "acme", ACME), key)
    assert brought.problems == []
    assert brought.kept
    return key


async def test_a_whole_organisation_is_set_up_at_once_and_again_changes_nothing(
    database: Database, acme: str, tmp_path: Path
) -> None:
    again = await bring(database, tmp_path / "acme", acme)
    assert (again.problems, again.kept) == ([], False)
    assert {entry.change for entry in again.entries} == {Change.UNCHANGED}
    assert {entry.kind for entry in again.entries} == {kind.name for kind in KINDS if kind.part_of is None}
    assert not any(again.left_alone.values())


async def test_what_is_exported_says_what_was_brought_in(database: Database, acme: str, tmp_path: Path) -> None:
    organisation_id = await organisation_of(database, acme)
    async with database.snapshot(organisation_id) as session:
        with files.writing(tmp_path / "exported") as writer:
            await write_definitions(session, writer, organisation_id=organisation_id)
    back = await bring(database, tmp_path / "exported", acme)
    assert (back.problems, {entry.change for entry in back.entries}) == ([], {Change.UNCHANGED})
    copied = unique_key("copy")
    assert (await bring(database, tmp_path / "exported", copied)).problems == []
    again = await bring(database, tmp_path / "acme", copied)
    assert (again.problems, {entry.change for entry in again.entries}) == ([], {Change.UNCHANGED})


async def test_a_dry_run_says_the_difference_and_keeps_nothing(database: Database, tmp_path: Path) -> None:
    key = unique_key("acme")
    dry = await bring(database, bundle(tmp_path / "acme", ACME), key, dry_run=True)
    assert (dry.problems, dry.kept) == ([], False)
    assert dry.count(Change.ADDED) == len(dry.entries) == 48
    async with database.reading(None) as session:
        assert await find_organisation(session, key=key) is None


CHANGES = {
    "departments.csv": "key,name,parent\nstores,Shops,\n",
    "people.csv": "key,email\nbob,bob@example.org\n",
    "roles.csv": "person,role,valid_from,valid_until\nann,cio,2025-01-01,2026-06-01\n",
    "calendars.csv": "key,name,hours\noffice,Office,mon-fri 08:00-18:00\n",
    "services.csv": "key,criticality\nmail,critical\n",
    "requirements.csv": "key,target_value\nmail-up,99.9\n",
    "agreements.csv": "key,reason\nmail-sla,Faster\n",
    "targets.csv": "agreement,key,duration,promised\nmail-sla,resolve,4h,\nmail-sla,respond,1h,no\n",
    "cadences.csv": "key,ends_on,end_reason\nreview,2026-07-01,Weekly now\n",
}


async def test_an_update_says_before_and_after_and_makes_new_versions(
    database: Database, acme: str, tmp_path: Path
) -> None:
    changed = bundle(tmp_path / "changed", CHANGES)
    dry = await bring(database, changed, acme, LATER, reason="Agreed in June", dry_run=True)
    brought = await bring(database, changed, acme, LATER, reason="Agreed in June")
    assert (brought.problems, brought.entries) == ([], dry.entries)
    details = {entry.kind: {name: (was, now) for name, was, now in entry.details} for entry in brought.entries}
    assert details == {
        "departments": {"name": ("Stores", "Shops"), "parent": ("retail", "none")},
        "people": {"email": ("none", "bob@example.org")},
        "roles": {"valid_until": ("none", "2026-05-31T23:00:00Z")},
        "calendars": {
            "name": ("Office hours", "Office"),
            "hours": ("monday-thursday 09:00-17:30; friday-saturday 22:00-02:00", "monday-friday 08:00-18:00"),
            "valid_from": ("2025-01-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        },
        "services": {"criticality": ("important", "critical")},
        "requirements": {
            "target_value": ("99.5", "99.9"),
            "valid_from": ("2025-01-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        },
        "agreements": {
            "targets.resolve.duration": ("8h", "4h"),
            "targets.respond": ("promised", "none"),
            "valid_from": ("2025-02-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        },
        "cadences": {"ends_on": ("none", "2026-07-01"), "end_reason": ("none", "Weekly now")},
    }
    again = await bring(database, changed, acme, LATER, reason="Agreed in June")
    assert (again.problems, {entry.change for entry in again.entries}) == ([], {Change.UNCHANGED})
    organisation_id = await organisation_of(database, acme)
    async with database.reading(organisation_id) as session:
        agreed = select(AgreementVersion.reason).where(AgreementVersion.organisation_id == organisation_id)
        promised = select(TargetVersion.duration_seconds).where(TargetVersion.organisation_id == organisation_id)
        reasons = set(await session.scalars(agreed))
        durations = set(await session.scalars(promised))
    assert reasons == {"First", "Faster"}
    assert durations == {5_400, 28_800, 14_400}, "what was agreed first stays"


async def test_what_is_not_in_the_bundle_is_left_alone(database: Database, acme: str, tmp_path: Path) -> None:
    brought = await bring(database, bundle(tmp_path / "one", {"people.csv": "key,name\nzoe,Zoe\n"}), acme)
    assert (brought.count(Change.ADDED), brought.left_alone) == (1, {"people": 2})
    organisation_id = await organisation_of(database, acme)
    async with database.reading(organisation_id) as session:
        people = select(func.count()).select_from(Person).where(Person.organisation_id == organisation_id)
        assert (await session.execute(people)).scalar() == 3


ENDED_ROLE = "person,role,valid_from,valid_until\nbob,vendor_manager,2025-01-01,2026-02-01\n"
OTHER_NOTE = "service,kind,occurred_at,note\nmail,go_live,2025-02-01,Other\n"

WRONG = [
    ("people.csv", "key,name\nann,Ann\nann,Ann again\n", 3, "key", "line 2 is about the same already"),
    ("people.csv", "key,name\nNo Good,Ann\n", 2, "key", "expected 1 to 63 lower-case letters"),
    ("people.csv", "key,name,email\nx,X,nobody\n", 2, "email", "expected an e-mail address"),
    ("people.csv", "key,email\nx,x@example.org\n", 2, "name", "expected a value, because this is new"),
    ("people.csv", "key,name,age\nx,X,7\n", 2, "age", "there is no such column"),
    ("people.csv", "key,name\nx,=HYPERLINK(1)\n", 2, "name", "looks like a formula"),
    ("people.csv", "key,name,party\nx,X,nobody\n", 2, "party", "there is no 'nobody' in parties"),
    ("people.csv", "key,name\nx,X,Y\n", 2, "", "the row has 3 cells, the header has 2"),
    ("people.csv", 'key,name\nx,"X\n', 2, "", "this is no CSV"),
    ("people.csv", "key,key\nx,X\n", 1, "", "expected each column once"),
    ("people.csv", "", 1, "", "the file is empty"),
    ("people.csv", "key,name\nx,X\0\n", 2, "", "without NUL"),
    ("people.yaml", "- key: x\n  name: {first: X}\n", 2, "", "expected a text or a list of texts"),
    ("people.yaml", "- key: x\n- &a [*a]\n", 2, "", "expected a row of the form"),
    ("people.yaml", "- key: &a x\n  name: *a\n", 2, "", "without anchors"),
    ("people.yaml", "key: x\n", 1, "", "expected a list of rows"),
    ("people.yaml", "- key: x\n  key: y\n", 2, "", "expected each column once"),
    ("people.yaml", "- [" * 3 + "\n", 1, "", "expected a row of the form"),
    ("people.yaml", "- key: x\n  name: [a, b]\n", 1, "name", "expected one value"),
    ("people.yaml", "- key: x\n name: y\n", 2, "", "this is no YAML"),
    ("departments.csv", "key,name,parent\na,A,b\nb,B,a\n", 2, "parent", "expected no circle"),
    ("roles.csv", "person,role,valid_from\nann,king,2026-01-01\n", 2, "role", "expected one of cio"),
    ("roles.csv", "person,role,valid_from\nann,cio,tomorrow\n", 2, "valid_from", "expected a day such as"),
    ("roles.csv", "person,role,valid_from\nann,cio,2025-06-01\n", 2, "", "holds the role cio already"),
    ("roles.csv", ENDED_ROLE, 2, "valid_until", "it has ended already"),
    ("calendars.csv", "key,name,time_zone,hours\nx,X,Mars,mon 09:00-17:00\n", 2, "time_zone", "expected an IANA"),
    ("calendars.csv", "key,name,time_zone,hours\nx,X,UTC,sometimes\n", 2, "hours", "expected openings"),
    ("calendars.csv", "key,name,time_zone,hours\nx,X,UTC,mon 09:00-25:00\n", 2, "hours", "expected a time of day"),
    ("calendars.csv", "key,valid_from,hours\noffice,2025-01-01,mon 09:00-17:00\n", 2, "hours", "is not overwritten"),
    ("calendars.csv", "key,valid_from,hours\noffice,2024-01-01,mon 09:00-17:00\n", 2, "", "a new one comes after"),
    ("service_milestones.csv", OTHER_NOTE, 2, "note", "recorded as 'First users'"),
    ("requirements.csv", "key,service,statement\nmail-up,mail,Other\n", 2, "reason", "expected why there is"),
    ("requirements.csv", "key,target_value\nmail-up,NaN\n", 2, "target_value", "expected a number"),
    ("agreements.csv", "key,provider,reason\nmail-sla,acme,Other\n", 2, "provider", "never changes"),
    ("targets.csv", "agreement,key,duration\nmail-sla,resolve,4h\n", 2, "agreement", "expected a row of this"),
    ("cadences.csv", "key,rhythm\nreview,weekly\n", 2, "rhythm", "what is recorded is not overwritten"),
    ("organisation.csv", "name,time_zone\nAcme,Mars\n", 2, "time_zone", "expected an IANA time zone"),
]  # fmt: skip


@pytest.fixture(scope="session")
async def lasting_acme(database: Database, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Set up once, for tests that keep nothing."""
    key = unique_key("acme")
    assert (await bring(database, bundle(tmp_path_factory.mktemp("acme"), ACME), key)).kept
    return key


@pytest.mark.parametrize(("name", "text", "line", "column", "reason"), WRONG)
async def test_every_wrong_row_is_named_with_its_reason(
    database: Database, lasting_acme: str, tmp_path: Path, name: str, text: str, line: int, column: str, reason: str
) -> None:
    brought = await bring(database, bundle(tmp_path / "wrong", {name: text}), lasting_acme)
    found = [(problem.file, problem.line, problem.column) for problem in brought.problems]
    assert (name, line, column) in found, brought.problems
    assert any(reason in problem.reason for problem in brought.problems), brought.problems
    assert not brought.kept


async def test_all_problems_are_said_and_nothing_is_kept(database: Database, tmp_path: Path) -> None:
    key = unique_key("acme")
    wrong = {**ACME, "people.csv": "key,name,email\nann,Ann,bad\nbob!,Bob,\nx,,\n", "services.csv": "key,name\nmail,\n"}
    brought = await bring(database, bundle(tmp_path / "wrong", wrong), key)
    assert [(problem.file, problem.line, problem.column) for problem in brought.problems] == [
        ("people.csv", 4, "name"),
        ("services.csv", 2, "name"),
        ("roles.csv", 3, "person"),
        ("people.csv", 2, "email"),
        ("people.csv", 3, "key"),
    ], "causes, and not what follows from them"
    async with database.reading(None) as session:
        assert await find_organisation(session, key=key) is None


async def test_a_row_of_another_width_does_not_hide_the_rows_after_it(
    database: Database, lasting_acme: str, tmp_path: Path
) -> None:
    text = "key,name,email\nx,X\ny,Y,bad\nz,,z@example.org\n"
    brought = await bring(database, bundle(tmp_path / "wrong", {"people.csv": text}), lasting_acme)
    found = [(problem.line, problem.column) for problem in brought.problems]
    assert found == [(2, ""), (4, "name"), (3, "email")]


async def test_other_encodings_are_read_or_refused_and_never_guessed(
    database: Database, acme: str, tmp_path: Path
) -> None:
    (tmp_path / "wide").mkdir()
    (tmp_path / "wide" / "people.csv").write_bytes("key\tname\nzoe\tZoë\n".encode("utf-16"))
    assert (await bring(database, tmp_path / "wide", acme)).count(Change.ADDED) == 1
    (tmp_path / "wide" / "people.csv").write_bytes("key,name\nyan,Yan\nxoe,Xoë\n".encode("latin-1"))
    [problem] = (await bring(database, tmp_path / "wide", acme)).problems
    assert (problem.line, "not UTF-8" in problem.reason) == (3, True)


async def test_a_file_of_no_known_kind_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"persons\.csv: there is no such kind"):
        await bring(database, bundle(tmp_path / "bad", {"persons.csv": "key\n"}), unique_key("acme"))
    with pytest.raises(Invalid, match=r"people\.yaml: people\.csv is about people already"):
        await bring(
            database, bundle(tmp_path / "two", {"people.csv": "key\n", "people.yaml": "[]"}), unique_key("acme")
        )


async def test_however_many_people_take_few_statements(
    database: Database, statements: Statements, tmp_path: Path
) -> None:
    key, people = unique_key("acme"), "".join(f"person-{number:04d},Person {number}\n" for number in range(200))
    many = bundle(tmp_path / "many", {"people.csv": f"key,name\n{people}"})
    statements.clear()
    brought = await bring(database, many, key)
    assert (brought.count(Change.ADDED), brought.problems) == (201, [])
    assert len(statements.texts) < 80, len(statements.texts)
    statements.clear()
    assert not (await bring(database, many, key)).kept
    assert len(statements.texts) < 50


async def test_the_exported_definitions_of_a_world_with_everything_are_unchanged(
    database: Database, tmp_path: Path
) -> None:
    world = await new_world(database, await new_actor(database))
    organisation_id = world.actor.organisation_id
    async with database.snapshot(organisation_id) as session:
        with files.writing(tmp_path / "exported") as writer:
            await write_definitions(session, writer, organisation_id=organisation_id)
        own = OrganisationKey.organisation_id == organisation_id
        key = (await session.execute(select(OrganisationKey.key).where(own))).scalar_one()
        departments = select(func.count()).select_from(Department).where(Department.organisation_id == organisation_id)
        assert (await session.execute(departments)).scalar() == 2
    back = await bring(database, tmp_path / "exported", key)
    assert (back.problems, {entry.change for entry in back.entries}) == ([], {Change.UNCHANGED})
