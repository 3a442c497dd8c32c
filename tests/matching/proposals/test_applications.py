"""A registered person sends the pool's profile with an application to a vacancy (issue 3, 5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching.proposals.errors import Refused
from matching.proposals.models import Application
from matching.proposals.retention import ended_applications
from matching.proposals.services import applications
from municipalities.vacancies import services as vacancies
from municipalities.vacancies.models import Vacancy
from talentpool.outbox.models import Message
from talentpool.rights.services import erase_person
from talentpool.specialists.models import FirmManager, ProfileView, Specialist
from talentpool.specialists.models.consent import Purpose
from talentpool.specialists.services import consent, leaving, registration, vetting
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests.factories import make_specialist
from tests.municipalities.vacancies.objects import (
    make_coordinator,
    make_editor,
    make_town,
    make_vacancy,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def person(db: None) -> User:
    make_town()
    user = make_specialist(name="見本 花子").user
    assert user is not None
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make_application(person: User, vacancy: Vacancy, in_status: str = "sent") -> Application:
    row = applications.apply_to_vacancy(vacancy, message="経験があります。", agreed=True, by=person)
    editor = make_editor()
    if in_status in {"invited", "refused"}:
        verb = {"invited": "invite", "refused": "refuse"}[in_status]
        return applications.answer_application(row.pk, verb=verb, by=editor)
    if in_status == "withdrawn":
        return applications.withdraw_application(row.pk, by=person)
    return row


@pytest.mark.parametrize("verb", Application.TRANSITIONS)
@pytest.mark.parametrize("status", Application.Status.values)
def test_every_verb_from_every_state(person: User, status: str, verb: str) -> None:
    row = make_application(person, make_vacancy("published"), status)
    starts, ends = Application.TRANSITIONS[verb]

    def carry_out() -> Application:
        if verb == "withdraw":
            return applications.withdraw_application(row.pk, by=person)
        return applications.answer_application(row.pk, verb=verb, by=make_editor())

    if status in starts:
        assert carry_out().status == ends
    else:
        with pytest.raises(Refused):
            carry_out()


@pytest.mark.parametrize(("status", "shown"), [("invited", True), ("refused", False)])
def test_a_town_reads_who_it_is_while_the_application_is_open(
    person: User, status: str, shown: bool
) -> None:
    """Of a refused one the number, the days and the result, and looking at it is no view."""
    vacancy = make_vacancy("published")
    row = make_application(person, vacancy, status)
    if status == "refused":  # and also when the person has left the pool since
        vetting.withdraw(row.specialist, by=person)
    page = signed_in(make_editor()).get(reverse("town:application", args=[row.pk]))
    text = page.content.decode()
    for word in ("見本 花子", person.email, "経験があります。"):
        assert (word in text) == shown, word
    assert ("選考が終わったため" in text) != shown
    assert row.get_status_display() in text
    assert ProfileView.objects.count() == shown


@pytest.mark.parametrize("status", ["draft", "submitted", "closed", "withdrawn"])
def test_only_an_open_vacancy_takes_applications(person: User, status: str) -> None:
    with pytest.raises(Refused):
        applications.apply_to_vacancy(make_vacancy(status), message="", agreed=True, by=person)


def test_only_the_registered_apply() -> None:
    make_town()
    paused = make_specialist(status=Specialist.Status.PAUSED).user
    assert paused is not None
    with pytest.raises(Refused, match="「登録中」ではありません"):
        applications.apply_to_vacancy(make_vacancy("published"), message="", agreed=True, by=paused)
    with pytest.raises(Refused):
        applications.apply_to_vacancy(
            make_vacancy("published"), message="", agreed=True, by=make_editor()
        )


def make_manager_of(one: Specialist) -> User:
    manager = create_account(email="m@example.jp", name="見本", kind=User.Kind.FIRM, by=None)
    FirmManager.objects.create(firm=one.firm, user=manager, since=timezone.localdate())
    return manager


@pytest.mark.parametrize("lacks", ["consent", "firm", "tick"])
def test_nobody_is_sent_to_a_town_without_the_agreement_of_all(lacks: str) -> None:
    """Of a firm's people the firm too: both agree before anybody is shown (B-02, B-09)."""
    make_town()
    one = make_specialist(kind=Specialist.Kind.FIRM)
    assert one.user is not None
    vacancy = make_vacancy("published")
    assert applications.may_apply(one, vacancy)
    if lacks == "consent":
        consent.withdraw(one, Purpose.PROVISION, by=one.user)
    elif lacks == "firm":
        registration.agree_for_firm(one, agrees=False, by=make_manager_of(one))
    assert applications.may_apply(one, vacancy) == (lacks == "tick")
    with pytest.raises(Refused):
        applications.apply_to_vacancy(vacancy, message="", agreed=lacks != "tick", by=one.user)
    page = signed_in(one.user).get(reverse("specialist:apply", args=[vacancy.vacancy_no]))
    words = page.content.decode()
    assert ("いまは応募できません" in words) == (lacks != "tick")
    assert ("市町への紹介への同意" in words.split("<h1")[1]) == (lacks != "tick")


