"""The command `slm`: one file of options and help; what a command does is imported when it is called."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer

from slm.cli_bundle import app as bundle_app
from slm.cli_openslo import app as openslo_app

app = typer.Typer(
    name="slm",
    help="Service Level Management: agreements, clocks, breaches and reviews, with the records behind every answer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
organisation_app = typer.Typer(help="Organisations: the tenants of this installation.", no_args_is_help=True)
token_app = typer.Typer(help="API tokens: how programs and people identify themselves.", no_args_is_help=True)
person_app = typer.Typer(help="People, and what is on record about them.", no_args_is_help=True)
import_app = typer.Typer(help="Import what other systems recorded.", no_args_is_help=True)
assess_app = typer.Typer(help="Maturity by the records, and by what people claim.")
app.add_typer(assess_app, name="assess")
app.add_typer(organisation_app, name="organisation")
app.add_typer(token_app, name="token")
app.add_typer(import_app, name="import")
app.add_typer(bundle_app, name="bundle")
app.add_typer(person_app, name="person")
app.add_typer(openslo_app, name="openslo")

Organisation = Annotated[str, typer.Option("--organisation", help="The organisation's key.", show_default=False)]
Readable = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False)]
ImportProfile = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="How this export is written, and what is promised.")
]
ImportService = Annotated[str | None, typer.Option(help="Key of the service the tickets belong to.")]
ImportTimeZone = Annotated[str | None, typer.Option(help="IANA zone of times written without an offset.")]
KeepGood = Annotated[bool, typer.Option("--keep-good", help="Store the good rows although others fail.")]
ListOfRejections = Annotated[Path | None, typer.Option(help="Where to list rejected rows.")]
Role = Literal["viewer", "manager", "administrator", "ingest", "auditor"]


@app.callback()
def begin(context: typer.Context) -> None:
    """Say in the audit trail which command changed what."""
    from services.origin import Origin, originating

    context.with_resource(originating(Origin(f"slm {context.invoked_subcommand}")))


@app.command()
def demo(
    incidents: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Also import this ServiceNow export.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to serve on [default: 8000]")] = None,
    once: Annotated[bool, typer.Option("--once", help="Print the summary and stop, without serving.")] = False,
) -> None:
    """Load a generated organisation, say what its numbers tell, and serve it on this machine without a token."""
    from slm.commands.demo import run_demo

    run_demo(incidents=incidents, port=port, once=once)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on [default: 8000]")] = None,
) -> None:
    """Serve the GraphQL API."""
    from slm.commands.serve import run_serve

    run_serve(host=host, port=port)


@app.command()
def worker() -> None:
    """Record what falls due by itself: breaches at their due instants, and periods that end."""
    from slm.commands.work import run_worker

    run_worker()


@app.command()
def migrate() -> None:
    """Bring the database to this program's schema."""
    from slm.commands.database import run_migrate

    run_migrate()


@app.command()
def migration(name: Annotated[str, typer.Argument(help="What changes.", show_default=False)]) -> None:
    """Draft a migration from the models, to be read and finished by hand."""
    from slm.commands.database import draft_migration

    draft_migration(name)


@app.command()
def database() -> None:
    """Say how to connect to the database with psql."""
    from slm.commands.database import show_connection

    show_connection()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file.", show_default=False)],
) -> None:
    """Write everything in the database, all organisations and their tokens' hashes, to a file."""
    from slm.commands.database import run_backup

    run_backup(file)


@app.command()
def restore(file: Readable) -> None:
    """Fill an empty database from a backup, and bring it to this program's schema."""
    from slm.commands.database import run_restore

    run_restore(file)


@app.command()
def sdl(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the committed file is current.")] = False,
) -> None:
    """Write the GraphQL schema to schema/schema.graphql."""
    from slm.commands.sdl import write_sdl

    write_sdl(check=check)


