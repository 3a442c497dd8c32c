"""Is the confidence calibrated? `python -m tests.bench.confidence [SEEDS]`.

A population is simulated by rules that are not the model's: people change between free and busy by
a process with memory of their own pace, more often around April; some declare too much for ever;
they sign in, answer and keep silent by their state. Half of the people fit the parameters, the
other half, held back, is predicted. Baselines in the same run: the same function without decay
(fitted on the same half), the function without signals, and the plain rate of yes.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator

from talentpool.specialists.calibration import (
    Answer,
    brier,
    deciles,
    fit,
    predict,
    without_signals,
)
from talentpool.specialists.confidence import (
    ACCEPTED,
    ASSUMED,
    DECLINED,
    REPLIED,
    SIGN_IN,
    UNANSWERED,
    Parameters,
)

YEAR = 365
LONGEST = 500  # days since the last confirmation


class Person:
    """Somebody with an own pace; `free_on(day)` follows days since the confirmation."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.boaster = draw.random() < 0.12  # declares days that are rarely there
        self.season = draw.randrange(YEAR)  # the day of the year of the confirmation
        self.stay_free = draw.lognormvariate(5.0, 0.7)  # days, scale of a spell
        self.stay_busy = draw.lognormvariate(4.6, 0.5)
        self.diligent = draw.betavariate(2, 3)
        free = draw.random() < (0.55 if self.boaster else 0.97)
        self.spells: list[tuple[float, bool]] = []
        day = 0.0
        while day < LONGEST:
            # Shape 1.4: a spell that has lasted long is more likely to end. No half-life here.
            scale = self.stay_free if free else self.stay_busy
            day += draw.weibullvariate(scale, 1.4)
            if free and (self.season + day) % YEAR < 40:  # transfers of April come in a heap
                day -= min(20.0, day / 4)
            self.spells.append((day, free))
            free = not free

    def free_on(self, day: float) -> bool:
        return next((free for until, free in self.spells if day < until), self.spells[-1][1])

    def answer(self, day: float) -> str:
        """What an approach on that day brings."""
        free = self.free_on(day)
        if self.draw.random() < (0.04 if free else 0.30) * (1.3 - self.diligent):
            return UNANSWERED
        if free:
            if self.boaster and self.draw.random() < 0.3:
                return DECLINED
            return ACCEPTED if self.draw.random() < 0.93 else REPLIED
        return DECLINED if self.draw.random() < 0.9 else ACCEPTED


def answers_of(person: Person) -> Answer | None:
    """One scored approach with the traces that the person left before it. None where the person
    declines for another reason than time: that says nothing of the days, and the portal's own fit
    does not score it either (`services.fits.ANSWERS`)."""
    draw = person.draw
    age = draw.uniform(0, LONGEST - 1) * draw.random() ** 0.5
    traces: dict[str, float] = {}
    day = 0.0
    while True:
        rate = (0.03 if person.free_on(day) else 0.012) * (0.4 + person.diligent)
        day += draw.expovariate(rate)
        if day >= age:
            break
        traces[SIGN_IN] = age - day
    for _ in range(draw.choice((0, 0, 1, 1, 2))):
        asked = draw.uniform(0, age)
        kind = person.answer(asked)
        traces[kind] = min(traces.get(kind, age), age - asked)
    said = person.answer(age)
    return None if said == REPLIED else Answer(age=age, signal_ages=traces, yes=said == ACCEPTED)


def population(people: int, seed: int) -> tuple[list[Answer], list[Answer]]:
    """(to fit, held back), one answer a person at most."""
    draw = random.Random(seed)
    asked = [answers_of(Person(draw)) for _ in range(people)]
    answers = [answer for answer in asked if answer is not None]
    return answers[: len(answers) // 2], answers[len(answers) // 2 :]


def figures(people: int, seed: int) -> Iterator[dict[str, object]]:
    """One line with all scores of a population, and one a decile."""
    known, held = population(people, seed)
    fitted, frozen = fit(known), fit(known, decay=False)
    rate = sum(answer.yes for answer in known) / len(known)
    predicted = predict(held, fitted)
    tenths = deciles(predicted, held)
    plain = without_signals(known)
    scores = {
        "fitted": brier(predicted, held),
        "no_decay": brier(predict(held, frozen), held),
        "no_signals": brier(predict(without_signals(held), fit(plain)), held),
        "assumed": brier(predict(held, ASSUMED), held),
        "plain_rate": brier([rate] * len(held), held),
    }
    yield {
        "figure": "confidence",
        "seed": seed,
        "held_back": len(held),
        "worst_decile_points": round(max(abs(tenth.points) for tenth in tenths), 2),
        **{f"brier_{name}": round(score, 4) for name, score in scores.items()},
        "brier_ratio_to_no_decay": round(scores["fitted"] / scores["no_decay"], 4),
        "parameters": _shown(fitted),
    }
    for number, tenth in enumerate(tenths, start=1):
        yield {
            "figure": "confidence decile",
            "seed": seed,
            "decile": number,
            "predicted_pct": round(100 * tenth.predicted, 1),
            "actual_pct": round(100 * tenth.actual, 1),
            "points": round(tenth.points, 1),
        }


def _shown(parameters: Parameters) -> dict[str, float]:
    return {
        "fresh": round(parameters.fresh, 3),
        "floor": round(parameters.floor, 3),
        "half_life": round(parameters.half_life, 1),
        "signal_half_life": round(parameters.signal_half_life, 1),
        **{kind: round(ratio, 2) for kind, ratio in parameters.ratios.items()},
    }


def main(seeds: int = 5, people: int = 40_000) -> None:
    for seed in range(1, seeds + 1):
        for line in figures(people, seed):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
