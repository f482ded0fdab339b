"""Asking a refusal what it is about."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.errors import Invalid


@contextmanager
def refused_fields(*fields: str) -> Iterator[None]:
    """The block raises Invalid about exactly these fields, in any order."""
    with pytest.raises(Invalid) as refusal:
        yield
    assert sorted(problem.field for problem in refusal.value.problems) == sorted(fields)
    assert all(problem.message for problem in refusal.value.problems)
