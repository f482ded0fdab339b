"""Refusals before GraphQL is reached, in the shape its clients read: `{"errors": [{"message", "extensions"}]}`."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


def refusal(
    status: int,
    code: str,
    message: str,
    *,
    trace_id: str | None = None,
    headers: Mapping[str, str] | None = None,
    media_type: str | None = None,
) -> JSONResponse:
    """An answer with one error; `code` is stable, `message` is for people. JSON unless another `media_type` is said."""
    extensions = {"code": code} | ({"traceId": trace_id} if trace_id else {})
    content = {"errors": [{"message": message, "extensions": extensions}]}
    return JSONResponse(content, status, headers, media_type=media_type)
