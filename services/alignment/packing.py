"""The worst that limited failures can do together, exactly: a linear program over fractions.

Failures have budgets; whoever fails at the same time spends from each of theirs. The most that sets of failures can
fill is the largest fractional packing of the sets into the budgets (methods E.2 and E.4: outages over minimal cut sets,
late tickets over combinations of hops). The answer is also the witness: how much of each set to play.
"""

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

MOST_SETS = 400
"""More sets than this are not decided: the caller says so."""


def worst_packing(
    budgets: Mapping[Key, Fraction], sets: Sequence[frozenset[Key]], whole: Fraction = Fraction(1)
) -> list[Fraction]:
    """How much of each set to play so that their sum is greatest, within every budget and within the whole."""
    if not sets:
        return []
    if sum(map(len, sets)) == len(frozenset().union(*sets)):
        return _one_after_the_other(budgets, sets, whole)
    return _simplex([[key for key in budgets if key in each] for each in sets], budgets, whole)


def _one_after_the_other(
    budgets: Mapping[Key, Fraction], sets: Sequence[frozenset[Key]], whole: Fraction
) -> list[Fraction]:
    """Sets that share nothing do not compete: each takes what its smallest budget allows, while there is room."""
    played = []
    for each in sets:
        played.append(min(whole, min(budgets[key] for key in each)))
        whole -= played[-1]
    return played


def _simplex(columns: Sequence[Sequence[Key]], budgets: Mapping[Key, Fraction], whole: Fraction) -> list[Fraction]:
    """Bland's rule from the empty packing, which is always allowed: it ends, and at an exact optimum."""
    keys = list(budgets)
    width = len(columns)
    rows = [[Fraction(key in set(column)) for column in columns] for key in keys] + [[Fraction(1)] * width]
    right = [budgets[key] for key in keys] + [whole]
    height = len(rows)
    for place, row in enumerate(rows):
        row += [Fraction(other == place) for other in range(height)]
    gain = [Fraction(1)] * width + [Fraction(0)] * height
    basis = list(range(width, width + height))
    while (entering := next((place for place, value in enumerate(gain) if value > 0), None)) is not None:
        ratios = [(right[i] / row[entering], basis[i], i) for i, row in enumerate(rows) if row[entering] > 0]
        *_, leaving = min(ratios)
        pivot = rows[leaving][entering]
        rows[leaving] = [value / pivot for value in rows[leaving]]
        right[leaving] /= pivot
        for other, row in enumerate(rows):
            if other != leaving and (factor := row[entering]):
                rows[other] = [value - factor * base for value, base in zip(row, rows[leaving], strict=True)]
                right[other] -= factor * right[leaving]
        factor = gain[entering]
        gain = [value - factor * base for value, base in zip(gain, rows[leaving], strict=True)]
        basis[leaving] = entering
    played = [Fraction(0)] * width
    for place, variable in enumerate(basis):
        if variable < width:
            played[variable] = right[place]
    return played
