"""Runs migrations over asyncpg as the owner of the tables: one at a time, and never waiting long for a lock."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import assessment.models  # noqa: F401  adds its tables to the metadata
from services.models import metadata

MIGRATION_LOCK = 7_316_401
"""Advisory lock that lets one process migrate while others wait."""


def migrate(connection: Connection) -> None:
    """Run the migrations on an open connection."""
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
    connection.commit()
    try:
        with context.begin_transaction():
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            connection.execute(text("SET LOCAL citus.multi_shard_modify_mode TO 'sequential'"))
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.commit()


async def run() -> None:
    """Connect to the configured server and migrate."""
    engine = create_async_engine(str(context.config.get_main_option("sqlalchemy.url")), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("migrations run against a server; offline SQL is not supported")
asyncio.run(run())
