"""B-08 and B-09: what a town reads before both agree, and that it closes again."""

import pytest
from django.test import Client
from django.urls import reverse

from matching.proposals.models import Candidate
from talentpool.conventions.telling import MASK
from talentpool.specialists.blindness import blind_text, warning
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import consent
from tests import factories

pytestmark = pytest.mark.django_db

TELLING = "見本 太郎、携帯090-1111-2222、taro@example.jp。更改の設計。瀬戸内情報では部門長。"


@pytest.fixture
def person() -> Specialist:
    person = factories.make_specialist(skills=["NW"], kind=Specialist.Kind.FIRM)
    assert person.firm is not None
    person.firm.name = "株式会社瀬戸内情報"
    person.firm.save()
    person.name, person.kana, person.strengths = "見本 太郎", "ミホン タロウ", TELLING
    person.save()
    return person


def test_what_tells_is_covered_and_what_helps_to_choose_stays(person: Specialist) -> None:
    shown = blind_text(person, person.strengths)
    for hidden in ("太郎", "090-1111-2222", "taro@example.jp", "瀬戸内情報"):
        assert hidden not in shown
    assert "更改の設計" in shown
    words = warning(person, person.strengths, "得意なこと")
    assert "090-1111-2222」（電話番号）" in words
    assert warning(person, "更改の設計と移行", "得意なこと") == ""


def test_the_person_reads_the_warning_and_what_towns_see(person: Specialist) -> None:
    client = Client()
    client.force_login(person.user)
    text = client.get(reverse("specialist:profile")).content.decode()
    assert "だれのことかわかる言葉があります" in text
    assert f"市町にはこう見えます：{MASK}" in text


def test_a_town_reads_the_name_only_while_both_agree(person: Specialist, settings: object) -> None:
    """The name opens with the person's yes to this town and closes when consent ends."""
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    need = factories.make_need("accepted")
    (proposal,) = factories.make_proposals(factories.make_run([need]), [need])
    town = Client()
    town.force_login(factories.staff_of(proposal))
    page = reverse("town:proposal", args=[proposal.pk])
    tells = ("太郎", "ミホン", "090-1111-2222", "瀬戸内情報", person.pool_number)

    def seen() -> list[str]:
        text = town.get(page).content.decode()
        return [word for word in tells if word in text]

    assert seen() == []
    assert MASK in town.get(page).content.decode()
    factories.make_bundle([proposal], "disclosed")
    assert {"太郎", "瀬戸内情報"} <= set(seen())
    consent.withdraw(person, "news", by=person.user)
    assert "太郎" in seen()
    consent.withdraw(person, "provision", by=person.user)
    assert seen() == []
    candidate = Candidate.objects.get(proposal=proposal, specialist=person)
    assert (candidate.status, candidate.person_agreed_at) == ("left", None)
