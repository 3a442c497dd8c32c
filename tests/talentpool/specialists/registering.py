"""How a test registers somebody: through the pages, as a browser does."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from talentpool.outbox.models import Message
from talentpool.specialists.models import EntryTicket, Specialist
from talentpool.specialists.services import entry, vetting
from talentpool.specialists.services.people import start_registration
from talentpool.users.models import User
from talentpool.users.services import create_account
from tests.factories import (
    PASSWORD,
)

Status = Specialist.Status
ACCOUNT = {"name": "見本 花子", "password1": PASSWORD, "password2": PASSWORD}
BASICS = {"name": "見本 花子", "kana": "みほん はなこ", "kind": "retired", "base": "342157"}
ANSWERS: dict[str, dict[str, Any]] = {
    "basics": BASICS,
    "background": {
        "retired_on_0": "2025",
        "retired_on_1": "3",
        "retired_on_2": "31",
        "last_post": "デジタル課長",
        "was_manager": "yes",
        "departments": "令和2年度 情報課",
        "present_work": "company",
        "employer": "見本システム",
    },
    "skills": {"skill_1": "NW", "level_1": "3", "years_1": "12", "evidence_1": "更改の設計"},
    "roles": {"talent_types": ["PM"], "years": "30", "municipal_years": "30"},
    "certificates": {"other_name_1": "見本の資格", "number_1": "A-1"},
    "conditions": {
        "forms_": ["10"],
        "day": "30,000",
        "max_towns": "3",
        "remote": "partly",
        "radius_km": "60",
        "weekdays": ["0", "1"],
    },
}


def link_in_mail(to: str) -> str:
    """The link of the last mail to the address, once the queue has answered who asked."""
    for pk in EntryTicket.objects.filter(status="asked").values_list("pk", flat=True):
        entry.answer_entry(pk)
    mails = Message.objects.filter(kind=Message.Kind.MAIL, payload__to=to).order_by("-pk")
    found = re.search(r"https?://[^/]+(/\S+)", mails[0].payload["body"])
    assert found
    return found[1]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def topic_page(topic: str) -> str:
    return reverse("specialist:registration_topic", args=[topic])


def send(client: Client, topic: str, answers: dict[str, Any]) -> Any:
    """Open a topic and send the answers, as a browser does."""
    page = client.get(topic_page(topic)).content.decode()
    opened = re.search(r'name="opened" value="(\w*)"', page)
    assert opened
    return client.post(topic_page(topic), {"opened": opened[1], **answers})


def agree(client: Client, topic: str) -> Any:
    """Tick all the boxes of a page of texts."""
    page = client.get(topic_page(topic)).content.decode()
    boxes = re.findall(r'name="(text_\d+)"', page)
    return client.post(topic_page(topic), dict.fromkeys(boxes, "on"))


def make_draft(**values: Any) -> Specialist:
    """A registration that was begun, without consent."""
    number = User.objects.count()
    user = create_account(
        email=f"new{number}@example.jp", name="見本 花子", kind="specialist", by=None
    )
    person = start_registration(user)
    Specialist.objects.filter(pk=person.pk).update(**values)
    person.refresh_from_db()
    return person


def fill(person: Specialist) -> Specialist:
    """Everything entered through the pages."""
    client = client_of(person.user)
    agree(client, "consent")
    for topic, answers in ANSWERS.items():
        response = send(client, topic, answers)
        assert response.status_code == 302, (topic, response.context["form"].errors)
    agree(client, "pledges")
    person.refresh_from_db()
    return person


def make_applied() -> Specialist:
    person = make_draft()
    person = fill(person)
    return vetting.submit(person, by=person.user)
