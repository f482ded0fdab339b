"""The GraphiQL page, served from files kept in the repository: it works offline and asks no other host for anything."""

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

FILES = Path(__file__).resolve().parents[2] / "schema" / "graphiql"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # its editor positions the cursor with style attributes
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@dataclass(frozen=True)
class Example:
    """A query shown as a tab of its own; `name` is its operation's."""

    name: str
    query: str


def examples() -> tuple[Example, ...]:
    """The example queries, in the order of their file names."""
    return tuple(
        Example(file.stem.partition("-")[2], file.read_text())
        for file in sorted((FILES / "examples").glob("*.graphql"))
    )


def page(*, banner: str | None, tabs: Sequence[Example]) -> str:
    """The page's HTML; `banner` is text shown above the editor."""
    shown = f'<p id="banner" role="note">{html.escape(banner)}</p>' if banner else ""
    # A data block, not a script; the escape keeps it from ending early.
    data = orjson.dumps([asdict(tab) for tab in tabs]).decode().replace("<", "\\u003c")
    template = (FILES / "index.html").read_text()
    return template.replace("<!-- banner -->", shown).replace("<!-- tabs -->", data)


def serve_graphiql(app: FastAPI, *, banner: str | None) -> None:
    """Serve the page at `/` and its files below `/graphiql`."""
    content = page(banner=banner, tabs=examples())

    async def graphiql() -> HTMLResponse:
        return HTMLResponse(content, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    app.add_api_route("/", graphiql, methods=["GET"], include_in_schema=False)
    app.mount("/graphiql", StaticFiles(directory=FILES), name="graphiql")
