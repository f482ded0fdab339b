"""What every input must satisfy: keys, names and instants, with all that is wrong said at once.

A command makes one `Problems`, lets every check add to it, and calls `refuse` before it writes anything.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.errors import FieldProblem, Invalid

LONGEST_NAME = 200
LONGEST_NOTE = 4_000
LONGEST_EMAIL = 254
LARGEST_AMOUNT = Decimal(10) ** 15
AMOUNT_PLACES = 2
FIRST_YEAR, LAST_YEAR = 1970, 2200

_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Problems:
    """Collects what is wrong with an input; `under("windows", 2)` speaks of a part of it."""

    def __init__(self, found: list[FieldProblem] | None = None, path: str = "") -> None:
        self._found = [] if found is None else found
        self._path = path

    def under(self, *steps: str | int) -> "Problems":
        """The same collection, with this path before every field."""
        return Problems(self._found, "".join((self._path, *(f"{step}." for step in steps))))

    def add(self, field: str, message: str) -> None:
        """One thing wrong with `field`."""
        self._found.append(FieldProblem(f"{self._path}{field}".rstrip("."), message))

    def refuse(self, message: str) -> None:
        """Raise Invalid with everything found so far, if anything was."""
        if self._found:
            raise Invalid(message, self._found)

    def key(self, field: str, value: str) -> None:
        """A key names an object to people and to other systems, and may be part of a file name or an address."""
        if not _KEY.fullmatch(value):
            self.add(
                field,
                "expected 1 to 63 lower-case letters, digits, '.', '_' or '-', beginning with a letter or digit",
            )

    def text(self, field: str, value: str, *, longest: int = LONGEST_NAME, required: bool = True) -> None:
        """Text for people: not blank where required, at most `longest` characters, and storable."""
        if required and not value.strip():
            self.add(field, "expected some text")
        elif len(value) > longest:
            self.add(field, f"expected at most {longest} characters, got {len(value)}")
        elif not _is_storable(value):
            self.add(field, "expected text without NUL characters and lone surrogates")

    def instant(self, field: str, value: datetime) -> None:
        """An instant names its offset from UTC and lies where every part of the program can compute with it."""
        if value.tzinfo is None:
            self.add(field, "expected an instant with its offset from UTC")
        elif not FIRST_YEAR <= value.year <= LAST_YEAR:
            self.add(field, f"expected an instant in the years {FIRST_YEAR} to {LAST_YEAR}, got {value.isoformat()}")

    def past(self, field: str, value: datetime, now: datetime) -> None:
        """An instant at which something happened: not after `now`."""
        self.instant(field, value)
        if value.tzinfo is not None and value > now:
            self.add(field, "expected an instant that has come")

    def amount(self, field: str, value: Decimal | None) -> None:
        """An amount of money, if one is given."""
        if value is None:
            return
        if not value.is_finite() or not 0 <= value < LARGEST_AMOUNT:
            self.add(field, f"expected an amount from 0 to below {LARGEST_AMOUNT:,}")
        elif value != round(value, AMOUNT_PLACES):
            self.add(field, f"expected at most {AMOUNT_PLACES} decimal places")

    def currency(self, field: str, value: str | None) -> None:
        """A currency by its three letters, if one is given; whether there is such a one is not known here."""
        if value is not None and not _CURRENCY.fullmatch(value):
            self.add(field, "expected the three letters of a currency, such as EUR")

    def email(self, field: str, value: str) -> None:
        """Something@somewhere: whether it can be delivered is known only by sending."""
        if len(value) > LONGEST_EMAIL or not _EMAIL.fullmatch(value) or not _is_storable(value):
            self.add(field, "expected an e-mail address such as name@example.org")

    def time_zone(self, field: str, value: str) -> None:
        """An IANA zone, for example Europe/London."""
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            self.add(field, f"expected an IANA time zone such as Europe/London, got {value[:LONGEST_NAME]!r}")

    def at_most(self, field: str, values: Collection[object], limit: int) -> bool:
        """Whether a list is short enough to look into."""
        if len(values) > limit:
            self.add(field, f"expected at most {limit} entries, got {len(values)}")
            return False
        return True

    def distinct(self, field: str, values: Sequence[str]) -> None:
        """No value of a list occurs twice."""
        repeated = sorted(value for value, count in Counter(values).items() if count > 1)
        if repeated:
            self.add(field, f"expected each value once, got {', '.join(repeated[:5])} more than once")


def _is_storable(text: str) -> bool:
    """PostgreSQL takes any text but NUL characters; a lone half of a surrogate pair is no text at all."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
