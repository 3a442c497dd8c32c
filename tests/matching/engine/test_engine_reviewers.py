"""Reviewer assignment: the best total, the fairest worst paper, and bad files."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import pytest

from matching.engine import ProblemError
from matching.engine.reviewers import SCALE, Reviews, assign_reviewers, read_reviews

SCORES = {
    ("p1", "r1"): 9, ("p1", "r2"): 8, ("p1", "r3"): 2,
    ("p2", "r1"): 8, ("p2", "r2"): 1, ("p2", "r3"): 3,
    ("p3", "r1"): 5, ("p3", "r2"): 4, ("p3", "r3"): 4,
}  # fmt: skip


def reviews(**fields: object) -> Reviews:
    scaled = {pair: score * SCALE for pair, score in SCORES.items()}
    plain: dict[str, object] = {
        "papers": ("p1", "p2", "p3"), "reviewers": ("r1", "r2", "r3"), "scores": scaled,
        "demand": 2, "load": 2,
    }  # fmt: skip
    return Reviews(**{**plain, **fields})  # type: ignore[arg-type]


def by_trial(conflicts: frozenset[tuple[str, str]] = frozenset()) -> tuple[int, int, int]:
    """Best total; best worst paper; best total at that worst paper."""
    pairs = list(combinations(("r1", "r2", "r3"), 2))
    found = []
    for choice in product(pairs, repeat=3):
        used = [r for pair in choice for r in pair]
        chosen = {(p, r) for p, pair in zip(("p1", "p2", "p3"), choice, strict=True) for r in pair}
        if max(used.count(r) for r in used) <= 2 and not chosen & conflicts:
            sums = [sum(SCORES[p, r] for q, r in chosen if q == p) for p in ("p1", "p2", "p3")]
            found.append((min(sums), sum(sums)))
    worst = max(found)[0]
    return max(t for _, t in found), worst, max(t for w, t in found if w == worst)


@pytest.mark.parametrize("conflicts", [frozenset(), frozenset({("p2", "r1")})])
def test_total_and_fair_are_the_best_there_are(conflicts: frozenset[tuple[str, str]]) -> None:
    total, worst, fair_total = by_trial(conflicts)
    plain = assign_reviewers(reviews(conflicts=conflicts), "total")
    assert (plain["total"], plain["proven"]) == (total, True)
    fair = assign_reviewers(reviews(conflicts=conflicts), "fair")
    assert (fair["worst"], fair["total"], fair["proven"]) == (worst, fair_total, True)
    assert fair["worst_bound"] == worst


def test_too_few_reviewers_give_no_assignment() -> None:
    assert assign_reviewers(reviews(load=1))["total"] is None
    assert assign_reviewers(reviews(load=1), "fair")["total"] is None


def test_files_are_read_with_conflicts_and_header(tmp_path: Path) -> None:
    scores, conflicts = tmp_path / "scores.csv", tmp_path / "conflicts.csv"
    scores.write_text("paper,reviewer,score\np1,r1,0.5\np1,r2,0.25\n", encoding="utf-8")
    conflicts.write_text("p1,r1\n", encoding="utf-8")
    read = read_reviews(scores, demand=1, load=1, conflicts=conflicts)
    assert read.scores == {("p1", "r1"): 500_000, ("p1", "r2"): 250_000}
    row = assign_reviewers(read)
    assert row["assignments"] == [["p1", "r2"]]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "scores.csv: holds no scores"),
        ("p1,r1\n", "scores.csv:1: must hold 3 values"),
        ("p1,r1,x\n", "scores.csv:1: must hold paper, reviewer and a score"),
        ("p1,r1,nan\n", "scores.csv:1: must hold paper, reviewer and a score"),
        ("p1,r1,1\np1,r1,2\n", "scores.csv:2: gives the pair p1, r1 twice"),
    ],
)
def test_malformed_scores_name_their_line(tmp_path: Path, text: str, line: str) -> None:
    file = tmp_path / "scores.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        read_reviews(file, demand=1, load=1)
    assert str(caught.value) == line


def test_blanks_around_ids_do_not_hide_a_conflict(tmp_path: Path) -> None:
    scores, conflicts = tmp_path / "scores.csv", tmp_path / "conflicts.csv"
    scores.write_text("paper, reviewer, score\n p1 ,r1, 0.5\np1, r2,0.25\n", encoding="utf-8")
    conflicts.write_text("paper, reviewer\np1, r1\n", encoding="utf-8")
    read = read_reviews(scores, demand=1, load=1, conflicts=conflicts)
    assert (read.papers, read.reviewers) == (("p1",), ("r1", "r2"))
    assert read.conflicts == {("p1", "r1")}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("p1,r1\np2,r1\n", "conflicts.csv:2: names a paper without scores: p2"),
        ("p1,R1\n", "conflicts.csv:1: names a reviewer without scores: R1"),
        ("p1\n", "conflicts.csv:1: must hold 2 values"),
        ('"p1,r1\n', "conflicts.csv:1: is not CSV: unexpected end of data"),
    ],
)
def test_conflicts_that_would_forbid_nothing_are_refused(
    tmp_path: Path, text: str, line: str
) -> None:
    scores, conflicts = tmp_path / "scores.csv", tmp_path / "conflicts.csv"
    scores.write_text("p1,r1,0.5\n", encoding="utf-8")
    conflicts.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        read_reviews(scores, demand=1, load=1, conflicts=conflicts)
    assert str(caught.value) == line


def test_no_assignment_is_told_as_proven_only_where_it_is() -> None:
    assert assign_reviewers(reviews(load=1))["proven"]


@pytest.mark.parametrize("least_load", [-1, 3])
def test_a_least_load_that_no_reviewer_can_have_is_refused(tmp_path: Path, least_load: int) -> None:
    file = tmp_path / "scores.csv"
    file.write_text("p1,r1,1\n", encoding="utf-8")
    with pytest.raises(ProblemError, match="least_load: must be an integer 0 to 2, the load"):
        read_reviews(file, demand=1, load=2, least_load=least_load)


def test_numbers_beyond_reason_and_conflicts_of_all_are_told_plainly(tmp_path: Path) -> None:
    scores, barred = tmp_path / "s.csv", tmp_path / "c.csv"
    scores.write_text("p1,r1,0.5\np1,r2,0.75\n", encoding="utf-8")
    barred.write_text("p1,r1\np1,r2\n", encoding="utf-8")
    for numbers, line in (
        ({"demand": 10**400, "load": 1}, "demand: must be an integer 1 to 1000000"),
        ({"demand": 1, "load": 10**400}, "load: must be an integer 1 to 1000000"),
        ({"demand": 1, "load": 1, "least_load": 10**30}, "least_load: must be an integer 0 to 1"),
    ):
        with pytest.raises(ProblemError) as caught:
            read_reviews(scores, **numbers)
        assert str(caught.value).startswith(line)
    with pytest.raises(ProblemError, match=r"^\.: Is a directory"):
        read_reviews(Path("."), demand=1, load=1)
    row = assign_reviewers(read_reviews(scores, demand=1, load=1, conflicts=barred))
    assert (row["total"], row["proven"]) == (None, True)
    row = assign_reviewers(read_reviews(scores, demand=10**6, load=10**6))
    assert (row["total"], row["proven"]) == (None, True)
