"""Whether an answer is the one the oracle gives: data, order of keys, and every error."""

from collections.abc import Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLError

from schema.errors import MOST_ERRORS
from tests.oracle.evaluate import ANY_OF
from tests.oracle.opaque import decoded_cursor


def difference(answer: Mapping[str, Any], expected: ExecutionResult) -> str | None:
    """What an answer, as JSON has it, says otherwise than the oracle; None when nothing."""
    return _different_data(answer.get("data"), expected.data, "data") or _different_errors(
        answer.get("errors") or [], expected.errors or [], lost=expected.data is None
    )


def _different_data(found: Any, expected: Any, where: str) -> str | None:
    match found, expected:
        case dict(), dict():
            if list(found) != list(expected):
                return f"{where}: keys {list(found)}, expected {list(expected)}"
            pairs = ((f"{where}.{key}", found[key], expected[key]) for key in found)
            return next((told for where_, one, other in pairs if (told := _different_data(one, other, where_))), None)
        case list(), list():
            if len(found) != len(expected):
                return f"{where}: {len(found)} items, expected {len(expected)}"
            items = enumerate(zip(found, expected, strict=True))
            return next((told for i, (a, b) in items if (told := _different_data(a, b, f"{where}.{i}"))), None)
    if isinstance(found, bool) == isinstance(expected, bool) and found == expected:
        return None
    if isinstance(found, str) and isinstance(expected, str) and _same_cursor(found, expected):
        return None
    return f"{where}: {found!r}, expected {expected!r}"


def _same_cursor(found: str, expected: str) -> bool:
    """Cursors are opaque: two spellings of one position are one cursor."""
    try:
        return decoded_cursor(found) == decoded_cursor(expected)
    except ValueError:
        return False


def _different_errors(found: list[Any], expected: list[GraphQLError], *, lost: bool) -> str | None:
    """Errors come in any order. Where all data is lost, one error that explains it is enough."""
    remaining = list(expected)
    for error in found[:MOST_ERRORS]:
        same = next((each for each in remaining if _is_same(error, each)), None)
        if same is None:
            return f"errors: {error}, expected one of {[_told(each) for each in remaining]}"
        remaining.remove(same)
    if remaining and not (found and lost) and len(expected) <= MOST_ERRORS:
        return f"errors: none as expected, {[_told(each) for each in remaining]}"
    return None


def _is_same(error: Any, expected: GraphQLError) -> bool:
    code = (error.get("extensions") or {}).get("code")
    said = (expected.extensions or {}).get(ANY_OF, [(None, expected.message)])
    return error.get("path") == expected.path and (code, error["message"]) in said


def _told(error: GraphQLError) -> Any:
    return error.path, (error.extensions or {}).get(ANY_OF) or error.message