def test_what_was_agreed_to_is_kept_with_the_application(person: User) -> None:
    vacancy = make_vacancy("published")
    client = signed_in(person)
    url = reverse("specialist:apply", args=[vacancy.vacancy_no])
    assert client.post(url, {"message": ""}).status_code == 422
    client.post(url, {"message": "", "agreed": "on"})
    row = Application.objects.get()
    assert (row.agreed_at, row.agreed_words) == (row.sent_at, applications.AGREED_WORDS)
    assert row.agreed_words in client.get(url).content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.update(agreed_words="")


def test_what_was_written_stays_on_the_page_when_it_is_refused(person: User) -> None:
    """The recruiting ended, or another window sent it, while the person was writing."""
    for refused in ("もう応募", "いまは応募できません。この募集は終わりました。"):
        vacancy = make_vacancy("published")
        if "もう" in refused:
            applications.apply_to_vacancy(vacancy, message="", agreed=True, by=person)
        else:
            vacancies.close_vacancy(vacancy, outcome="filled", by=make_editor())
        answer = signed_in(person).post(
            reverse("specialist:apply", args=[vacancy.vacancy_no]),
            {"message": "志望の理由です。", "agreed": "on"},
        )
        assert answer.status_code == 422
        page = answer.content.decode()
        assert refused in page
        assert "志望の理由です。</textarea>" in page


def test_one_application_and_again_after_taking_it_back(person: User) -> None:
    vacancy = make_vacancy("published")
    row = applications.apply_to_vacancy(vacancy, message="", agreed=True, by=person)
    with pytest.raises(Refused, match="もう応募"):
        applications.apply_to_vacancy(vacancy, message="", agreed=True, by=person)
    applications.withdraw_application(row.pk, by=person)
    applications.apply_to_vacancy(vacancy, message="", agreed=True, by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=row.pk).update(status="sent", withdrawn_at=None)


def test_over_the_pages(person: User) -> None:
    """From the public page to the town's answer; the look is recorded, mails tell nothing."""
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    reader, town = signed_in(person), signed_in(editor)
    public = reverse("public:vacancy_detail", args=[vacancy.vacancy_no])
    page = reverse("specialist:apply", args=[vacancy.vacancy_no])
    assert page in reader.get(public).content.decode()
    assert page not in Client().get(public).content.decode()
    assert reader.post(page, {"message": "はい"}).status_code == 422  # without consent
    assert reader.post(page, {"message": "志望します", "agreed": "on"}).status_code == 302
    row = Application.objects.get()
    home = town.get(reverse("town:home")).content.decode()
    assert reverse("town:application", args=[row.pk]) in home
    assert "見本 花子" not in town.get(reverse("town:applications")).content.decode()
    assert not ProfileView.objects.exists()
    shown = town.get(reverse("town:application", args=[row.pk])).content.decode()
    assert "見本 花子" in shown
    assert "志望します" in shown
    view = ProfileView.objects.get()
    assert (view.scope, view.viewer) == ("contact", editor)
    assert vacancy.vacancy_no in view.purpose
    town.post(reverse("town:application", args=[row.pk]), {"verb": "invite"})
    assert "面接などへ進む" in reader.get(reverse("specialist:applications")).content.decode()
    mails = str(list(Message.objects.filter(kind="mail").values_list("payload", flat=True)))
    assert "花子" not in mails
    assert "志望" not in mails


