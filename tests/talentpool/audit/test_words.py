"""The audit record in words."""

from pathlib import Path

from django.conf import settings

from talentpool.audit.words import ACTIONS, action_words, object_words
from talentpool.specialists.models import Specialist


def test_what_was_done_is_said_in_words_and_an_unknown_code_stays() -> None:
    assert action_words("sign_engagement") == "シェア契約を作った"
    assert action_words("grow_wings") == "grow_wings"


def test_what_it_was_done_to_has_the_name_of_its_register() -> None:
    assert object_words("engagements.Engagement") == "シェア契約"
    assert object_words("nowhere.Nothing") == "nowhere.Nothing"


def test_words_are_for_actions_that_are_recorded() -> None:
    packages = ("talentpool", "municipalities", "matching", "consultations")
    source = "".join(
        path.read_text("utf-8")
        for package in packages
        for path in (Path(settings.BASE_DIR) / package).rglob("*.py")
        if path.name != "words.py"
    )
    made_of_parts = {
        "mark_need_filled",
        "mark_need_unfilled",
        "mark_need_lapsed",
        "answer_consultation",
    }
    made_of_parts |= {f"{verb}_specialist" for verb in Specialist.TRANSITIONS}
    assert [code for code in ACTIONS.keys() - made_of_parts if f'"{code}"' not in source] == []
