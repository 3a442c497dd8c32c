"""B-08: the coordinator is warned before a candidate goes out whom nobody else is like."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching.proposals.models import Candidate, Proposal
from matching.proposals.offer_check import check_offer
from matching.proposals.rarity import Crowd, Less, Pool, Traits, shown
from talentpool.specialists.models import ProfileView
from tests import factories
from tests.matching.visitor import Visitor

NETWORK, SECURITY = ("NW", "ネットワーク", 4), ("SEC", "セキュリティ", 2)
PERSON = Traits("県職員OB", (NETWORK,), years=12, municipal_years=6, place="来庁と遠隔")
OTHER_KIND = Traits("兼業・副業", (NETWORK,), years=12, municipal_years=6, place="来庁と遠隔")
MORE_SKILLS = Traits(
    "県職員OB", (NETWORK, SECURITY), years=12, municipal_years=6, place="来庁と遠隔"
)
LONGER = Traits("県職員OB", (NETWORK,), years=25, municipal_years=11, place="来庁と遠隔")
LOWER = Traits(
    "県職員OB", (("NW", "ネットワーク", 3),), years=12, municipal_years=6, place="来庁と遠隔"
)
REMOTE = Traits("県職員OB", (NETWORK,), years=12, municipal_years=6, place="遠隔のみ")


@pytest.mark.parametrize(
    ("others", "people", "less", "then"),
    [
        ([PERSON, PERSON], 3, (), 0),  # three are enough, the candidate among them
        ([PERSON], 2, (*Less.values,), 2),  # nothing helps
        ([PERSON, REMOTE], 2, ("place",), 3),
        ([LONGER, LONGER], 1, ("years",), 3),
        ([LOWER, PERSON], 2, ("levels",), 3),
        ([OTHER_KIND, OTHER_KIND], 1, ("kind",), 3),
        ([OTHER_KIND, REMOTE], 1, ("place", "kind"), 3),  # the fewest that are enough
    ],
)
def test_how_many_are_like_the_candidate_and_what_helps(
    others: list[Traits], people: int, less: tuple[str, ...], then: int
) -> None:
    found = Crowd({"NW"}, dict(enumerate(others, 2))).rarity(1, PERSON)
    assert (found.people, found.less, found.then) == (people, less, then)
    assert found.is_rare is (people < 3)
    assert found.is_helped is (then >= 3)
    # Whoever is among the people is counted once.
    assert Crowd({"NW"}, dict(enumerate([PERSON, *others], 1))).rarity(1, PERSON) == found


def test_skills_that_the_need_does_not_ask_for_can_be_left_out() -> None:
    found = Crowd({"NW"}, {2: PERSON, 3: PERSON}).rarity(1, MORE_SKILLS)
    assert (found.people, found.less, found.then) == (1, ("skills",), 3)
    told = shown(MORE_SKILLS, Less.values, {"NW"})
    assert told.skills == ("ネットワーク L3〜4",)
    assert (told.kind, told.place) == ("伏せています", "伏せています")
    assert told.experience == "10年以上(うち自治体 あり)"


@pytest.mark.django_db
def test_the_coordinator_is_asked_first_and_the_town_reads_less(settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    rare = factories.make_specialist(years=25, municipal_years=21, strengths="更改の設計")
    for _ in range(2):
        factories.make_specialist(years=12, municipal_years=6, half_days=0)
    need = factories.make_need("accepted")
    coordinator = factories.make_coordinator()
    run = factories.make_run([need], by=coordinator)
    staff = Visitor(coordinator)
    page = staff.get(reverse("admin:proposals_run_change", args=[run.pk]))
    page = staff.send(page, page.form_with("needs", action="/offer/"), needs=str(need.pk))
    assert not Proposal.objects.exists()  # nothing goes out before the answer
    page.must_say("本人だけ", rare.pool_number, "3人になります")
    logged = ProfileView.objects.filter(purpose__contains="示す前に")
    assert set(logged.values_list("specialist_id", flat=True)) == {rare.pk}
    key = f"{need.pk}-{rare.pk}"
    known = check_offer(run, [need], looked=[key])
    assert (known.rare, known.looked) == ([], [key])
    with CaptureQueriesContext(connection) as queries:  # whoever was looked at is not counted anew
        staff.send(page, page.form_with("checked", action="/offer/"))
    assert not [row for row in queries if "skill_id" in row["sql"] and "DISTINCT" in row["sql"]]
    candidate = Candidate.objects.get(specialist=rare)
    assert candidate.told_less == ["years"]
    town = Visitor(factories.staff_of(candidate.proposal))
    blind = town.get(reverse("town:proposal", args=[candidate.proposal_id]))
    blind.must_say("10年以上(うち自治体 あり)")
    assert "20年以上" not in blind.text
    factories.make_bundle([candidate.proposal], "disclosed")
    town.get(reverse("town:proposal", args=[candidate.proposal_id])).must_say("20年以上")


@pytest.mark.django_db
def test_the_pool_is_read_once_for_needs_with_the_same_skills() -> None:
    factories.make_specialist()
    both = factories.make_specialist(skills=["NW", "SEC"])
    pool = Pool()
    with CaptureQueriesContext(connection) as first:
        assert len(pool.crowd({"NW"}).people) == 2
    with CaptureQueriesContext(connection) as again:
        assert pool.crowd({"NW"}) is pool.crowd(["NW"])
        assert set(pool.crowd({"SEC"}).people) == {both.pk}
    assert len(again) < len(first)
    assert len([row for row in again if "specialistskill" in row["sql"]]) == 1  # who has it
