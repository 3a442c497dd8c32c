"""Proposing and deciding: what is refused, who is told, what is recorded, what races."""

import json
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from consultations.desk import services as desk
from consultations.desk.errors import Refused
from consultations.desk.models import Consultation
from consultations.knowledge import services
from consultations.knowledge.models import Article
from municipalities.registry.models import VendorContract
from talentpool.audit.models import Event
from talentpool.conventions.business_days import add_business_days
from talentpool.outbox.models import Message as Mail
from tests.consultations.objects import (
    make_article,
    make_auditor,
    make_consultation,
    make_coordinator,
    make_editor,
)

pytestmark = pytest.mark.django_db
CLEAN = {"title": "見積の見方", "question": "妥当か。", "answer": "比べる。"}


def propose(made: Consultation, **changes: Any) -> Article:
    by = changes.pop("by", None) or make_coordinator("県見 次郎")
    return services.propose_article(made.pk, **{**CLEAN, **changes}, by=by)


class TestPropose:
    def test_what_is_kept(self) -> None:
        made = make_consultation("answered")
        article = propose(made, title=" 見積の見方\r\n")
        assert (article.title, article.status) == ("見積の見方", "proposed")
        assert article.topic == made.topic
        due = add_business_days(timezone.localdate(), 10)
        assert article.approval_due == due
        assert Mail.objects.filter(key__startswith=f"article:{article.pk}:proposed").count() == 1

    @pytest.mark.parametrize("state", ["asked", "in_progress", "withdrawn"])
    def test_nothing_without_an_answer(self, state: str) -> None:
        with pytest.raises(Refused, match="回答がまだない"):
            propose(make_consultation(state))

    def test_a_closed_consultation_may_still_become_an_article(self) -> None:
        assert propose(make_consultation("closed")).status == "proposed"

    def test_not_what_the_town_wants_kept(self) -> None:
        with pytest.raises(Refused, match="県の相談窓口の中だけ"):
            propose(make_consultation("answered", secrecy="prefecture_only"))

    def test_by_coordinators_only(self) -> None:
        town = make_editor()
        made = make_consultation("answered", by=town)
        for wrong in (town, make_auditor(), make_editor("343021")):
            with pytest.raises(Refused, match="コーディネーター"):
                propose(made, by=wrong)

    @pytest.mark.parametrize("state", ["proposed", "published"])
    def test_one_at_a_time(self, state: str) -> None:
        article = make_article(state)
        with pytest.raises(Refused, match="すでに提案中または公開中"):
            propose(article.consultation)

    @pytest.mark.parametrize("state", ["refused", "withdrawn"])
    def test_a_better_text_may_follow(self, state: str) -> None:
        article = make_article(state)
        assert propose(article.consultation).pk != article.pk

    @pytest.mark.parametrize("part", ["title", "question", "answer"])
    def test_all_parts_are_needed(self, part: str) -> None:
        with pytest.raises(Refused, match="すべて入れて"):
            propose(make_consultation("answered"), **{part: " 　\n"})

    @pytest.mark.parametrize("part", ["title", "question", "answer"])
    def test_the_asker_s_name_is_in_no_article(self, part: str) -> None:
        """Not even when the coordinator has ticked it."""
        made = make_consultation("answered")
        keep = [trace.key for trace in services.traces_in(made, "江田島市の例")]
        assert keep
        with pytest.raises(Refused, match="江田島市"):
            propose(made, **{part: "江田島市の例"}, keep=keep)

    def test_other_traces_need_a_look_each(self) -> None:
        made = make_consultation("answered")
        text = "電話082-228-2111、山田さん"
        traces = services.traces_in(made, text)
        assert len(traces) == 2
        with pytest.raises(Refused, match="山田さん"):
            propose(made, answer=text, keep=[traces[0].key])
        assert propose(made, answer=text, keep=[trace.key for trace in traces]).pk

    def test_names_of_the_thread_and_of_the_contracts_are_known(self) -> None:
        town = make_editor(name="沖野 みどり")
        made = make_consultation("answered", by=town, coordinator=make_coordinator("県見 太郎"))
        VendorContract.objects.create(
            municipality=made.municipality,
            corporate_number="8000020130001",
            vendor_name="株式会社瀬戸内情報",
            subject="庁内ネットワーク保守",
            starts="2026-04-01",
            ends="2027-03-31",
        )
        found = services.traces_in(made, "沖野と県見が瀬戸内情報に聞いた")
        assert {trace.found for trace in found} == {
            "沖野 みどり",
            "県見 太郎",
            "株式会社瀬戸内情報",
        }

    def test_a_draft_holds_question_and_answers_without_the_name(self) -> None:
        made = make_consultation(
            "answered",
            title="江田島市の件",
            question="江田島市は困る。",
            answer="江田島市では比べる。",
        )
        draft = services.draft_from(made)
        assert draft == {
            "title": "ある市の件",
            "question": "ある市は困る。",
            "answer": "ある市では比べる。",
        }


