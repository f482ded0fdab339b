"""Global ids: opaque to clients, one spelling made in SQL and in Python.

An id is the base64url of the type's name, a colon, the organisation and the row, so that nothing has to be looked up
without knowing its organisation.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from schema.planner.refusal import bad_id
from services.organisations.rules import Actor

LONGEST_ID = 200
UUID_BYTES = 16


@dataclass(frozen=True)
class GlobalIdentity:
    """What a global id says."""

    type_name: str
    organisation_id: UUID
    id: UUID


def id_beginning(type_name: str, actor: Actor) -> tuple[str, bytes]:
    """What the ids of a type begin with in an organisation: base64url of whole groups of three bytes, and the rest."""
    return _id_beginning(type_name, actor.organisation_id)


@lru_cache(maxsize=4_096)
def _id_beginning(type_name: str, organisation_id: UUID) -> tuple[str, bytes]:
    known = f"{type_name}:".encode() + organisation_id.bytes
    whole = len(known) // 3 * 3
    return encode_base64url(known[:whole]), known[whole:]


def global_id_end_sql(type_name: str, rest: str, id_column: str) -> str:
    """SQL text of what follows the beginning of a row's global id, from SQL texts of its rest and of the row's id."""
    padded = len(f"{type_name}:") % 3 != 1  # whole groups of three bytes, together with two ids of sixteen
    return _base64url(f"{rest} || uuid_send({id_column})", padded=padded)


def any_global_id_sql(type_name: str, organisation: str, id_column: str) -> str:
    """SQL text of the global id of a row whose type's name is known only in SQL."""
    named = f"convert_to({type_name} || ':', 'UTF8')"
    return base64url_sql(f"{named} || uuid_send({organisation}) || uuid_send({id_column})")


def base64url_sql(binary: str) -> str:
    """SQL text of the unpadded base64url of a bytea expression."""
    return f"replace({_base64url(binary)}, E'\\n', '')"


def _base64url(binary: str, *, padded: bool = True) -> str:
    """The same for at most 57 bytes, of which `encode` makes one line, unless `padded` without padding to cut off."""
    text = f"replace(replace(encode({binary}, 'base64'), '+', '-'), '/', '_')"
    return f"rtrim({text}, '=')" if padded else text


def encode_global_id(type_name: str, organisation_id: UUID, id_: UUID) -> str:
    """The same spelling as `global_id_sql`."""
    return encode_base64url(f"{type_name}:".encode() + organisation_id.bytes + id_.bytes)


@lru_cache(maxsize=4_096)
def decode_global_id(text: str) -> GlobalIdentity:
    """Read a global id; Refused (BAD_ID) when it is not one."""
    try:
        if len(text) > LONGEST_ID:
            raise ValueError
        name, separator, ids = decode_base64url(text).partition(b":")
        if not separator or len(ids) != 2 * UUID_BYTES:
            raise ValueError
        return GlobalIdentity(name.decode("ascii"), UUID(bytes=ids[:UUID_BYTES]), UUID(bytes=ids[UUID_BYTES:]))
    except (ValueError, Base64Error) as malformed:
        raise bad_id("expected an id that this API gave") from malformed


def encode_base64url(binary: bytes) -> str:
    """Unpadded base64url."""
    return urlsafe_b64encode(binary).decode("ascii").rstrip("=")


def decode_base64url(text: str) -> bytes:
    """Read unpadded base64url strictly; ValueError when it is not."""
    binary = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if encode_base64url(binary) != text:
        raise ValueError("not in canonical base64url")
    return binary
