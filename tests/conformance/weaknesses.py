"""What scanners of GraphQL servers look for, each as a question to an endpoint: is the weakness there?

`graphql-cop` asks these; the answers here are stricter where its own would let something pass.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

Weakness = Callable[[httpx.AsyncClient], Awaitable[bool]]

PATHS = ("/graphql", "/", "/graphiql", "/graphiql/", "/playground", "/console", "/graphql/console", "/altair")
MUTATION = "mutation { __typename }"
TYPENAME = "{ __typename }"
REVEALING = ("Traceback", "exception", "stacktrace", "File \\", ".py", "asyncpg", "sqlalchemy", "strawberry")
"""Words by which an answer tells what the server is made of."""


async def asked(client: httpx.AsyncClient, document: str) -> Any:
    """The answer to a document, however it went."""
    return (await client.post("/graphql", json={"query": document})).json()


async def answers(client: httpx.AsyncClient, document: str) -> bool:
    """Whether an operation is executed."""
    return bool((await asked(client, document)).get("data"))


async def introspection(client: httpx.AsyncClient) -> bool:
    documents = ("{ __schema { types { name } } }", '{ __type(name: "Query") { name } }')
    return any([await answers(client, document) for document in documents])


async def circular_introspection(client: httpx.AsyncClient) -> bool:
    nested = "fields { type { " * 6 + "name" + " } }" * 6
    return await answers(client, f"{{ __schema {{ types {{ {nested} }} }} }}")


async def field_suggestions(client: httpx.AsyncClient) -> bool:
    wrong = (
        "{ organisatio { key } }",
        "{ organisation { ke } }",
        '{ service(ky: "x") { key } }',
        "{ ... on Servic { id } }",
        "{ services(orderBy: KEY_AS) { totalCount } }",
        "{ services(filter: { criticalit: [HIGH] }) { totalCount } }",
        "{ organisation }",
    )
    return any(["did you mean" in json.dumps(await asked(client, document)).lower() for document in wrong])


async def page_to_explore_with(client: httpx.AsyncClient) -> bool:
    pages = [await client.get(path, headers={"Accept": "text/html"}) for path in PATHS]
    return any("html" in page.headers.get("content-type", "") or "graphiql" in page.text.lower() for page in pages)


async def queries_by_get(client: httpx.AsyncClient) -> bool:
    return '"data"' in (await client.get("/graphql", params={"query": TYPENAME})).text


async def mutations_by_get(client: httpx.AsyncClient) -> bool:
    documents = (MUTATION, f"query Q {TYPENAME} {MUTATION.replace('mutation', 'mutation M')}")
    asked = [{"query": documents[0]}, {"query": documents[1], "operationName": "M"}]
    return any(['"data"' in (await client.get("/graphql", params=each)).text for each in asked])


async def posts_of_other_sites(client: httpx.AsyncClient) -> bool:
    """A form, text, or no type at all: what a page of another site can send without asking."""
    body = json.dumps({"query": TYPENAME})
    sent = [
        await client.post("/graphql", data={"query": TYPENAME}),
        await client.post("/graphql", files={"query": (None, TYPENAME)}),
        await client.post("/graphql", files={"operations": (None, body), "map": (None, "{}")}),
        await client.post("/graphql", content=body, headers={"Content-Type": "text/plain"}),
        await client.post("/graphql", content=body),
    ]
    return any('"data"' in answer.text for answer in sent)


async def batches(client: httpx.AsyncClient) -> bool:
    answer = await client.post("/graphql", json=[{"query": TYPENAME}] * 10)
    return answer.status_code < 400 or '"data"' in answer.text


async def alias_overloading(client: httpx.AsyncClient) -> bool:
    return await answers(client, "{ " + " ".join(f"alias{number}: __typename" for number in range(101)) + " }")


async def field_duplication(client: httpx.AsyncClient) -> bool:
    return await answers(client, "{ " + "__typename " * 500 + "}")


async def directive_overloading(client: httpx.AsyncClient) -> bool:
    """Whether every one of ten faults is told, so that a small request has a large answer."""
    unknown = await asked(client, "{ __typename " + "@aa" * 10 + " }")
    return len(unknown.get("errors", [])) >= 10


async def many_errors(client: httpx.AsyncClient) -> bool:
    refused = await asked(client, "{ " + " ".join(f"nothing{number}" for number in range(200)) + " }")
    return len(refused.get("errors", [])) >= 10


async def traces(client: httpx.AsyncClient) -> bool:
    told = (await client.post("/graphql", json={"query": TYPENAME}, headers={"X-Apollo-Tracing": "1"})).json()
    return bool({"tracing", "ftv1", "debug"} & (told.get("extensions") or {}).keys())


async def debugging(client: httpx.AsyncClient) -> bool:
    """Whether a fault tells what the server is made of."""
    documents = (
        "query { ",
        "{ nothing }",
        '{ node(id: "?") { id } }',
        "\0",
        "{ tickets(first: 99999999999) { totalCount } }",
    )
    told = [json.dumps(await asked(client, document)) for document in documents]
    return any(word in answer for answer in told for word in REVEALING)


WEAKNESSES: tuple[Weakness, ...] = (
    introspection,
    circular_introspection,
    field_suggestions,
    page_to_explore_with,
    queries_by_get,
    mutations_by_get,
    posts_of_other_sites,
    batches,
    alias_overloading,
    field_duplication,
    directive_overloading,
    many_errors,
    traces,
    debugging,
)
