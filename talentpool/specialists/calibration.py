"""Find the parameters of the confidence from answers, and say how well they predict. Pure.

numpy is loaded only where it runs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, inf, log
from typing import Any

from talentpool.specialists.confidence import ASSUMED, KINDS, Parameters, chance

DECILES = 10
_STEPS_LEAST = 0.01


@dataclass(frozen=True, slots=True)
class Answer:
    """One approach: days since the last confirmation, days since the latest signal of each kind
    (a kind that is missing never came), and whether the person said yes."""

    age: float
    signal_ages: Mapping[str, float]
    yes: bool


@dataclass(frozen=True, slots=True)
class Decile:
    """A tenth of the answers by prediction: how many, predicted and actual rate of yes."""

    count: int
    predicted: float
    actual: float

    @property
    def points(self) -> float:
        """Predicted less actual, in percentage points."""
        return 100 * (self.predicted - self.actual)


def _columns(answers: Sequence[Answer]) -> tuple[Any, dict[str, Any], Any]:
    import numpy

    age = numpy.array([answer.age for answer in answers])
    ages = {
        kind: numpy.array([answer.signal_ages.get(kind, inf) for answer in answers])
        for kind in KINDS
    }
    return age, ages, numpy.array([answer.yes for answer in answers], dtype=float)


def predict(answers: Sequence[Answer], parameters: Parameters) -> list[float]:
    """The chance of a yes for each answer."""
    age, ages, _ = _columns(answers)
    return [float(value) for value in chance(age, ages, parameters)]


def fit(answers: Sequence[Answer], *, decay: bool = True) -> Parameters:
    """The parameters under which the answers are most likely.

    With `decay=False` the half-life stays infinite: the baseline that trusts a confirmation for
    ever. A plain search over the logarithms and log-odds of the parameters, without chance: equal
    answers give equal parameters. A kind of signal that none of the answers knows moves nothing:
    what was assumed of it would stay as if it had been found. Raises ValueError without answers of
    both kinds.
    """
    if len({answer.yes for answer in answers}) < 2:
        raise ValueError("fitting needs answers with yes and with no")
    import numpy

    age, ages, yes = _columns(answers)

    def loss(point: list[float]) -> float:
        p = numpy.clip(chance(age, ages, _parameters(point, decay)), 1e-9, 1 - 1e-9)
        return float(-numpy.mean(yes * numpy.log(p) + (1 - yes) * numpy.log(1 - p)))

    seen = {kind: numpy.isfinite(ages[kind]).any() for kind in KINDS}
    start = {kind: ASSUMED.ratios[kind] if seen[kind] else 1.0 for kind in KINDS}
    return _parameters(_descend(loss, _point(replace(ASSUMED, ratios=start))), decay)


def _point(parameters: Parameters) -> list[float]:
    """Parameters as free numbers: log-odds of chances, logarithms of the rest."""
    return [
        log(parameters.fresh / (1 - parameters.fresh)),
        log(parameters.floor / (1 - parameters.floor)),
        log(parameters.half_life),
        log(parameters.signal_half_life),
        *(log(parameters.ratios[kind]) for kind in KINDS),
    ]


def _parameters(point: Sequence[float], decay: bool) -> Parameters:
    fresh, floor, half_life, signal_half_life, *ratios = point
    return Parameters(
        fresh=1 / (1 + exp(-fresh)),
        floor=1 / (1 + exp(-floor)),
        half_life=exp(half_life) if decay else inf,
        signal_half_life=exp(signal_half_life),
        ratios={kind: exp(value) for kind, value in zip(KINDS, ratios, strict=True)},
    )


def _descend(loss: Callable[[list[float]], float], start: list[float]) -> list[float]:
    """Coordinate by coordinate with steps that grow on success and shrink without."""
    best, steps = loss(start), [0.5] * len(start)
    point = list(start)
    while max(steps) > _STEPS_LEAST:
        for index, step in enumerate(steps):
            for change in (step, -step):
                tried = [*point[:index], point[index] + change, *point[index + 1 :]]
                value = loss(tried)
                if value < best:
                    best, point, steps[index] = value, tried, step * 1.5
                    break
            else:
                steps[index] = step / 2
    return point


def brier(predicted: Sequence[float], answers: Sequence[Answer]) -> float:
    """Mean squared distance between chance and answer: 0 is perfect, less is better."""
    return sum((p - answer.yes) ** 2 for p, answer in zip(predicted, answers, strict=True)) / len(
        answers
    )


def deciles(predicted: Sequence[float], answers: Sequence[Answer]) -> list[Decile]:
    """Predicted and actual rate of yes by tenths of the prediction, the least sure first."""
    pairs = sorted(zip(predicted, (answer.yes for answer in answers), strict=True))
    found = []
    for tenth in range(DECILES):
        part = pairs[len(pairs) * tenth // DECILES : len(pairs) * (tenth + 1) // DECILES]
        found.append(
            Decile(
                count=len(part),
                predicted=sum(p for p, _ in part) / len(part),
                actual=sum(yes for _, yes in part) / len(part),
            )
        )
    return found


def without_signals(answers: Sequence[Answer]) -> list[Answer]:
    """The same answers as if nothing but confirmations were known."""
    return [replace(answer, signal_ages={}) for answer in answers]
