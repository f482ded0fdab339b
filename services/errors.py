"""The errors a caller can act on. Everything else is a defect, masked at the edge and logged with its trace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with one input: `field` is its dotted path (`windows.2.opens`), `message` what was expected."""

    field: str
    message: str


class ServiceError(Exception):
    """Base of every refusal. `code` is stable and part of the API; `message` is for people."""

    code: ClassVar[str] = "ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(ServiceError):
    """The object does not exist in this organisation (or is not visible to the caller, which looks the same)."""

    code = "NOT_FOUND"


class Invalid(ServiceError):
    """The input cannot be accepted; `problems` names every field at fault."""

    code = "INVALID"

    def __init__(self, message: str, problems: Sequence[FieldProblem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class Conflict(ServiceError):
    """The input contradicts what is already recorded, for example a key that is taken.

    `current_version` is that of what was to be edited, where somebody else edited it first.
    """

    code = "CONFLICT"

    def __init__(self, message: str, *, current_version: int | None = None) -> None:
        super().__init__(message)
        self.current_version = current_version


class TryAgain(Conflict):
    """Others were changing the same things at the same moment and one had to give way; nothing was changed."""

    code = "TRY_AGAIN"


class TryAgainLater(TryAgain):
    """Somebody held what the request needs for as long as it may wait; nothing was changed. Repeating it at once does
    not help: it has waited already."""


class TookTooLong(ServiceError):
    """A statement ran for longer than a request may keep the database busy, and was given up; nothing was changed."""

    code = "TOOK_TOO_LONG"


class AnswerTooLarge(ServiceError):
    """An answer is only right as a whole and would have more rows than one may have: a part looks like the whole."""

    code = "ANSWER_TOO_LARGE"


class NotPermitted(ServiceError):
    """The caller is known but its role does not allow this."""

    code = "NOT_PERMITTED"


class NotAuthenticated(ServiceError):
    """No caller could be established: the token is missing, unknown, expired or revoked."""

    code = "NOT_AUTHENTICATED"


class Unavailable(ServiceError):
    """The database cannot be reached at the moment; nothing is wrong with the request, and it may succeed later."""

    code = "UNAVAILABLE"
