"""Several towns post one vacancy: it goes up only when each has agreed (issue 3, section 2)."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import Municipality
from municipalities.vacancies import services
from municipalities.vacancies.errors import (
    EditConflictError,
    IncompleteError,
    NotAllowedNowError,
)
from municipalities.vacancies.filters import VacancyFilter
from municipalities.vacancies.models import JointTown, Vacancy
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    make_coordinator,
    make_editor,
    make_town,
    make_vacancy,
)

pytestmark = pytest.mark.django_db
LEAD, FIRST, SECOND = "342157", "342084", "343021"


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def make_joint(*codes: str, by: User, **values: str) -> Vacancy:
    for code in codes or (FIRST, SECOND):
        make_town(code)
    members = ";".join(codes or (FIRST, SECOND))
    return make_vacancy(by=by, joint_type="1", joint_members=members, **values)


def answer_of(vacancy: Vacancy, code: str) -> JointTown:
    return JointTown.objects.get(vacancy=vacancy, municipality_id=code)


def ask_and_agree(vacancy: Vacancy, *people: User, by: User) -> None:
    services.ask_partners(vacancy, by=by)
    for person in people:
        code = person.memberships.get().municipality_id
        services.agree_to_join(answer_of(vacancy, code), version=vacancy.version, by=person)


def change(vacancy: Vacancy, by: User, **values: str) -> Vacancy:
    row, _ = services.save_values(
        vacancy, values, identifiers=list(values), version=vacancy.version, by=by
    )
    return row


def test_it_goes_up_only_when_each_has_agreed() -> None:
    lead, first, second = make_editor(LEAD), make_editor(FIRST), make_editor(SECOND)
    vacancy = make_joint(by=lead)
    assert vacancy.joint_codes == [FIRST, SECOND]
    with pytest.raises(IncompleteError, match="府中市、府中町"):
        services.submit_vacancy(vacancy, by=lead)
    ask_and_agree(vacancy, first, by=lead)
    with pytest.raises(IncompleteError, match="そろっていません：府中町"):
        services.submit_vacancy(vacancy, by=lead)
    services.agree_to_join(answer_of(vacancy, SECOND), version=vacancy.version, by=second)
    services.submit_vacancy(vacancy, by=lead)
    assert services.publish_vacancy(vacancy, by=make_coordinator()).status == "published"


def test_the_database_keeps_it_whoever_asks() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    rows = Vacancy.objects.filter(pk=vacancy.pk)
    with (
        pytest.raises(DatabaseError, match="each town has agreed"),
        transaction.atomic(),
    ):
        rows.update(status="submitted", submitted_at=timezone.now())
    ask_and_agree(vacancy, first, by=lead)
    assert rows.update(status="submitted", submitted_at=timezone.now()) == 1


def test_what_is_written_afterwards_needs_the_word_again() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    ask_and_agree(vacancy, first, by=lead)
    vacancy = change(vacancy, lead, duties="契約の締結")
    with pytest.raises(IncompleteError, match="府中市"):
        services.submit_vacancy(vacancy, by=lead)
    with pytest.raises(EditConflictError):
        services.agree_to_join(answer_of(vacancy, FIRST), version=vacancy.version - 1, by=first)
    assert services.ask_partners(vacancy, by=lead) == 1
    assert answer_of(vacancy, FIRST).status == "asked"
    services.agree_to_join(answer_of(vacancy, FIRST), version=vacancy.version, by=first)
    assert services.ask_partners(vacancy, by=lead) == 0  # has agreed to this very text
    services.submit_vacancy(vacancy, by=lead)


def test_a_refusal_stops_publication_and_needs_its_reason() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    ask_and_agree(vacancy, first, by=lead)
    services.submit_vacancy(vacancy, by=lead)
    answer = answer_of(vacancy, FIRST)
    with pytest.raises(IncompleteError):
        services.decline_to_join(answer, remark=" ", by=first)
    services.decline_to_join(answer, remark="予算がつきませんでした。", by=first)
    with pytest.raises(IncompleteError, match="府中市"):
        services.publish_vacancy(vacancy, by=make_coordinator())
    told = Message.objects.filter(key__startswith="vacancy:").order_by("-pk").first()
    assert told is not None
    assert "同意がありませんでした" in told.payload["subject"]
    assert "予算" not in str(told.payload)  # no content in mails (B-13)


def test_a_change_of_what_is_published_needs_all_again() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    coordinator = make_coordinator()
    vacancy = make_joint(FIRST, by=lead)
    ask_and_agree(vacancy, first, by=lead)
    services.submit_vacancy(vacancy, by=lead)
    services.publish_vacancy(vacancy, by=coordinator)
    vacancy = change(services.open_change(vacancy, by=lead), lead, headcount="2")
    with pytest.raises(IncompleteError, match="府中市"):
        services.submit_change(vacancy, by=lead)
    ask_and_agree(vacancy, first, by=lead)
    services.submit_change(vacancy, by=lead)
    vacancy = services.publish_change(vacancy, by=coordinator)
    assert vacancy.values["headcount"] == "2"
    assert answer_of(vacancy, FIRST).agrees_to(vacancy.version)


def test_a_discarded_change_leaves_the_agreement_as_it_was() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    ask_and_agree(vacancy, first, by=lead)
    services.submit_vacancy(vacancy, by=lead)
    services.publish_vacancy(vacancy, by=make_coordinator())
    make_town(SECOND)
    vacancy = services.open_change(vacancy, by=lead)
    vacancy = change(vacancy, lead, joint_members=f"{FIRST};{SECOND}")
    services.ask_partners(vacancy, by=lead)
    vacancy = services.discard_change(vacancy, by=lead)
    assert list(vacancy.joint_towns.values_list("municipality_id", flat=True)) == [FIRST]


def test_who_is_taken_out_is_forgotten_and_cannot_answer() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(by=lead)
    services.ask_partners(vacancy, by=lead)
    answer = answer_of(vacancy, FIRST)
    detail = reverse("town:joint_detail", args=[vacancy.vacancy_no])
    assert signed_in(first).get(detail).status_code == 200
    vacancy = change(vacancy, lead, joint_members=SECOND)
    assert signed_in(first).get(detail).status_code == 404
    with pytest.raises(NotAllowedNowError):
        services.agree_to_join(answer, version=vacancy.version, by=first)


def make_published(*codes: str, lead: User, people: list[User]) -> Vacancy:
    vacancy = make_joint(*codes, by=lead)
    ask_and_agree(vacancy, *people, by=lead)
    services.submit_vacancy(vacancy, by=lead)
    return services.publish_vacancy(vacancy, by=make_coordinator())


@pytest.mark.parametrize("verb", ["submit", "publish"])
def test_the_verbs_forget_who_is_not_named(verb: str) -> None:
    """Also one that came to be left over, however it did."""
    lead = make_editor(LEAD)
    make_town(FIRST)
    vacancy = make_vacancy(by=lead)
    left_over = {"vacancy": vacancy, "municipality_id": FIRST, "asked_at": timezone.now()}
    if verb == "submit":
        JointTown.objects.create(**left_over)
    vacancy = services.submit_vacancy(vacancy, by=lead)
    if verb == "publish":
        JointTown.objects.create(**left_over)
        services.publish_vacancy(vacancy, by=make_coordinator())
    assert not JointTown.objects.exists()


def test_who_a_change_leaves_out_reads_what_is_published_until_it_is_changed() -> None:
    lead, first, second = make_editor(LEAD), make_editor(FIRST), make_editor(SECOND)
    vacancy = make_published(lead=lead, people=[first, second])
    vacancy = change(services.open_change(vacancy, by=lead), lead, duties="秘密の相談")
    services.ask_partners(vacancy, by=lead)
    vacancy = change(vacancy, lead, joint_members=SECOND)
    assert answer_of(vacancy, FIRST).status == "agreed"  # to what is published
    detail = reverse("town:joint_detail", args=[vacancy.vacancy_no])
    page = signed_in(first).get(detail).content.decode()
    assert "外れる変更" in page
    assert "秘密の相談" not in page
    assert "回答する" not in page
    ask_and_agree(vacancy, second, by=lead)
    services.submit_change(vacancy, by=lead)
    told = Message.objects.filter(payload__subject__icontains="共同の募集から外れました")
    assert not told.exists()
    services.publish_change(vacancy, by=make_coordinator())
    assert signed_in(first).get(detail).status_code == 404
    assert told.get().payload["to"] == first.email
    assert reverse("public:vacancy_detail", args=[vacancy.vacancy_no]) in told.get().payload["body"]


@pytest.mark.parametrize("answer", ["asked", "declined", "agreed"])
def test_a_discarded_change_gives_the_agreements_back(answer: str) -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_published(FIRST, lead=lead, people=[first])
    before = answer_of(vacancy, FIRST)
    vacancy = change(services.open_change(vacancy, by=lead), lead, headcount="9")
    services.ask_partners(vacancy, by=lead)
    if answer == "declined":
        services.decline_to_join(answer_of(vacancy, FIRST), remark="多すぎます", by=first)
    if answer == "agreed":
        services.agree_to_join(answer_of(vacancy, FIRST), version=vacancy.version, by=first)
    assert answer_of(vacancy, FIRST).status == answer
    vacancy = services.discard_change(vacancy, by=lead)
    after = answer_of(vacancy, FIRST)
    assert after.agrees_to(vacancy.version)
    assert (after.answered_at, after.answered_by, after.remark) == (
        before.answered_at,
        before.answered_by,
        "",
    )
    told = Message.objects.get(payload__subject__icontains="変更の前に戻りました").payload
    assert told["to"] == first.email
    assert reverse("town:joint_detail", args=[vacancy.vacancy_no]) in told["body"]
    event = Event.objects.get(action="restore_agreement", object_id=str(after.pk))
    remark = "多すぎます" if answer == "declined" else ""
    assert event.detail == {"vacancy": vacancy.pk, "was": answer, "remark": remark}


def test_whose_agreement_was_not_touched_is_told_nothing() -> None:
    """Nor one who had taken it back once and agreed again to what is published."""
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_published(FIRST, lead=lead, people=[first])
    services.decline_to_join(answer_of(vacancy, FIRST), remark="やめます", by=first)
    services.agree_to_join(answer_of(vacancy, FIRST), version=vacancy.version, by=first)
    vacancy = change(services.open_change(vacancy, by=lead), lead, headcount="9")
    vacancy = services.discard_change(vacancy, by=lead)
    assert answer_of(vacancy, FIRST).agrees_to(vacancy.version)
    assert not Event.objects.filter(action="restore_agreement").exists()
    assert not Message.objects.filter(payload__subject__icontains="戻りました").exists()


def test_an_agreement_taken_back_after_publication_is_told_and_stays_so() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_published(FIRST, lead=lead, people=[first])
    told = Message.objects.filter(payload__subject__icontains="同意が取り消されました")
    services.decline_to_join(answer_of(vacancy, FIRST), remark="やめます", by=first)
    assert told.count() == 1
    assert told.get().payload["to"].startswith("staff")
    vacancy = services.discard_change(services.open_change(vacancy, by=lead), by=lead)
    assert answer_of(vacancy, FIRST).status == "declined"
    vacancy = services.open_change(vacancy, by=lead)
    services.decline_to_join(answer_of(vacancy, FIRST), remark="変更も", by=first)
    assert told.count() == 1  # an answer to a change is the writing town's matter


@pytest.mark.parametrize("end", ["close", "withdraw"])
def test_the_partners_are_told_of_the_end(end: str) -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_published(FIRST, lead=lead, people=[first])
    if end == "close":
        services.close_vacancy(vacancy, outcome="filled", by=lead)
    else:
        services.withdraw_vacancy(vacancy, by=lead)
    told = Message.objects.get(payload__subject__icontains="共同の募集が終わりました")
    assert told.payload["to"] == first.email


def test_a_body_without_accounts_agrees_on_paper() -> None:
    lead = make_editor(LEAD)
    vacancy = make_joint("332054", by=lead)
    services.ask_partners(vacancy, by=lead)
    answer = answer_of(vacancy, "332054")
    with pytest.raises(IncompleteError, match="文書番号"):
        services.agree_to_join(answer, version=vacancy.version, by=lead)
    services.agree_to_join(answer, version=vacancy.version, document_number="笠情第12号", by=lead)
    services.submit_vacancy(vacancy, by=lead)


@pytest.mark.parametrize(("body", "missed"), [("332054", 0), (FIRST, 1)])
def test_only_a_town_of_the_prefecture_is_missed(body: str, missed: int) -> None:
    """Nobody is to invite staff of a body of another prefecture."""
    lead = make_editor(LEAD)
    make_coordinator()
    vacancy = make_joint(body, by=lead)
    services.ask_partners(vacancy, by=lead)
    services.withdraw_vacancy(vacancy, by=lead)
    told = Message.objects.filter(payload__subject__icontains="知らせが届かない")
    assert told.count() == missed


def test_a_paper_of_a_body_that_was_just_taken_out_is_refused() -> None:
    """Somebody changes the bodies between the page's own reading and the saving."""
    lead = make_editor(LEAD)
    vacancy = make_joint("332054", by=lead)
    services.ask_partners(vacancy, by=lead)
    client, url = signed_in(lead), reverse("town:vacancy_joint", args=[vacancy.vacancy_no])
    left: list[str] = []

    def take_out(execute: Any, sql: str, *given: Any) -> Any:
        if " FOR " in sql and not left:  # the first lock that the saving waits for
            left.append(sql)
            JointTown.objects.all().delete()
        return execute(sql, *given)

    typed = {"version": vacancy.version, "town": "332054", "document_number": "笠情第12号"}
    with connection.execute_wrapper(take_out):
        answer = client.post(url, typed, follow=True)
    assert left
    assert "共同の団体から外れています" in answer.content.decode()


