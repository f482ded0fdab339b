"""What a client gave, as a compiled plan may use it: bound to a statement, or decided upon and so part of the plan.

A plan compiled for one request serves others whose variables differ. Whatever compilation *decides* by looking at a
value is kept as a guard, which must decide alike for the next request; whatever it only *binds* is found again among
the next request's variables. Nothing else can be done with a value, so a plan cannot depend on one unnoticed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, TypeVar

from graphql.execution.values import VariableValues

from services.organisations.rules import Actor

T = TypeVar("T")

_NOT_YET = object()
"""Stands for a value that has not been worked out."""


@dataclass(slots=True)
class Request:
    """Who asks, and the variables that came along, coerced; and what plans have found among them already."""

    actor: Actor
    variables: VariableValues
    found: dict["Given", Any] = field(default_factory=dict, compare=False, repr=False)


Source = Callable[[Request], Any]
"""Finds a value in a request. Raises Refused where the request gives something that cannot be used."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What a plan takes for granted about a request."""

    given: "Given"
    decide: Callable[[Any], Any]
    decision: Any

    def holds(self, request: Request) -> bool:
        """Whether the same would be decided for this request."""
        return bool(self.decide(self.given.find(request)) == self.decision)


class Given:
    """A value as one request gives it, and where the next request has it.

    Of a value that varies nothing is kept here: a plan that holds it holds nothing that a client sent.
    """

    __slots__ = ("_constant", "_inputs", "_kept", "_source")

    def __init__(
        self, inputs: "Inputs", *, constant: Any = None, source: Source | None = None, kept: bool = True
    ) -> None:
        """What is always the same; with a source, what each request has there. It is looked for in the first at once.

        `kept`: with the request, once it was found; not worth it where it is only looked up, or looked for once.
        Raises what the source refuses.
        """
        self._inputs, self._constant, self._source, self._kept = inputs, constant, source, kept
        if source is not None:
            self.find(inputs.request)

    @property
    def varies(self) -> bool:
        """Whether another request may give something else."""
        return self._source is not None

    @property
    def now(self) -> Any:
        """The value in the request compiled for: to be bound or counted, never to be decided by."""
        return self._constant if self._source is None else self.find(self._inputs.request)

    def find(self, request: Request) -> Any:
        """The value in another request."""
        source = self._source
        if source is None:
            return self._constant
        if not self._kept:
            return source(request)
        value = request.found.get(self, _NOT_YET)
        if value is _NOT_YET:
            value = request.found[self] = source(request)
        return value

    def decided(self, decide: Callable[[Any], T]) -> T:
        """What `decide` makes of the value, which the plan holds to from now on."""
        decision = decide(self.now)
        if self._source is not None:
            self._inputs.hold(Guard(self, decide, decision))
        return decision

    @property
    def absent(self) -> bool:
        """Whether it is null or not given, decided."""
        return self.decided(_is_none)

    def derived(self, derive: Callable[[Any], Any], *, kept: bool = True) -> "Given":
        """What `derive`, which may refuse, makes of the value."""
        if self._source is None:
            return Given(self._inputs, constant=derive(self._constant))
        find = self._finds
        return Given(self._inputs, source=lambda request: derive(find(request)), kept=kept)

    def derived_for(self, derive: Callable[[Any, Actor], Any], *, kept: bool = True) -> "Given":
        """The same where it depends on who asks."""
        find = self._finds
        return Given(self._inputs, source=lambda request: derive(find(request), request.actor), kept=kept)

    def item(self, key: Any) -> "Given":
        """An element of the value."""
        return self.derived(itemgetter(key), kept=False)

    @property
    def _finds(self) -> Source:
        """What does as `find` does, as directly as may be."""
        return self.find if self._source is None or self._kept else self._source


def _is_none(value: Any) -> bool:
    return value is None


class Inputs:
    """What one request gives to the compilation of a plan, and the guards that compilation leaves."""

    def __init__(self, request: Request) -> None:
        self._request: Request | None = request
        self.guards: list[Guard] = []

    @property
    def request(self) -> Request:
        """The request compiled for, until it is forgotten."""
        assert self._request is not None, "a plan is used as if it were still being compiled"  # noqa: S101
        return self._request

    def forget_request(self) -> None:
        """The plan is compiled: it may be kept for long, and a request may be large."""
        self._request = None

    def hold(self, guard: Guard) -> None:
        """Have the plan serve only requests of which the guard holds; what is decided once more is kept once."""
        if not any(guard.given is kept.given and guard.decide is kept.decide for kept in self.guards):
            self.guards.append(guard)

    def constant(self, value: Any) -> Given:
        """A value that stands in the document, or is ours."""
        return Given(self, constant=value)

    def given(self, source: Source, *, kept: bool = True) -> Given:
        """A value of the request."""
        return Given(self, source=source, kept=kept)
