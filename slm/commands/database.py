"""`slm migrate`, `slm migration` and `slm database`: the schema, and the way to look at it."""

import shlex
from pathlib import Path

from alembic import command
from rich.console import Console
from sqlalchemy.engine import make_url

from slm.backup import back_up, restore
from slm.local_database import provide_database
from slm.migrate import alembic_config, upgrade
from slm.running import database_provided, read_settings, said_plainly, url_of

console = Console(highlight=False, soft_wrap=True)


def run_migrate() -> None:
    """Bring the database to the newest schema."""
    with database_provided(read_settings(), migrate=True):
        console.print("The database has this program's schema.")


def run_backup(file: Path) -> None:
    """Back up the database, the local server's or that of DATABASE_URL."""
    with database_provided(read_settings(), migrate=False) as settings, said_plainly():
        back_up(url_of(settings), file)
    console.print(f"Backed up to {file} ({file.stat().st_size:,} bytes). Whoever can read it can read everything.")


def run_restore(file: Path) -> None:
    """Restore a backup into an empty database: a new data directory's local server, or that of DATABASE_URL."""
    settings = read_settings()
    named = settings.database_url.get_secret_value() if settings.database_url else None
    with provide_database(named, settings.data_dir) as url, said_plainly():
        restore(url, file)
        upgrade(url)
    console.print(f"Restored {file}; the database has this program's schema.", markup=False)


def draft_migration(name: str) -> None:
    """Compare the models with a database at the newest migration, and write the difference as a draft."""
    with database_provided(read_settings(), migrate=True) as settings, said_plainly():
        command.revision(alembic_config(url_of(settings)), message=name, autogenerate=True)


def show_connection() -> None:
    """Print the psql command for this database, without its password. The local server runs only while it is used."""
    settings = read_settings()
    with database_provided(settings, migrate=False) as provided:
        url = make_url(url_of(provided))
    host = url.query.get("host", url.host)
    parts = {"-h": host, "-p": url.query.get("port", url.port), "-U": url.username, "-d": url.database}
    options = [text for option, value in parts.items() if value is not None for text in (option, str(value))]
    console.print(shlex.join(["psql", *options]), markup=False)
    if settings.database_url is None:
        console.print(
            f"The local database, kept in {settings.data_dir}. It runs while `slm serve`, `slm worker` or", markup=False
        )
        console.print("`slm demo` runs; you are its owner and see every organisation.", markup=False)
