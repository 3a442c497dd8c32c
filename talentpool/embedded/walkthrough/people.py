"""The walkthrough's own people: made anew each time, retired when it ends."""

import base64
import hashlib
import hmac
import re
import secrets
import struct
import time
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from municipalities.registry.memberships import end_membership, end_own_membership
from municipalities.registry.models import GroupMember, Membership, Municipality
from municipalities.registry.services import add_member
from talentpool.conventions.era import fiscal_year, fiscal_year_span
from talentpool.conventions.months import add_months, first_of_month
from talentpool.embedded.walkthrough.browser import Browser, Unexpected
from talentpool.specialists.models import Availability, Specialist, SpecialistSkill
from talentpool.specialists.services import consent, declare_interests, vetting
from talentpool.users.models import User
from talentpool.users.services import close_account, create_account
from talentpool.vocabulary.models import EngagementForm

ADDRESSES = "@walkthrough.example.jp"
RARE = ("MYN", "TEL")  # together at level 4: no sample person has both


@dataclass
class Person:
    """An account of the walkthrough with its browser."""

    user: User
    password: str
    browser: Browser

    def sign_in(self) -> None:
        """Through the sign-in page; where staff must have a second factor, set one up first."""
        page = self.browser.get("/account/login/")
        form = page.form_with("login", "password")
        page = self.browser.submit(
            page, form, {"login": self.user.email, "password": self.password}
        )
        if "/2fa/" in page.url:
            self._set_up_second_factor()
        if "/account/login" in page.url:
            raise Unexpected(f"{self.user.email} could not sign in")

    def _set_up_second_factor(self) -> None:
        page = self.browser.get("/account/2fa/totp/activate/")
        if "/reauthenticate/" in page.url:
            form = page.form_with("password")
            page = self.browser.submit(page, form, {"password": self.password})
        secret = re.search(r"\b[A-Z2-7]{32}\b", page.text)
        if secret is None:
            raise Unexpected(f"{page.url} shows no secret for the authenticator app")
        code = totp(secret[0], int(time.time()))
        self.browser.submit(page, page.form_with("code"), {"code": code})


