"""Global ids: opaque to clients, one spelling made in SQL and in Python.

An id begins with the base64url of the type's name, a colon and the organisation, so that nothing has to be looked up
without knowing its organisation, and ends in the row's UUID as 32 hexadecimal digits. Only the end differs among
objects of a list, and PostgreSQL writes digits faster than base64url, for which it has no function.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from schema.planner.refusal import bad_id
from services.organisations.rules import Actor

LONGEST_ID = 200
UUID_BYTES, UUID_DIGITS = 16, 32


@dataclass(frozen=True)
class GlobalIdentity:
    """What a global id says."""

    type_name: str
    organisation_id: UUID
    id: UUID


def id_beginning(type_name: str, actor: Actor) -> str:
    """What the ids of a type begin with in the caller's organisation."""
    return _beginning(type_name, actor.organisation_id)


@lru_cache(maxsize=4_096)
def _beginning(type_name: str, organisation_id: UUID) -> str:
    return encode_base64url(f"{type_name}:".encode() + organisation_id.bytes)


def global_id_end_sql(id_column: str) -> str:
    """SQL text of what follows the beginning of a row's global id, from SQL text of the row's id."""
    return f"encode(uuid_send({id_column}), 'hex')"


def any_global_id_sql(type_name: str, organisation: str, id_column: str) -> str:
    """SQL text of the global id of a row whose type's name is known only in SQL."""
    begins = base64url_sql(f"convert_to({type_name} || ':', 'UTF8') || uuid_send({organisation})")
    return f"{begins} || {global_id_end_sql(id_column)}"


def base64url_sql(binary: str) -> str:
    """SQL text of the unpadded base64url of a bytea expression; one `translate` in place of four takes longer."""
    alphabet = f"replace(replace(encode({binary}, 'base64'), '+', '-'), '/', '_')"
    return f"rtrim(replace({alphabet}, E'\\n', ''), '=')"


def encode_global_id(type_name: str, organisation_id: UUID, id_: UUID) -> str:
    """The same spelling as in SQL."""
    return _beginning(type_name, organisation_id) + id_.hex


@lru_cache(maxsize=4_096)
def decode_global_id(text: str) -> GlobalIdentity:
    """Read a global id; Refused (BAD_ID) when it is not one."""
    try:
        if len(text) > LONGEST_ID:
            raise ValueError
        name, separator, organisation = decode_base64url(text[:-UUID_DIGITS]).partition(b":")
        id_ = UUID(bytes=_decode_hex(text[-UUID_DIGITS:]))
        if not separator or len(organisation) != UUID_BYTES:
            raise ValueError
        return GlobalIdentity(name.decode("ascii"), UUID(bytes=organisation), id_)
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


def _decode_hex(digits: str) -> bytes:
    binary = bytes.fromhex(digits)
    if binary.hex() != digits:
        raise ValueError("not in lower-case hexadecimal digits")
    return binary
