"""Whether verdicts about promises are right, on random services: the mathematics has no tolerance (methods E.8).

The estimate equals the sum over all states; what is guaranteed equals a linear program over all states, and the closed
forms for series and parallel; every witness is accepted by a checker of its own; no adversarial timeline breaks a
promise that is backed; and no promise below that is raised makes a verdict worse.

`SYSTEMS` and `SEED` in the environment say how many services are drawn, and which.
"""

import os
import random
import sys
from fractions import Fraction

import numpy as np

from benchmarks.harness import Measurement
from services.alignment.availability_chains import parts_of
from services.alignment.checker import faults_of_outages
from services.alignment.hours import Hours
from services.alignment.judgement import Judgement
from services.alignment.judging import judge
from services.alignment.rules import LEVELS, ChainVerdict
from services.domain.reliability import Part
from tests.campaigns.promising import (
    System,
    by_linear_program,
    counted_out,
    drawn,
    parallel,
    promise,
    series,
    worst_downtime,
)
from tests.services.alignment.landscapes import landscape

SYSTEMS = int(os.environ.get("SYSTEMS", "2000"))
SEED = int(os.environ.get("SEED", "20261127"))
TIMELINES = 10_000
LARGEST_PROGRAM = 9
"""Elements up to which the linear program over all states is solved, too."""
WINDOW = 31 * 86_400
CLOSE = 1e-12
CLOSE_TO_PROGRAM = 1e-7
"""HiGHS itself is no more exact."""


def judged(system: System, objective: Fraction) -> Judgement:
    """The verdict about a promise of the service."""
    found = landscape(promise(objective), system.components, system.backing())
    return judge(found.promises[0], found, HOURS)


HOURS = Hours(2026, {})


def keyed(system: System) -> tuple[str, dict[str, Part[str]]]:
    """What the service is built of, by the keys of components."""
    keys = {each.component_id: each.key for each in system.components}
    parts = parts_of(system.components)
    return system.root.key, {
        keys[id_]: Part(part.fails, [keys[needed] for needed in part.needs], part.at_least)
        for id_, part in parts.items()
    }


class Study:
    """Counts what was checked and what was wrong."""

    def __init__(self, seed: int) -> None:
        self.chance, self.generator = random.Random(seed), np.random.default_rng(seed)  # noqa: S311
        self.counts = {"estimates": 0, "programs": 0, "witnesses": 0, "backed": 0, "raised": 0}
        self.wrong: list[str] = []
        self.farthest = 0.0

    def expect(self, holds: bool, what: str, system: System) -> None:
        """Note what does not hold."""
        if not holds:
            self.wrong.append(f"{what}: {system}")

    def study(self, system: System) -> None:
        """Everything about one service."""
        guaranteed = judged(system, Fraction(1, 2)).guaranteed
        assert guaranteed is not None
        self._estimate(system)
        if len(system.elements) <= LARGEST_PROGRAM:
            self.counts["programs"] += 1
            self.expect(abs(by_linear_program(system) - float(guaranteed)) < CLOSE_TO_PROGRAM, "linear program", system)
        for objective in (guaranteed, min(guaranteed + Fraction(1, 10**7), Fraction(1)), self._any_objective()):
            if objective > 0:
                self._verdict(system, objective, guaranteed)

    def _any_objective(self) -> Fraction:
        return 1 - Fraction(self.chance.choice((1, 10, 100, 500, 1000, 10_000)), 100_000)

    def _estimate(self, system: System) -> None:
        found = judged(system, Fraction(1, 2)).estimate
        assert found is not None
        self.counts["estimates"] += 1
        self.farthest = max(self.farthest, abs(found - counted_out(system)))

    def _verdict(self, system: System, objective: Fraction, guaranteed: Fraction) -> None:
        found = judged(system, objective)
        self.expect((found.verdict is ChainVerdict.BACKED) == (guaranteed >= objective), "verdict", system)
        if found.verdict is ChainVerdict.BACKED:
            self.counts["backed"] += 1
            lost = worst_downtime(system, TIMELINES, self.generator)
            self.expect(lost <= float(1 - objective) + CLOSE, f"backed, but down for {lost}", system)
        else:
            self.counts["witnesses"] += 1
            root, parts = keyed(system)
            faults = faults_of_outages(
                found.witness, root=root, parts=parts, objective=objective, agreed_seconds=seconds_of(found),
                allowed={key: 1 - share for key, share in system.promised.items()},
            )  # fmt: skip
            self.expect(not faults, f"witness refused: {faults}", system)
        for key, share in system.promised.items():
            if self.chance.random() < 0.3:
                self.counts["raised"] += 1
                better = judged(system.raised(key, (1 + share) / 2), objective)
                self.expect(LEVELS[better.verdict] <= LEVELS[found.verdict], f"worse by raising {key}", system)


def seconds_of(found: Judgement) -> int:
    """The length of the window a witness is played in."""
    return round(Fraction(found.witness[0]["exact_until"]) / Fraction(found.witness[0]["exact_share"]))


def closed_forms(study: Study) -> int:
    """Series: one minus the sum of what may be lost. Parallel: the best of them."""
    checked = 0
    for _ in range(200):
        shares = [1 - Fraction(study.chance.randint(0, 5000), 100_000) for _ in range(study.chance.randint(1, 8))]
        for system, expected in (
            (series(shares), max(Fraction(0), 1 - sum(1 - share for share in shares))),
            (parallel(shares), max(shares)),
        ):
            checked += 1
            study.expect(judged(system, Fraction(1, 2)).guaranteed == expected, "closed form", system)
            study.expect(abs(by_linear_program(system) - float(expected)) < CLOSE_TO_PROGRAM, "program", system)
    return checked


def run() -> list[Measurement]:
    study = Study(SEED)
    for number in range(SYSTEMS):
        study.study(drawn(study.chance))
        if number % 200 == 199:
            sys.stderr.write(f"{number + 1} services, {len(study.wrong)} wrong\n")
    forms = closed_forms(study)
    for wrong in study.wrong[:5]:
        sys.stderr.write(f"seed {SEED}: {wrong}\n")
    counts = study.counts
    return [
        Measurement(f"services drawn, seed {SEED}", SYSTEMS, "services", floor=2000),
        Measurement("estimates against the sum over all states, the farthest", study.farthest, "",
                    floor=CLOSE, smaller_is_better=True),
        Measurement("guaranteed by the linear program over all states, too", counts["programs"], "services"),
        Measurement("closed forms of series and parallel", forms, "services"),
        Measurement("witnesses replayed", counts["witnesses"], "witnesses"),
        Measurement(f"backed, and {TIMELINES:,} adversarial timelines survived", counts["backed"], "verdicts"),
        Measurement("promises raised", counts["raised"], "promises"),
        Measurement("wrong", len(study.wrong), "findings", floor=0, smaller_is_better=True),
    ]  # fmt: skip