@app.command()
def review(
    organisation: Organisation,
    month: Annotated[str | None, typer.Option(help="YYYY-MM: tickets closed in this month.")] = None,
    opened_from: Annotated[str | None, typer.Option(help="YYYY-MM-DD: tickets opened on this day or later.")] = None,
    opened_before: Annotated[str | None, typer.Option(help="YYYY-MM-DD: tickets opened before this day.")] = None,
) -> None:
    """Tell the truth about an organisation's service levels, in a form to forward."""
    from slm.commands.review import run_review

    run_review(organisation, month=month, opened_from=opened_from, opened_before=opened_before)


@app.command()
def contracts(
    organisation: Organisation,
    file: Annotated[Path | None, typer.Option(help="Write it to this file instead of printing it.")] = None,
    written_as: Annotated[
        Literal["csv", "html"], typer.Option("--format", help="A file for a spreadsheet, or a document to print.")
    ] = "csv",
) -> None:
    """List the contracts with suppliers: who owns them, when they end, and whether what rests on them is backed."""
    from slm.commands.contracts import run_contracts

    run_contracts(organisation, file=file, written_as=written_as)


@app.command()
def train(
    organisation: Organisation,
    as_of: Annotated[str | None, typer.Option(help="YYYY-MM-DD: use only what was known when this day began.")] = None,
) -> None:
    """Learn from finished tickets and periods, and keep the result as a new version of the models."""
    from slm.commands.forecasting import run_train

    run_train(organisation, as_of=as_of)


@app.command()
def forecast(
    organisation: Organisation,
    as_of: Annotated[str | None, typer.Option(help="YYYY-MM-DD: forecast as of the beginning of this day.")] = None,
    if_due: Annotated[bool, typer.Option("--if-due", help="Only unless done within the hour; trains weekly.")] = False,
) -> None:
    """Say which tickets and targets will likely breach, and why."""
    from slm.commands.forecasting import run_forecast

    run_forecast(organisation, as_of=as_of, if_due=if_due)


@app.command()
def align(
    organisation: Organisation,
    everything: Annotated[bool, typer.Option("--everything", help="Judge all again, not only what changed.")] = False,
) -> None:
    """Say whether what was promised to customers can be kept by what is promised below."""
    from slm.commands.align import run_align

    run_align(organisation, everything=everything)


@app.command()
def backtest(
    organisation: Organisation,
    cut_off: Annotated[
        str, typer.Option(help="YYYY-MM-DD: train on what was known when it began.", show_default=False)
    ],
    until: Annotated[str | None, typer.Option(help="YYYY-MM-DD: judge by what was known then [default: now]")] = None,
) -> None:
    """Show how good forecasts would have been: trained on the past of a day, tested on what came after it."""
    from slm.commands.forecasting import run_backtest

    run_backtest(organisation, cut_off=cut_off, until=until)


@assess_app.callback(invoke_without_command=True)
def assess(
    context: typer.Context,
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="The organisation's key.", show_default=False)
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="YYYY-MM-DD or an instant: what was on record then [default: now]")
    ] = None,
) -> None:
    """Score an organisation's maturity by its records: the level, what limits it, what is claimed beside it, and what
    cannot be told."""
    if context.invoked_subcommand is not None:
        return
    if organisation is None:
        raise typer.BadParameter("say which organisation is to be assessed", param_hint="--organisation")
    from slm.commands.assess import run_assess

    run_assess(organisation, as_of=as_of)