def test_what_was_taken_back_is_gone_for_the_town(person: User) -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    row = applications.apply_to_vacancy(vacancy, message="志望", agreed=True, by=person)
    signed_in(person).post(reverse("specialist:application_withdraw", args=[row.pk]))
    town = signed_in(editor)
    assert town.get(reverse("town:application", args=[row.pk])).status_code == 404
    assert f"応募{row.pk}" not in town.get(reverse("town:applications")).content.decode()
    row.refresh_from_db()
    assert row.message == ""


def test_another_towns_applications_do_not_exist(person: User) -> None:
    row = make_application(person, make_vacancy("published"))
    other = signed_in(make_editor("342084"))
    assert other.get(reverse("town:application", args=[row.pk])).status_code == 404
    assert not ProfileView.objects.exists()


def test_a_closed_vacancy_keeps_its_applications(person: User) -> None:
    vacancy = make_vacancy("published")
    row = make_application(person, vacancy)
    editor = make_editor()
    vacancies.close_vacancy(vacancy, outcome="filled", by=editor)
    assert Application.objects.visible_to(editor).get() == row


def test_the_term_runs_from_the_last_day_too(person: User) -> None:
    """Nobody need end a vacancy by hand for its applications to go."""
    today = timezone.localdate()
    vacancy = make_vacancy("published", close_type="1", close_date=str(today + timedelta(days=1)))
    row = make_application(person, vacancy)
    for days, found in [(0, []), (1, []), (2, [row])]:
        moment = timezone.now() + timedelta(days=days)
        assert list(ended_applications(moment)) == found


# --- An application does not outlive its person or its vacancy -----------------------------------
def left(user: User, verb: str) -> None:
    one = Specialist.objects.get(user=user)
    if verb == "withdraw":
        vetting.withdraw(one, by=user)
    elif verb == "remove":
        vetting.decide(one, "remove", reason="規約に反した", by=make_coordinator())
    elif verb == "consent":
        consent.withdraw(one, Purpose.PROVISION, by=user)
    else:
        vetting.pause(one, by=user)


@pytest.mark.parametrize("verb", ["withdraw", "remove", "consent", "pause"])
@pytest.mark.parametrize("status", ["sent", "invited"])
def test_who_leaves_takes_open_applications_back(person: User, verb: str, status: str) -> None:
    row = make_application(person, make_vacancy("published"), status)
    refused = make_application(person, make_vacancy("published"), "refused")
    left(person, verb)
    row.refresh_from_db()
    refused.refresh_from_db()
    kept = verb == "pause"  # the person sent it, and only is not introduced to others
    assert (row.status, row.message) == (
        (status, "経験があります。") if kept else ("withdrawn", "")
    )
    assert refused.status == "refused"
    told = Message.objects.filter(payload__subject__icontains="応募が取り下げられました")
    assert told.exists() != kept


def test_who_is_erased_leaves_no_open_application(person: User) -> None:
    rows = [make_application(person, make_vacancy("published")) for _ in range(2)]
    erase_person(rows[0].specialist_id, by=make_coordinator())
    for row in rows:
        row.refresh_from_db()
        assert (row.status, row.message) == ("withdrawn", "")
    told = Message.objects.filter(payload__subject__icontains="応募が取り下げられました")
    assert len({message.key.rpartition(":")[0] for message in told}) == 2


@pytest.mark.parametrize("end", ["close", "withdraw"])
def test_open_applicants_hear_that_the_vacancy_has_ended(person: User, end: str) -> None:
    editor = make_editor()
    vacancy = make_vacancy("published", by=editor)
    make_application(person, vacancy)
    other = make_specialist(name="見本 太郎").user
    assert other is not None
    make_application(other, vacancy, "refused")
    if end == "close":
        vacancies.close_vacancy(vacancy, outcome="filled", by=editor)
    else:
        vacancies.withdraw_vacancy(vacancy, by=editor)
    told = Message.objects.filter(payload__subject__icontains="応募した募集が終わりました")
    assert [message.payload["to"] for message in told] == [person.email]
    page = signed_in(person).get(reverse("specialist:applications")).content.decode()
    assert "この募集は終わりました" in page
    link = reverse("public:vacancy_detail", args=[vacancy.vacancy_no])
    assert (link in page) == (end == "close")


def test_the_firm_does_not_learn_of_applications(person: User) -> None:
    make_application(person, make_vacancy("published"))
    one = Specialist.objects.get(user=person)
    assert "応募中の1件" in " ".join(leaving.what_ends(one.pk))
    assert leaving.what_ends(one.pk, to_firm=True) == []
