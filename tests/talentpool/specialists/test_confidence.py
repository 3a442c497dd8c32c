"""The one function of confidence: its course over time, its signals, its calibration."""

from datetime import UTC, datetime, timedelta
from math import inf

import pytest

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
    KINDS,
    REPLIED,
    SIGN_IN,
    UNANSWERED,
    chance,
    confidence,
    words,
)
from tests.bench.confidence import population

NOW = datetime(2027, 6, 1, 9, 0, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_it_halves_the_distance_to_the_floor_with_each_half_life() -> None:
    start = 1000 * (ASSUMED.fresh - ASSUMED.floor)
    for lives in (0, 1, 2, 5):
        expected = 1000 * ASSUMED.floor + start / 2**lives
        assert confidence(NOW, ago(lives * ASSUMED.half_life), {}) == pytest.approx(expected, abs=1)


def test_never_confirmed_is_the_floor_and_the_future_is_fresh() -> None:
    assert confidence(NOW, None, {}) == round(1000 * ASSUMED.floor)
    assert confidence(NOW, ago(-3), {}) == round(1000 * ASSUMED.fresh)


@pytest.mark.parametrize(
    ("kind", "up"),
    [(SIGN_IN, True), (ACCEPTED, True), (REPLIED, True), (DECLINED, False), (UNANSWERED, False)],
)
def test_a_signal_moves_it_and_wears_off(kind: str, up: bool) -> None:
    plain = confidence(NOW, ago(60), {})
    fresh = confidence(NOW, ago(60), {kind: ago(1)})
    old = confidence(NOW, ago(400), {kind: ago(390)})
    assert (fresh > plain) == up
    assert fresh != plain
    assert abs(old - confidence(NOW, ago(400), {})) < abs(fresh - plain) / 5


def test_a_confirmation_answers_what_came_before_it() -> None:
    assert confidence(NOW, ago(2), {DECLINED: ago(3)}) == confidence(NOW, ago(2), {})
    assert confidence(NOW, ago(3), {DECLINED: ago(2)}) < confidence(NOW, ago(3), {})
    assert confidence(NOW, None, {DECLINED: ago(3)}) < confidence(NOW, None, {})


def test_nothing_is_certain() -> None:
    bad = {DECLINED: ago(0), UNANSWERED: ago(0)}
    assert 10 <= confidence(NOW, None, bad) < 100
    assert confidence(NOW, ago(0), {ACCEPTED: NOW, SIGN_IN: NOW}) <= 990


@pytest.mark.parametrize(
    ("permille", "word"),
    [(800, "確か"), (799, "ほぼ確か"), (650, "ほぼ確か"), (649, "要確認"), (449, "不確か")],
)
def test_words(permille: int, word: str) -> None:
    assert words(permille) == word


def test_it_is_calibrated_on_people_it_was_not_fitted_on() -> None:
    """The simulated people follow other rules than the function, the scored half was held back:
    each decile agrees within 5 points, and the score beats one that never forgets."""
    known, held = population(14_000, seed=2027)
    fitted = fit(known)
    predicted = predict(held, fitted)
    for tenth in deciles(predicted, held):
        assert abs(tenth.points) <= 5, tenth
    no_decay = predict(held, fit(known, decay=False))
    assert brier(predicted, held) < 0.99 * brier(no_decay, held)
    assert brier(predict(held, ASSUMED), held) < brier(no_decay, held)  # before there is any fit
    no_signals = predict(without_signals(held), fit(without_signals(known)))
    assert brier(predicted, held) < 0.99 * brier(no_signals, held)


def test_fitting_uses_the_function_that_ranks() -> None:
    """What fitting predicts is what a person's confidence is, to the permille."""
    answers = [Answer(30.0, {SIGN_IN: 3.0}, True), Answer(200.0, {DECLINED: 20.0}, False)]
    for answer, predicted in zip(answers, predict(answers, ASSUMED), strict=True):
        signals = {kind: ago(age) for kind, age in answer.signal_ages.items()}
        assert confidence(NOW, ago(answer.age), signals) == round(1000 * predicted)


def test_fitting_needs_both_answers() -> None:
    with pytest.raises(ValueError, match="yes and with no"):
        fit([Answer(1.0, {}, True)])


def test_an_unknown_age_is_the_floor_for_arrays_too() -> None:
    assert chance(inf, dict.fromkeys(KINDS, inf)) == pytest.approx(ASSUMED.floor)
