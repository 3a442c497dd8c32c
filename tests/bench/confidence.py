"""Is the confidence calibrated? `python -m tests.bench.confidence [SEEDS]`.

A population is simulated by rules that are not the model's: people change between free and busy by
a process with memory of their own pace, more often around April; some declare too much for ever;
they sign in, answer and keep silent by their state. What is known of them is what the portal keeps:
of a sign-in the day, and nothing that came after they were asked. Half of the people fit the
parameters, the other half, held back, is predicted. Baselines in the same run, fitted on the same
half: the same function without decay, without the days of signing in, without any signal, and the
plain rate of yes. "sign_ins_of_the_answer" is what would come of counting the sign-in by which
somebody gave the answer: predicted as the portal must, from what is known when it asks.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import replace

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
    hour = draw.random()  # of the day of the confirmation, as a part of a day
    signed_in = list(_sign_ins(person, age))
    for _ in range(draw.choice((0, 0, 1, 1, 2))):
        asked = draw.uniform(0, age)
        kind = person.answer(asked)
        traces[kind] = min(traces.get(kind, age), age - asked)
        if kind != UNANSWERED:  # the answer was given on a page
            signed_in.append(asked)
    # The day is kept: one that began before the confirmation counts no more.
    days = [day for at in signed_in if (day := int(at + hour) - hour) > 0]
    if days:
        traces[SIGN_IN] = age - max(days)
    said = person.answer(age)
    return None if said == REPLIED else Answer(age=age, signal_ages=traces, yes=said == ACCEPTED)


def _sign_ins(person: Person, until: float) -> Iterator[float]:
    """Days since the confirmation on which the person looks in without being asked."""
    day = 0.0
    while True:
        rate = (0.03 if person.free_on(day) else 0.012) * (0.4 + person.diligent)
        day += person.draw.expovariate(rate)
        if day >= until:
            return
        yield day


def as_answered(answers: list[Answer], seed: int) -> list[Answer]:
    """The same answers as if the sign-in by which they were given had come before: whoever says yes
    or no has just signed in, most of those who keep silent count as no."""
    draw = random.Random(seed)
    return [
        replace(answer, signal_ages={**answer.signal_ages, SIGN_IN: draw.random()})
        if answer.yes or draw.random() < 0.6
        else answer
        for answer in answers
    ]


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
    unknown, leaking = without(SIGN_IN, known), as_answered(known, seed)
    scores = {
        "fitted": brier(predicted, held),
        "no_decay": brier(predict(held, frozen), held),
        "no_sign_ins": brier(predict(without(SIGN_IN, held), fit(unknown)), held),
        "sign_ins_of_the_answer": brier(predict(held, fit(leaking)), held),
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
        "brier_ratio_to_no_sign_ins": round(scores["fitted"] / scores["no_sign_ins"], 4),
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


def without(kind: str, answers: list[Answer]) -> list[Answer]:
    """The same answers as if nothing of one kind of signal were known."""
    return [
        replace(
            answer,
            signal_ages={name: age for name, age in answer.signal_ages.items() if name != kind},
        )
        for answer in answers
    ]


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
