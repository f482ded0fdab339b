"""What the caller may see: predicates of every level of a statement, and refusals of what is not shown to it at all."""

from dataclasses import dataclass

from schema.planner.parameters import ORGANISATION
from schema.planner.refusal import not_shown
from schema.planner.tables import Table
from services.organisations.rules import Actor
from services.scope import PartyView, party_view


@dataclass(frozen=True)
class Fence:
    """The organisation's fence and, for an account of a party, the party's within it."""

    actor: Actor

    def predicates(self, table: Table, alias: str, type_name: str) -> tuple[str, ...]:
        """SQL texts that hold of every row the caller may see; Refused when it sees no object of the type."""
        own = f"{table.column(alias, 'organisation_id')} = {ORGANISATION}"
        party = self.actor.party
        if party is None:
            return (own,)
        rows = _view(table).rows.get(party.kind)
        if rows is None:
            raise not_shown(type_name)
        return (own, rows(alias, party.kind))

    def sees(self, table: Table) -> bool:
        """Whether the caller may see any row of the table."""
        return self.actor.party is None or self.actor.party.kind in _view(table).rows

    def check(self, table: Table, attribute: str, what: str) -> None:
        """Refuse to read, filter or sort by a column that is not shown to the caller."""
        if self.actor.party is not None and attribute in _view(table).hidden:
            raise not_shown(what)


def _view(table: Table) -> PartyView:
    return party_view(table.name)
