"""What is written in one go says the same in picture and table (C-16) and escapes what is typed."""

from datetime import date

import pytest
from django.urls import reverse

from matching.engagements import timeline_rows
from matching.engagements.timeline import Bar, Lane, Timeline
from matching.proposals.models import Proposal
from tests.matching.visitor import Visitor
from tests.matching.world import make_world

FIRST, LAST = date(2026, 4, 1), date(2027, 3, 1)


def picture() -> Timeline:
    bars = [
        Bar(
            "府中市", 6, FIRST, LAST, True, cost_yen=1_234_567, number="2026-0001", engagement_id=7
        ),
        Bar("<b>町</b>", 2, FIRST, LAST, False),
    ]
    lane = Lane(1, "H-204", "兼業・副業", bars)
    return Timeline(2026, "令和8年度", [], [lane], 900, 100, None)


def test_picture_and_table_say_the_same() -> None:
    shown = picture()
    svg, rows = timeline_rows.svg(shown), timeline_rows.rows(shown)
    for bar in shown.bars:
        assert "月3日(6半日)" in svg
        assert "月3日(6半日)" in rows
        assert bar.word in svg
        assert bar.word in rows
    assert svg.count("<g ") == rows.count("<tr>") == 2
    assert "令和8年4月〜令和9年3月" in rows
    assert "1,234,567円" in rows
    assert f'href="{reverse("admin:engagements_engagement_change", args=[7])}"' in rows
    assert "<b>" not in svg + rows


@pytest.mark.django_db
def test_a_card_leads_to_its_proposal() -> None:
    world = make_world("offered")
    need = world.needs[0]
    need.title = "<script>x</script>"
    need.save()
    staff = Visitor(world.coordinator)
    page = staff.client.get(reverse("admin:proposals_board")).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
    for proposal in Proposal.objects.all():
        assert reverse("admin:proposals_proposal_change", args=[proposal.pk]) in page