def test_a_paper_counts_for_the_text_that_was_on_the_page() -> None:
    lead = make_editor(LEAD)
    vacancy = make_joint("332054", by=lead)
    services.ask_partners(vacancy, by=lead)
    client, url = signed_in(lead), reverse("town:vacancy_joint", args=[vacancy.vacancy_no])
    assert f'name="version" value="{vacancy.version}"' in client.get(url).content.decode()
    typed = {"version": vacancy.version, "town": "332054", "document_number": "笠情第12号"}
    vacancy = change(vacancy, lead, duties="契約の締結")
    assert "内容が変わりました" in client.post(url, typed, follow=True).content.decode()
    assert answer_of(vacancy, "332054").status == "asked"
    client.post(url, {**typed, "version": vacancy.version})
    assert answer_of(vacancy, "332054").agrees_to(vacancy.version)


def test_a_body_that_nobody_knows_is_named() -> None:
    lead = make_editor(LEAD)
    vacancy = make_vacancy(by=lead, joint_type="1", joint_members="332071")
    with pytest.raises(IncompleteError, match="332071"):
        services.ask_partners(vacancy, by=lead)
    with pytest.raises(IncompleteError, match="332071"):
        services.submit_vacancy(vacancy, by=lead)


def test_the_public_finds_it_under_each_of_its_towns() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    ask_and_agree(vacancy, first, by=lead)
    services.submit_vacancy(vacancy, by=lead)
    services.publish_vacancy(vacancy, by=make_coordinator())
    make_town(SECOND)
    found = [
        VacancyFilter({"municipality": code}, queryset=Vacancy.objects.public()).qs.count()
        for code in (LEAD, FIRST, SECOND)
    ]
    assert found == [1, 1, 0]
    page = Client().get(reverse("public:vacancy_detail", args=[vacancy.vacancy_no]))
    assert "府中市(共同で募集)" in page.content.decode()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_over_the_pages() -> None:
    """Tick the towns, ask, the other town reads and agrees, submit."""
    Municipality.objects.all()
    for code in (FIRST, SECOND):
        make_town(code)
    lead, first = make_editor(LEAD), make_editor(FIRST)
    writing, answering = signed_in(lead), signed_in(first)
    vacancy = make_vacancy(by=lead)
    section = reverse("town:vacancy_section", args=[vacancy.vacancy_no, "municipality"])
    assert "府中町" in writing.get(section).content.decode()
    typed = {
        "version": vacancy.version,
        "joint_type": "1",
        "joint_members": [FIRST],
        "population": "22000",
        "population_date_0": "2020",
        "population_date_1": "1",
        "population_date_2": "1",
        "issues": "更改を控えている。",
    }
    assert writing.post(section, typed).status_code == 302
    page = reverse("town:vacancy_joint", args=[vacancy.vacancy_no])
    assert "同意を求める" in writing.get(page).content.decode()
    assert writing.post(page, {"ask": "1"}).status_code == 302
    detail = reverse("town:joint_detail", args=[vacancy.vacancy_no])
    home = answering.get(reverse("town:home")).content.decode()
    assert detail in home
    vacancy.refresh_from_db()
    refused = answering.post(detail, {"version": vacancy.version, "answer": "decline"})
    assert refused.status_code == 422
    assert "同意しない理由か" in refused.content.decode()
    answering.post(detail, {"version": vacancy.version, "answer": "agree"})
    assert answer_of(vacancy, FIRST).agrees_to(vacancy.version)
    submit = reverse("town:vacancy_verb", args=[vacancy.vacancy_no, "submit"])
    writing.post(submit, {"version": vacancy.version})
    vacancy.refresh_from_db()
    assert vacancy.status == "submitted"


