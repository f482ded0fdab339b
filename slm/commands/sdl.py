"""`slm sdl`: the GraphQL schema as text, committed so that its changes are reviewed like code."""

from pathlib import Path

from rich.console import Console

from schema.root import build_schema
from services.errors import Conflict

FILE = Path(__file__).resolve().parents[2] / "schema" / "schema.graphql"


def schema_text() -> str:
    """The schema definition language of the API as it is now."""
    return build_schema().as_str().rstrip() + "\n"


def write_sdl(*, check: bool) -> None:
    """Write the file, or with `check` raise Conflict when it is not current."""
    current = schema_text()
    if not check:
        FILE.write_text(current)
        Console(highlight=False).print(f"Wrote {FILE.relative_to(FILE.parents[1])}.")
    elif not FILE.exists() or FILE.read_text() != current:
        raise Conflict("schema/schema.graphql is not current: run `slm sdl` and review the difference")
