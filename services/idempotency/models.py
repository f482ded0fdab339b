"""The keys under which callers may repeat a change, and what came of it the first time."""

from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.db import Base, Recorded, Tenant, Writes, table_info


class IdempotencyKey(Base, Tenant, Recorded):
    """A key an account gave with a change: what it asked for, as a digest, and what came of it.

    `outcome` holds the answer: ids, counts, and the words of a refusal, which may name what was asked for, a person's
    key among it; never a secret. It is null for a result that is shown only once, and emptied once the key is forgotten
    or a person it names is.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("organisation_id", "recorded_by", "key"),
        {"info": table_info(Writes.REPLACE, moves=False)},
    )
    key: Mapped[str]
    operation: Mapped[str]
    input_sha256: Mapped[str]
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
