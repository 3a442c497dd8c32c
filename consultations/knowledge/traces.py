"""What in a text tells who asked: read before an article is proposed (B-08: free text is scanned).

A scan, not a proof: it finds what has a form (addresses, numbers, names that the portal knows,
words that look like a person), and a person reads the text all the same. Pure functions.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from talentpool.conventions.folding import search_key
from talentpool.conventions.telling import forms_in


@dataclass(frozen=True, slots=True)
class Trace:
    """A passage that may tell who asked. `names_asker` is never allowed in an article."""

    kind: str
    found: str
    names_asker: bool = False

    @property
    def key(self) -> str:
        """What a tick box for this trace carries."""
        return f"{self.kind}:{self.found}"


@dataclass(frozen=True, slots=True)
class Known:
    """What the portal knows about the asking town: the names to look for.

    `people` are staff who took part, full names; `vendors` the parties of the town's contracts;
    `towns` the names of all municipalities, so that 広島市 is not seen in 東広島市.
    """

    name: str
    code: str
    people: Sequence[str] = ()
    vendors: Sequence[str] = ()
    towns: Sequence[str] = ()


_COMPANY = re.compile(r"(?:株式会社|有限会社|合同会社|一般社団法人|一般財団法人|\(株\)|\(有\))")


def find_traces(text: str, known: Known) -> list[Trace]:
    """All traces in a text, each once, those that name the asking town first."""
    found: dict[str, Trace] = {}
    for trace in _named(text, known):
        found.setdefault(trace.key, trace)
    for passage in forms_in(text):
        trace = Trace(passage.kind, passage.found)
        found.setdefault(trace.key, trace)
    return sorted(found.values(), key=lambda trace: not trace.names_asker)


def _named(text: str, known: Known) -> Iterable[Trace]:
    """Names that the portal knows. Compared folded: width, spaces and kana do not hide a name."""
    key = search_key(text)
    own = search_key(known.name)
    longer = [name for name in map(search_key, known.towns) if own in name and name != own]
    rest = _without(key, longer)
    if own in rest:
        yield Trace("相談した市町の名前", known.name, names_asker=True)
    if re.search(rf"(?<![0-9]){known.code[:5]}{known.code[5]}?(?![0-9])", key):
        yield Trace("相談した市町の団体コード", known.code, names_asker=True)
    rest = _without(rest, [own])
    for town in sorted(known.towns, key=len, reverse=True):
        folded = search_key(town)
        if folded != own and folded in key:
            yield Trace("市町の名前", town)
            key = _without(key, [folded])
    stem = own[:-1]
    if len(stem) > 1 and re.search(re.escape(stem) + "(?!県)", _without(key, [own])):
        yield Trace("相談した市町の名前の一部", known.name[:-1])
    yield from _people(text, known.people)
    for vendor in known.vendors:
        short = search_key(_COMPANY.sub("", unicodedata.normalize("NFKC", vendor)))
        if len(short) > 1 and short in search_key(text):
            yield Trace("契約している事業者の名前", vendor)


def _people(text: str, people: Sequence[str]) -> Iterable[Trace]:
    key = search_key(text)
    for person in people:
        family = re.split(r"[\s　]+", person.strip())[0]
        if search_key(person) in key or (len(family) > 1 and search_key(family) in key):
            yield Trace("やりとりに加わった職員の名前", person)


def _without(text: str, words: Iterable[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "■")
    return text


def anonymised(text: str, known: Known) -> str:
    """The text with the asking town called ある市 or ある町: where a coordinator's draft starts."""
    other = "ある" + known.name[-1]
    longer = [name for name in known.towns if known.name in name and name != known.name]
    marks = {name: f"\x00{number}\x00" for number, name in enumerate(longer)}
    for name, mark in marks.items():
        text = text.replace(name, mark)
    text = text.replace(known.name, other)
    for name, mark in marks.items():
        text = text.replace(mark, name)
    return text
