"""The audit record in words."""

import ast
from pathlib import Path

from django.conf import settings

from matching.proposals.services.applications import ANSWERS
from municipalities.registry.models import Invitation
from municipalities.vacancies.models import Need
from talentpool.audit.words import ACTIONS, action_words, object_words
from talentpool.specialists.models import EntryTicket, Specialist


def test_what_was_done_is_said_in_words_and_an_unknown_code_stays() -> None:
    assert action_words("sign_engagement") == "シェア契約を作った"
    assert action_words("grow_wings") == "grow_wings"


def test_what_it_was_done_to_has_the_name_of_its_register() -> None:
    assert object_words("engagements.Engagement") == "シェア契約"
    assert object_words("nowhere.Nothing") == "nowhere.Nothing"


# Where the code is put together, and what comes of it. Anywhere else it is written out.
PUT_TOGETHER = {
    "talentpool/specialists/services/vetting.py": {
        f"{verb}_specialist" for verb in Specialist.TRANSITIONS
    },
    "talentpool/specialists/services/entry.py": {
        f"{verb}_entry_ticket" for verb in EntryTicket.TRANSITIONS
    },
    "municipalities/registry/invitations.py": {
        f"{verb}_invitation" for verb in Invitation.TRANSITIONS
    },
    "municipalities/vacancies/services/needs.py": {
        verb.replace("mark_", "mark_need_") for verb in Need.TRANSITIONS if verb.startswith("mark_")
    },
    "municipalities/vacancies/services/joint.py": {"agree_to_join", "decline_to_join"},
    "matching/proposals/services/applications.py": {f"{verb}_application" for verb in ANSWERS},
    "consultations/desk/services.py": {
        "ask_back_consultation",
        "answer_consultation",
        "add_consultation",
    },
}


def recorded() -> tuple[set[str], set[str]]:
    """The codes that the product records, and the files in which one is put together."""
    codes, files = set(), set()
    base = Path(settings.BASE_DIR)
    for package in ("talentpool", "municipalities", "matching", "consultations"):
        for path in (base / package).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(call, ast.Call) or ast.unparse(call.func) != "audit.record":
                    continue
                ways = _either(call.args[0])
                codes |= {str(way.value) for way in ways if isinstance(way, ast.Constant)}
                if not all(isinstance(way, ast.Constant) for way in ways):
                    files.add(path.relative_to(base).as_posix())
    return codes, files


def _either(code: ast.expr) -> list[ast.expr]:
    """Both sides of "a" if … else "b"."""
    return [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]


def test_every_action_that_is_recorded_has_words_and_no_other_has() -> None:
    codes, files = recorded()
    assert files == PUT_TOGETHER.keys()
    codes |= set().union(*PUT_TOGETHER.values())
    assert sorted(codes - ACTIONS.keys()) == []
    assert sorted(ACTIONS.keys() - codes) == []
