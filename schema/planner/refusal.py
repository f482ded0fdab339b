"""Errors of a query that its author can act on; their text reaches the client."""

from graphql import GraphQLError


class Refused(GraphQLError):
    """The query asks for something that cannot be given; `extensions.code` says what kind of fault it is."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})


def bad_page(message: str) -> Refused:
    """The arguments of a connection contradict each other or exceed the limits."""
    return Refused("BAD_PAGE", message)


def bad_cursor(message: str) -> Refused:
    """A cursor is not one that this connection gave in this order."""
    return Refused("BAD_CURSOR", message)


def bad_id(message: str) -> Refused:
    """An id is not one that this API gave, or belongs to another type than expected."""
    return Refused("BAD_ID", message)


def bad_filter(message: str) -> Refused:
    """A filter exceeds the limits or contradicts itself."""
    return Refused("BAD_FILTER", message)


def too_costly(message: str) -> Refused:
    """The query could return more than the limits allow."""
    return Refused("TOO_COSTLY", message)


def not_shown(what: str) -> Refused:
    """Something that accounts of a party, or of this kind of party, do not see of anybody."""
    return Refused("NOT_PERMITTED", f"{what} is not shown to accounts of a party of this kind")


def bad_text(message: str) -> Refused:
    """Text that no stored value can equal."""
    return Refused("BAD_TEXT", message)
