"""What a person wrote about himself or herself, before a town may know who it is (B-08).

The person is warned where it is typed; what is still there is covered where a town reads it.
"""

import re

from talentpool.conventions.telling import FORMS, OWN_FORMS, Passage, forms_in, masked, names_in
from talentpool.specialists.conflicts.rules import OWN_FIRM
from talentpool.specialists.models import Specialist

_COMPANY = re.compile(r"株式会社|有限会社|合同会社|[(（]株[)）]|[(（]有[)）]")
_BLANKS = re.compile(r"[\s　・]+")


def names_of(person: Specialist) -> list[tuple[str, str]]:
    """The names that tell who the person is: own, of the employer and of firms declared as such or
    as those whose officer the person is, of the mail address."""
    names = [("お名前", person.name), ("フリガナ", person.kana), ("通称・旧姓", person.known_as)]
    for kind, whole in list(names):
        names += [(kind, part) for part in _BLANKS.split(whole)]
    firms = [person.employer, person.firm.name if person.firm else ""]
    names += [("勤務先", _COMPANY.sub("", firm).strip()) for firm in firms]
    own = [tie for tie in person.interests.all() if tie.kind in OWN_FIRM]
    names += [("関わりのある会社", _COMPANY.sub("", tie.name).strip()) for tie in own]
    names += [("登録番号", person.pool_number)]
    if person.user:
        names += [("メールアドレス", person.user.email.partition("@")[0])]
    return [(kind, name) for kind, name in names if len(name) > 1]


def telling_passages(person: Specialist, text: str) -> list[Passage]:
    """Everything in the text that may tell who the person is."""
    return [*names_in(text, names_of(person)), *forms_in(text, (*FORMS, *OWN_FORMS))]


def blind_text(person: Specialist, text: str) -> str:
    """The text as a town may read it before the name is open."""
    return masked(text, telling_passages(person, text))


def telling_words(person: Specialist, text: str) -> str:
    """The words that may tell who the person is, each with what it looks like; empty for none."""
    found: dict[str, str] = {}
    for passage in telling_passages(person, text):
        found.setdefault(passage.found, passage.kind)
    return "、".join(f"「{text}」（{kind}）" for text, kind in found.items())


def warning(person: Specialist, text: str, label: str) -> str:
    """What to say beside the field; empty when nothing was found."""
    words = telling_words(person, text)
    if not words:
        return ""
    return (
        f"{label}に、だれのことかわかる言葉があります：{words}。"
        "市町に見せるときは伏せます。消すか、言いかえてください。"
    )
