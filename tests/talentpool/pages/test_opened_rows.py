"""Two people at one table of rows: who saves second reads what the first has saved (A-23)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.models import PlannedProcurement, ProcurementParty
from talentpool.specialists.models import SpecialistSkill
from talentpool.users.models import User
from tests import factories
from tests.matching.visitor import Visitor

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "7000020340006", "5010401067252"


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def sent(visitor: Visitor, url: str, button: str, **values: Any) -> tuple[str, dict[str, Any]]:
    """Where the form of a page goes and what it sends, with some boxes filled in."""
    form = visitor.get(url).form_with(button)
    return form.action or url, {**dict(form.fields), **values}


def post(user: User, url: str, data: dict[str, Any]) -> str:
    client = Client()
    client.force_login(user)
    return client.post(url, data, follow=True).content.decode()


def test_a_row_of_skills_in_the_admin() -> None:
    person = factories.make_specialist()
    skill = SpecialistSkill.objects.get(specialist=person)
    staff = factories.make_coordinator()
    page = reverse("admin:specialists_specialist_change", args=[person.pk])
    url, mine = sent(Visitor(staff), page, "name", **{"skills-0-evidence": "わたしの根拠"})
    _, theirs = sent(Visitor(staff), page, "name", **{"skills-0-evidence": "先の根拠"})
    post(staff, url, theirs)
    skill.refresh_from_db()
    assert skill.evidence == "先の根拠"
    answer = post(staff, url, mine)
    assert "いまの内容は「先の根拠」" in answer
    skill.refresh_from_db()
    assert skill.evidence == "先の根拠"
    url, again = sent(Visitor(staff), page, "name", **{"skills-0-evidence": "わたしの根拠"})
    post(staff, url, again)
    skill.refresh_from_db()
    assert skill.evidence == "わたしの根拠"
    # Who only reads is shown no column for it.
    auditor = Client()
    auditor.force_login(factories.make_member("auditor"))
    assert "pened" not in auditor.get(page).content.decode()


def test_the_firms_of_a_procurement() -> None:
    editor, today = factories.make_editor(), timezone.localdate()
    row = PlannedProcurement.objects.create(
        municipality_id="342157", subject="更改", prepared_from=today, decided_on=today
    )
    ProcurementParty.objects.create(procurement=row, name="甲社", corporate_number=NUMBER)
    page = reverse("town:procurement_edit", args=[row.pk])
    visitor = Visitor(editor)
    url, mine = sent(visitor, page, "subject", **{"parties-1-role": "expected"})
    theirs = {**mine, "parties-1-name": "乙社", "parties-1-corporate_number": OTHER}
    post(editor, url, theirs)
    assert row.parties.count() == 2
    answer = post(editor, url, mine)  # as it was opened: the second firm would be gone
    assert "事業者：いまの内容は「" in answer
    assert "乙社" in answer
    assert row.parties.count() == 2
    post(editor, url, theirs)  # a second click on what is saved
    assert row.parties.count() == 2