class TestDecide:
    def test_who_decided_and_why_is_kept(self) -> None:
        town = make_editor()
        article = make_article(consultation=make_consultation("answered", by=town))
        services.refuse_article(article.pk, reason="identifiable", note=" 人口で分かる ", by=town)
        article.refresh_from_db()
        assert article.decided_by == town
        assert article.decided_at is not None
        assert (article.reason, article.note) == ("identifiable", "人口で分かる")

    def test_the_text_is_what_was_proposed(self) -> None:
        article = make_article("proposed")
        before = (article.title, article.question, article.answer)
        services.approve_article(article.pk, by=article.consultation.asked_by)
        article.refresh_from_db()
        assert (article.title, article.question, article.answer) == before

    @pytest.mark.django_db(transaction=True)
    def test_approval_and_refusal_at_once_leave_one_word(self) -> None:
        article = make_article("proposed")
        town = article.consultation.asked_by
        start = threading.Barrier(8)
        outcomes: list[str] = []

        def decide(number: int) -> None:
            try:
                start.wait()
                if number % 2:
                    services.approve_article(article.pk, by=town)
                else:
                    services.refuse_article(article.pk, reason="policy", note="", by=town)
                outcomes.append("done")
            except Refused:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [threading.Thread(target=decide, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["done"] + ["refused"] * 7
        assert Event.objects.filter(object_type="knowledge.Article").count() == 2

    @pytest.mark.django_db(transaction=True)
    def test_approval_waits_for_a_change_of_what_may_be_shared(self) -> None:
        article = make_article("proposed")
        town = article.consultation.asked_by
        outcomes: list[str] = []

        def approve() -> None:
            try:
                services.approve_article(article.pk, by=town)
                outcomes.append("published")
            except Refused:
                outcomes.append("refused")
            finally:
                connection.close()

        other = threading.Thread(target=approve)
        with transaction.atomic():
            desk.set_secrecy(article.consultation_id, secrecy="prefecture_only", by=town)
            other.start()
            other.join(0.5)
            assert outcomes == []
        other.join()
        article.refresh_from_db()
        assert (outcomes, article.status) == (["refused"], "proposed")


def test_mail_and_record_hold_nothing_of_the_text() -> None:
    """B-13, B-16, C-19."""
    coordinator = make_coordinator()
    for state in ("published", "refused", "withdrawn"):
        make_article(state, title="秘の題", question="秘の相談", answer="秘の回答")
    article = make_article("published", coordinator=coordinator)
    services.withdraw_article(
        article.pk, reason="outdated", note="秘の理由", by=article.consultation.asked_by
    )
    mails = Mail.objects.filter(key__startswith="article:")
    assert {mail.key.split(":")[2] for mail in mails} == {
        "proposed",
        "published",
        "refused",
        "withdrawn",
    }
    for mail in mails:
        assert "秘" not in json.dumps(mail.payload, ensure_ascii=False)
        assert "江田島" not in json.dumps(mail.payload, ensure_ascii=False)
        assert len(mail.payload["subject"]) <= 30
    for event in Event.objects.all():
        assert "秘" not in json.dumps(event.detail, ensure_ascii=False)