def test_only_who_was_asked_reads_it() -> None:
    lead, stranger = make_editor(LEAD), make_editor(SECOND)
    vacancy = make_joint(FIRST, by=lead)
    services.ask_partners(vacancy, by=lead)
    detail = reverse("town:joint_detail", args=[vacancy.vacancy_no])
    assert signed_in(stranger).get(detail).status_code == 404
    assert signed_in(lead).get(detail).status_code == 404  # the writer has a page of its own


def test_only_bodies_that_a_joint_vacancy_names_are_its_partners() -> None:
    """The database keeps it when the transaction ends, from both sides; an ended vacancy keeps
    whom it was posted with."""
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy, single = make_joint(FIRST, by=lead), make_vacancy(by=lead)
    make_town(SECOND)
    ask_and_agree(vacancy, first, by=lead)
    answer = answer_of(vacancy, FIRST)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    rows, answers = Vacancy.objects.filter(pk=vacancy.pk), JointTown.objects.filter(pk=answer.pk)
    for breaking in (
        lambda: answers.update(vacancy=single),
        lambda: answers.update(municipality=SECOND),
        lambda: rows.update(values=vacancy.values | {"joint_type": "0"}),
    ):
        with (
            pytest.raises(DatabaseError, match="only bodies that a joint vacancy names"),
            transaction.atomic(),
        ):
            breaking()
    services.withdraw_vacancy(vacancy, by=lead)
    rows.update(values=vacancy.values | {"note": "取り下げたあと"})


def test_another_form_forgets_the_partners_that_it_cannot_hold() -> None:
    lead, first = make_editor(LEAD), make_editor(FIRST)
    vacancy = make_joint(FIRST, by=lead)
    ask_and_agree(vacancy, first, by=lead)
    draft = services.copy_form(vacancy.form_version, by=make_coordinator())
    draft.fields.filter(identifier="joint_members").delete()
    services.move_to_form(vacancy, draft, by=lead)
    assert not JointTown.objects.exists()
