"""The sample prefecture: everybody and everything that the pages show, and nobody real."""

import pytest

from matching.engagements.models import Engagement
from municipalities.registry.models import Municipality
from municipalities.vacancies.models import Need, Vacancy
from talentpool.embedded.sample import sample_signins
from talentpool.embedded.sample.load import load_sample
from talentpool.specialists.models import Specialist
from talentpool.users.models import User

pytestmark = pytest.mark.django_db


def test_the_sample_holds_every_kind() -> None:
    load_sample()
    assert Municipality.objects.in_prefecture().count() == 23
    kinds = set(Specialist.objects.registered().values_list("kind", flat=True))
    assert {"firm", "retired", "side_job"} <= kinds
    assert Need.objects.values("status").distinct().count() >= 3
    assert Vacancy.objects.filter(status="published").count() >= 5
    shared = [deal for deal in Engagement.objects.all() if deal.shares.count() >= 2]
    assert shared
    emails = set(User.objects.values_list("email", flat=True))
    assert {email for _, email, _ in sample_signins()} <= emails
    # Addresses that cannot exist: example.jp is reserved.
    assert {email.rpartition("@")[2].partition(".")[2] for email in emails} == {"example.jp"}