@assess_app.command("questionnaire")
def print_questionnaire(
    pattern: Annotated[list[str] | None, typer.Argument(help="Ids such as G1 [default: all]")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the file to fill in instead of the questions.")] = False,
) -> None:
    """Print what people are asked: each pattern with its five levels, whom to ask, and which records show it."""
    from slm.commands.questionnaire import run_questionnaire

    run_questionnaire(pattern or [], as_csv=csv)


@assess_app.command("answers")
def record_answers(
    file: Readable,
    organisation: Organisation,
    title: Annotated[str, typer.Option(help="The assessment they belong to; started if need be.", show_default=False)],
    as_of: Annotated[
        str | None, typer.Option(help="YYYY-MM-DD or an instant: whose records to compare with [default: now]")
    ] = None,
    keep_open: Annotated[bool, typer.Option("--keep-open", help="Take more answers before it is scored.")] = False,
) -> None:
    """Record the answers of a CSV file, whole or not at all, and score what is claimed beside the records."""
    from slm.commands.assess import run_answers

    run_answers(file, organisation=organisation, title=title, as_of=as_of, keep_open=keep_open)


@app.command()
def check(
    organisation: Annotated[str | None, typer.Option(help="Key of the one to check [default: all]")] = None,
    tickets: Annotated[int, typer.Option(min=0, help="Tickets to replay, others every day.")] = 1_000,
    whole: Annotated[bool, typer.Option("--whole", help="Replay every ticket.")] = False,
) -> None:
    """Check what must hold over the stored facts; says what does not, and exits with 1. Changes nothing."""
    from slm.commands.check import run_check

    run_check(organisation=organisation, tickets=None if whole else tickets)


@import_app.command("servicenow")
def import_servicenow(
    file: Readable,
    organisation: Organisation,
    profile: ImportProfile = None,
    service: ImportService = None,
    time_zone: ImportTimeZone = None,
    keep_good: KeepGood = False,
    rejections: ListOfRejections = None,
) -> None:
    """Import an export of ServiceNow incidents: CSV, CSV.gz or Parquet. Importing it again changes nothing."""
    from services.tickets.sources.columns import Layout
    from slm.commands.importing import run_import

    run_import(
        file, layout=Layout.UPDATES, organisation=organisation, profile=profile, service=service, time_zone=time_zone,
        keep_good=keep_good, rejections=rejections,
    )  # fmt: skip


@import_app.command("tickets")
def import_tickets(
    file: Readable,
    organisation: Organisation,
    profile: ImportProfile = None,
    service: ImportService = None,
    time_zone: ImportTimeZone = None,
    keep_good: KeepGood = False,
    rejections: ListOfRejections = None,
) -> None:
    """Import a list of tickets, one row each: CSV, CSV.gz or Parquet. Importing it again changes nothing."""
    from services.tickets.sources.columns import Layout
    from slm.commands.importing import run_import

    run_import(
        file, layout=Layout.TICKETS, organisation=organisation, profile=profile, service=service, time_zone=time_zone,
        keep_good=keep_good, rejections=rejections,
    )  # fmt: skip


@import_app.command("task-sla")
def import_task_sla(
    file: Readable,
    organisation: Organisation,
    profile: ImportProfile = None,
    time_zone: ImportTimeZone = None,
    keep_good: KeepGood = False,
    rejections: ListOfRejections = None,
) -> None:
    """Record the clocks of ServiceNow's table task_sla (CSV or Parquet) beside ours. Import the incidents first."""
    from slm.commands.importing_clocks import run_clock_import
    from slm.importing_clocks import ClockSource

    run_clock_import(
        file, source=ClockSource.TASK_SLA, organisation=organisation, profile=profile, time_zone=time_zone,
        keep_good=keep_good, rejections=rejections,
    )  # fmt: skip


@import_app.command("jira-sla")
def import_jira_sla(
    file: Readable,
    organisation: Organisation,
    profile: ImportProfile = None,
    time_zone: ImportTimeZone = None,
    keep_good: KeepGood = False,
    rejections: ListOfRejections = None,
) -> None:
    """Record the SLA cycles of Jira Service Management (JSON or CSV) beside our clocks. Import the issues first."""
    from slm.commands.importing_clocks import run_clock_import
    from slm.importing_clocks import ClockSource

    run_clock_import(
        file, source=ClockSource.JIRA, organisation=organisation, profile=profile, time_zone=time_zone,
        keep_good=keep_good, rejections=rejections,
    )  # fmt: skip


@organisation_app.command("create")
def create_organisation(
    key: Annotated[str, typer.Argument(help="Short name in lower case, for programs.", show_default=False)],
    name: Annotated[str | None, typer.Option(help="Name for people [default: the key]")] = None,
    time_zone: Annotated[str, typer.Option(help="IANA time zone of its days and months.")] = "UTC",
) -> None:
    """Create an organisation."""
    from slm.commands.access import create_organisation

    create_organisation(key, name=name, time_zone=time_zone)


@organisation_app.command("delete")
def delete_organisation(
    key: Annotated[str, typer.Argument(help="The organisation's key.", show_default=False)],
    confirm: Annotated[str | None, typer.Option(help="Its key again; without it nothing is deleted.")] = None,
) -> None:
    """Delete an organisation with every record of it, for ever, as the owner of the tables."""
    from slm.commands.deletion import run_delete_organisation

    run_delete_organisation(key, confirm=confirm)


@person_app.command("pseudonymise")
def pseudonymise_person(
    key: Annotated[str, typer.Argument(help="The person's key.", show_default=False)],
    organisation: Organisation,
    confirm: Annotated[str | None, typer.Option(help="Their key again; without it nothing is done.")] = None,
    ticket_name: Annotated[
        list[str] | None, typer.Option(help="What tickets call them; as the owner of the tables. Repeat for several.")
    ] = None,
) -> None:
    """Replace a person's name, key and address by a pseudonym for ever; what they did stays on record."""
    from slm.commands.pseudonyms import run_pseudonymise

    run_pseudonymise(key, organisation=organisation, confirm=confirm, ticket_names=ticket_name or ())


@token_app.command("create")
def create_token(
    organisation: Organisation,
    role: Annotated[Role, typer.Option(help="What its bearer may do.", show_default=False)],
    label: Annotated[str, typer.Option(help="Who or what will use it.", show_default=False)],
    expires_in_days: Annotated[int | None, typer.Option(min=1, max=3660, help="[default: never expires]")] = None,
    party: Annotated[
        str | None, typer.Option(help="Key of the customer, team or supplier it is for; it sees what concerns it.")
    ] = None,
) -> None:
    """Make an API token and print its secret, once."""
    from slm.commands.access import create_token

    create_token(organisation, role=role, label=label, expires_in_days=expires_in_days, party=party)


@token_app.command("list")
def list_tokens(organisation: Organisation) -> None:
    """List API tokens: whose they are, until when they admit, and when they were last used."""
    from slm.commands.access import list_tokens

    list_tokens(organisation)


@token_app.command("rotate")
def rotate_token(
    token_id: Annotated[str, typer.Argument(help="The token's id, as printed when it was made.", show_default=False)],
    organisation: Organisation,
    overlap_hours: Annotated[float, typer.Option(min=0, max=168, help="How long the old one still admits.")] = 0,
    expires_in_days: Annotated[
        int | None, typer.Option(min=1, max=3660, help="[default: as long as the old one was made for]")
    ] = None,
) -> None:
    """Put a new API token in the place of one, and print its secret, once."""
    from slm.commands.access import rotate_token

    rotate_token(organisation, token_id, overlap_hours=overlap_hours, expires_in_days=expires_in_days)


@token_app.command("revoke")
def revoke_token(
    token_id: Annotated[str, typer.Argument(help="The token's id, as printed when it was made.", show_default=False)],
    organisation: Organisation,
) -> None:
    """Make an API token worthless, at once."""
    from slm.commands.access import revoke_token

    revoke_token(organisation, token_id)


def main() -> None:
    """Run the command line. Exits with 0, 1 for a refusal, 2 for wrong usage."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as failure:
        _refuse(failure)


def _terminate(_signal: int, _frame: Any) -> NoReturn:
    """Leave by the front door, so that the local database is released."""
    raise SystemExit(128 + signal.SIGTERM)


def _refuse(failure: Exception) -> NoReturn:
    """Say what is wrong in red; a defect says so, and where to find its traceback."""
    from rich.console import Console

    from services.errors import Invalid, ServiceError
    from slm.postgres_binaries import LocalDatabaseError

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not isinstance(failure, (ServiceError, LocalDatabaseError)):
        if os.environ.get("SLM_LOG_LEVEL") == "debug":
            raise failure
        console.print(f"defect: {type(failure).__name__}: {failure}", style="bold red", markup=False)
        console.print("Run it again with SLM_LOG_LEVEL=debug to see where, and please report it.", markup=False)
        sys.exit(1)
    console.print(f"error: {failure}", style="bold red", markup=False)
    for problem in failure.problems if isinstance(failure, Invalid) else ():
        console.print(f"  {problem.field or 'input'}: {problem.message}", style="red", markup=False)
    sys.exit(1)