def totp(secret: str, at: int) -> str:
    """The six digits that an authenticator app shows at the Unix time `at` (RFC 6238)."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", at // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return f"{number % 1_000_000:06d}"


@dataclass
class Cast:
    """Everybody in the walkthrough."""

    coordinator: Person
    towns: list[Person]
    other_town: Person
    specialist: Person
    second: Person
    codes: list[str] = field(default_factory=list)
    other_code: str = ""

    @property
    def everybody(self) -> list[Person]:
        return [self.coordinator, *self.towns, self.other_town, self.specialist, self.second]


@transaction.atomic
def make_cast(base: str) -> Cast:
    """New accounts and two people of the pool who share rare skills."""
    retire_left_over()
    mark = f"{timezone.now():%m%d%H%M%S}-{secrets.token_hex(2)}"
    sharing, other = _towns()
    coordinator = _member(base, f"walk-{mark}-pref", Membership.Role.COORDINATOR, None)
    towns = [
        _member(base, f"walk-{mark}-{town.code}", Membership.Role.EDITOR, town) for town in sharing
    ]
    other_town = _member(base, f"walk-{mark}-{other.code}", Membership.Role.EDITOR, other)
    return Cast(
        coordinator=coordinator,
        towns=towns,
        other_town=other_town,
        specialist=_specialist(base, mark, "1", sharing[0], half_day_rate_yen=11_000),
        second=_specialist(base, mark, "2", sharing[0], half_day_rate_yen=19_000),
        codes=[town.code for town in sharing],
        other_code=other.code,
    )


def _towns() -> tuple[list[Municipality], Municipality]:
    """Two towns of one joint-use group where there is one, and a third."""
    members = GroupMember.objects.filter(
        group__kind="joint_use", municipality__in=Municipality.objects.in_prefecture()
    ).select_related("municipality")
    groups: dict[int, list[Municipality]] = {}
    for member in members.order_by("group_id", "municipality_id"):
        if member.municipality is not None:
            groups.setdefault(member.group_id, []).append(member.municipality)
    pair = next((towns[:2] for towns in groups.values() if len(towns) > 1), None)
    rest = Municipality.objects.in_prefecture().order_by("code")
    sharing = pair or list(rest[:2])
    other = rest.exclude(pk__in=[town.pk for town in sharing]).first()
    if other is None:
        raise Unexpected("the prefecture has fewer than three municipalities")
    return sharing, other


def _person(base: str, user: User) -> Person:
    password = secrets.token_urlsafe(16)
    user.set_password(password)
    user.save(update_fields=["password"])
    return Person(user, password, Browser(base))


def _member(base: str, key: str, role: Membership.Role, town: Municipality | None) -> Person:
    membership = add_member(
        email=key + ADDRESSES,
        name="通し確認 担当",
        role=role,
        municipality=town,
        section="通し確認",
        by=None,
    )
    return _person(base, membership.user)


def _specialist(
    base: str, mark: str, number: str, town: Municipality, *, half_day_rate_yen: int
) -> Person:
    today = timezone.localdate()
    user = create_account(
        email=f"walk-{mark}-{number}{ADDRESSES}",
        name=f"通し {mark}{number}",
        kind=User.Kind.SPECIALIST,
        by=None,
    )
    person = Specialist.objects.create(
        # Letters that no token of a page can hold: a page that must not say it is searched whole.
        pool_number=f"通し{user.pk}",
        user=user,
        kind=Specialist.Kind.RETIRED,
        status=Specialist.Status.REGISTERED,
        name=f"通し確認{mark}{number}",
        kana="トオシ カクニン",
        base=town,
        radius_km=200,
        max_towns=3,
        half_day_rate_yen=half_day_rate_yen,
        monthly_fixed_yen=7_001,
        years=20,
        municipal_years=10,
        confirmed_at=timezone.now(),
        submitted_at=timezone.now(),
        registered_on=today,
        registered_until=fiscal_year_span(fiscal_year(today) + 1)[1],
    )
    person.forms.set(EngagementForm.objects.filter(code__in=["10", "20"]))
    for code in RARE:
        SpecialistSkill.objects.create(
            specialist=person, skill_id=code, own_level=4, assessed_level=4
        )
    first = first_of_month(today)
    Availability.objects.bulk_create(
        [
            Availability(specialist=person, month=add_months(first, index), half_days=10)
            for index in range(24)
        ]
    )
    consent.give(person, consent.missing(person), by=user)
    declare_interests(person, by=user)
    return _person(base, user)


def retire_left_over() -> int:
    """Take out of the pool whom a walkthrough that was killed has left there; returns how many.

    They have the rare skills too, and nobody would answer for them. After an hour, for another
    walkthrough may run beside this one.
    """
    left = Specialist.objects.registered().filter(
        user__email__endswith=ADDRESSES, confirmed_at__lt=timezone.now() - timedelta(hours=1)
    )
    people = [(row, row.user) for row in left.select_related("user") if row.user is not None]
    for profile, user in people:
        vetting.withdraw(profile, reason="通し確認が途中で終わりました。", by=user)
    return len(people)


def retire(cast: Cast) -> None:
    """Take the walkthrough's people out of the pool and end the staff's memberships, by the verbs
    of the portal; what they made stays, as any record does."""
    coordinator = cast.coordinator.user
    with transaction.atomic():
        for person in (cast.specialist, cast.second):
            profile = Specialist.objects.get(user=person.user)
            vetting.withdraw(profile, reason="通し確認が終わりました。", by=person.user)
            close_account(person.user, by=coordinator)
        for person in [*cast.towns, cast.other_town]:
            end_membership(Membership.objects.get(user=person.user).pk, by=coordinator)
        end_own_membership(Membership.objects.get(user=coordinator).pk, by=coordinator)
