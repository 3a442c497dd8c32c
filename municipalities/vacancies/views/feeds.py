"""What people's programs read again and again: the newest vacancies, the deadlines."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.syndication.views import Feed
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks

from municipalities.vacancies.models import Vacancy, VacancyRevision
from municipalities.vacancies.models.vacancy import LAST_CHANGED, LAST_DAY, PUBLISHED_ORDER
from municipalities.vacancies.open_fields import open_vacancies
from municipalities.vacancies.views.opendata import address_of
from municipalities.vacancies.views.unchanged import unless_unchanged

FEED_SIZE = 50
LINE_OCTETS = 73
# The portal's only zone, without summer time: so there is a component also without a deadline.
TIME_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Tokyo",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0900",
    "TZOFFSETTO:+0900",
    "TZNAME:JST",
    "END:STANDARD",
    "END:VTIMEZONE",
)


class VacancyFeed(Feed):
    """The newest vacancies as Atom (RFC 4287). Every address begins with SITE_URL, whatever host
    was asked: a reader tells entries apart by it."""

    feed_type = Atom1Feed
    title = "募集情報"
    subtitle = "市町が募集している、情報化の専門人材の仕事"

    def link(self) -> str:
        return settings.SITE_URL + reverse("public:vacancy_list")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("public:vacancy_feed")

    def author_name(self) -> str:
        return f"{settings.PREFECTURE_NAME} {settings.PREFECTURE_OFFICE}"

    def items(self) -> Any:
        newest = open_vacancies().annotate(published=PUBLISHED_ORDER, last_changed=LAST_CHANGED)
        return (
            newest.select_related("municipality")
            .defer("search_text", "open_line")
            .order_by("-published", "-pk")[:FEED_SIZE]
        )

    def item_title(self, item: Vacancy) -> str:
        return f"{item.position_title}({item.municipality})"

    def item_description(self, item: Vacancy) -> str:
        """The town's words as the HTML that a summary is."""
        return linebreaks(item.values.get("issues", ""), autoescape=True)

    def item_link(self, item: Vacancy) -> str:
        return address_of(item.vacancy_no)

    item_guid = item_link

    def item_pubdate(self, item: Vacancy) -> Any:
        return item.published_at

    def item_updateddate(self, item: Any) -> Any:
        return item.last_changed


feed = login_not_required(unless_unchanged("feed")(VacancyFeed()))


@login_not_required
@unless_unchanged("feed")
def calendar(request: HttpRequest) -> StreamingHttpResponse:
    """Deadlines as iCalendar (RFC 5545), written while the rows are read."""
    content = (f"{folded}\r\n" for line in _calendar() for folded in _folded(line))
    return StreamingHttpResponse(content, content_type="text/calendar; charset=utf-8")


def _calendar() -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//talentpool//vacancies//JA"
    yield f"X-WR-CALNAME:{_escaped(f'{settings.SITE_NAME} 募集の締切')}"
    yield from TIME_ZONE
    newest = VacancyRevision.objects.filter(vacancy=OuterRef("pk")).order_by("-number")
    dated = (
        open_vacancies()
        .filter(close_date__isnull=False)
        .select_related("municipality")
        .annotate(last_changed=LAST_CHANGED, revision=Subquery(newest.values("number")[:1]))
        .only("vacancy_no", "position_title", "close_date", "publish_until", "municipality__name")
    )
    for vacancy in dated.order_by(LAST_DAY, "vacancy_no").iterator(500):
        yield from _event(vacancy)
    yield "END:VCALENDAR"


def _event(vacancy: Any) -> Iterator[str]:
    """A vacancy's last day; each revision that was published is a further SEQUENCE of it."""
    stamp = f"{vacancy.last_changed.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    summary = f"締切：{vacancy.position_title}({vacancy.municipality})"
    yield "BEGIN:VEVENT"
    yield f"UID:{vacancy.vacancy_no}@talentpool"
    yield f"DTSTAMP:{stamp}"
    yield f"LAST-MODIFIED:{stamp}"
    yield f"SEQUENCE:{(vacancy.revision or 1) - 1}"
    yield f"DTSTART;VALUE=DATE:{vacancy.last_day:%Y%m%d}"
    yield f"SUMMARY:{_escaped(summary)}"
    yield f"URL:{address_of(vacancy.vacancy_no)}"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    for character in ("\\", ";", ","):
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, never cut inside a character."""
    piece, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > LINE_OCTETS:
            yield piece
            piece, size = " ", 1
        piece += character
        size += octets
    yield piece
