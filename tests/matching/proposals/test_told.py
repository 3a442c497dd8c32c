"""Nobody is left in the dark: which verb of the coordination tells whom, each once."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from matching.proposals.models import Bundle, Candidate
from matching.proposals.services import agreement, approaches, dates, ending
from municipalities.vacancies import services as needs
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.specialists.models import FirmManager
from talentpool.specialists.services import registration, vetting
from tests import factories as make
from tests.matching.world import World, make_world

pytestmark = pytest.mark.django_db


def told(world: World) -> Counter[str]:
    """How many mails each of the people concerned got since `forget`."""
    names = {world.town(0).email: "town 0", world.town(1).email: "town 1"}
    names |= {world.user(index).email: f"person {index}" for index in range(len(world.people))}
    names[world.coordinator.email] = "prefecture"
    mails = Message.objects.filter(kind="mail")
    return Counter(names[mail.payload["to"]] for mail in mails if mail.payload["to"] in names)


def forget() -> None:
    Message.objects.all().delete()


def decline(world: World) -> None:
    approaches.decline(world.the_bundle.pk, reason="schedule", by=world.user())


def second_steps_back(world: World) -> None:
    """The first has left already: nobody stays."""
    world.step_back(0, "budget")
    forget()
    world.step_back(1, "budget")


def both_withdraw(world: World) -> None:
    needs.withdraw_need(world.needs[0], by=world.town(0))
    forget()
    needs.withdraw_need(world.needs[1], by=world.town(1))


def days_do_not_suffice(world: World) -> None:
    """The least amount raises the days of who stays, and the person has declared fewer."""
    type(world.people[0]).objects.update(least_half_days=6)
    world.people[0].availability.update(half_days=4)
    world.step_back(1, "budget")


def say(agreed: bool) -> Callable[[World], None]:
    def say_so(world: World) -> None:
        agreement.set_disclosure(world.candidate().pk, agreed=agreed, by=world.user())

    return say_so


def asked_and_agrees(world: World) -> None:
    world.disclose(0)
    forget()
    say(True)(world)


def pause(world: World) -> None:
    vetting.pause(world.people[0], by=world.user())


def firm_takes_back(world: World) -> None:
    person = world.people[0]
    manager = make.make_specialist(kind="firm", skills=[]).user
    assert manager is not None
    FirmManager.objects.create(firm=person.firm, user=manager, since=timezone.localdate())
    registration.agree_for_firm(person, agrees=False, by=manager)


def skip(world: World) -> None:
    ending.skip_candidate(
        world.proposals[0].pk,
        candidate_id=world.candidate().pk,
        reason="days",
        by=world.coordinator,
    )


def end_proposal(world: World) -> None:
    ending.end_proposal(world.proposals[0].pk, reason="replan", by=world.coordinator)


def end_approach(world: World) -> None:
    ending.end_approach(world.the_bundle.pk, reason="days", by=world.coordinator)


def consent_missing_at_the_signing(world: World) -> None:
    say(False)(world)
    Bundle.objects.update(decide_due=world.today - timedelta(days=30))
    forget()
    dates.sweep_dates()


def unconfirmed(world: World) -> None:
    world.step_back(1, "budget")
    forget()
    world.let_pass()


def let_pass(world: World) -> None:
    world.let_pass()


BOTH = {"town 0", "town 1"}
# The verb, the state, what it is done to (people, their kind), who hears of it, what a town reads.
TABLE: dict[str, tuple[str, dict[str, object], Callable[[World], None], set[str], str]] = {
    "decline": ("approached", {}, decline, BOTH | {"person 1"}, "辞退の返事"),
    "decline what was decided": ("agreed", {}, decline, BOTH | {"person 1"}, "決定は無効"),
    "decline, nobody left": ("approached", {"people": 1}, decline, BOTH, "いなくなりました"),
    "no answer": ("approached", {}, let_pass, BOTH | {"person 0", "person 1"}, "期限まで"),
    "no answer, nobody left": (
        "approached",
        {"people": 1},
        let_pass,
        BOTH | {"person 0"},
        "いなくなりました",
    ),
    "new terms not confirmed": (
        "agreed",
        {},
        unconfirmed,
        {"town 0", "person 0", "person 1"},
        "期限まで",
    ),
    "one town silent": (
        "half_decided",
        {},
        let_pass,
        BOTH | {"person 0", "person 1"},
        "見送りとしました。いまの候補",
    ),
    "both towns silent": (
        "disclosed",
        {},
        let_pass,
        BOTH | {"person 0", "person 1"},
        "見送りとしました。いまの候補",
    ),
    "both towns silent, nobody left": (
        "disclosed",
        {"people": 1},
        let_pass,
        BOTH | {"person 0"},
        "期限までになかったため、候補の方を見送りとしました。示していた候補の方がいなくなりました",
    ),
    "decline what was decided, nobody left": (
        "agreed",
        {"people": 1},
        decline,
        BOTH,
        "辞退の返事がありました。記録されていた決定は無効になりました。示していた候補の方が",
    ),
    "last town steps back": ("disclosed", {}, second_steps_back, {"person 0"}, ""),
    "last need withdrawn": ("disclosed", {}, both_withdraw, {"person 0"}, ""),
    "last need withdrawn, not answered": ("approached", {}, both_withdraw, {"person 0"}, ""),
    "too few days": (
        "agreed",
        {"half_days": 8},
        days_do_not_suffice,
        {"town 0", "person 0", "person 1"},
        "収まらなく",
    ),
    "name opened": ("accepted", {}, asked_and_agrees, {"town 0"}, "同意しました"),
    "name opened before being asked": ("accepted", {}, say(True), set(), ""),
    "name closed": ("disclosed", {}, say(False), {"town 0"}, "取り消しました"),
    "no ranking": ("offered", {}, let_pass, BOTH, "提示の順"),
    "pause": ("approached", {}, pause, BOTH | {"person 1"}, "候補の状況"),
    "pause, nobody left": ("approached", {"people": 1}, pause, BOTH, "いなくなりました"),
    "pause of who was offered": ("offered", {"people": 1}, pause, BOTH, "いなくなりました"),
    "firm takes back": (
        "disclosed",
        {"kind": "firm"},
        firm_takes_back,
        BOTH | {"person 0", "person 1"},
        "候補の状況",
    ),
    "skip": ("ranked", {}, skip, {"town 0", "person 1"}, "県が候補の方を見送りました"),
    "skip, nobody left": ("ranked", {"people": 1}, skip, {"town 0"}, "いなくなりました"),
    "end proposal": ("ranked", {}, end_proposal, {"town 0"}, "提示を終えました"),
    "end approach": (
        "disclosed",
        {},
        end_approach,
        BOTH | {"person 0", "person 1"},
        "県が候補の方を見送りました",
    ),
    "no consent at the signing": (
        "agreed",
        {},
        consent_missing_at_the_signing,
        BOTH | {"person 0", "person 1"},
        "手続が期限まで",
    ),
}
# Where the prefecture has nothing to do, it is not written to.
QUIET = {
    "name opened",
    "name opened before being asked",
    "name closed",
}


@pytest.mark.parametrize("case", TABLE)
def test_who_is_told(case: str) -> None:
    state, given, verb, expected, words = TABLE[case]
    world = make_world(state, **given)  # type: ignore[arg-type]
    forget()
    before = dict(Bundle.objects.values_list("pk", "status"))
    verb(world)
    found = told(world)
    assert (found.pop("prefecture", 0) > 0) == (case not in QUIET)
    assert found == Counter(expected), "told twice, not at all, or of somebody else's matter"
    towns = [world.town(0).email, world.town(1).email]
    read = [row.payload for row in Message.objects.filter(kind="mail")]
    if words:
        assert any(words in mail["body"] for mail in read if mail["to"] in towns)
    # Whatever ended is in the record (ADR of the audit: every verb).
    for pk, status in Bundle.objects.filter(closed_at__isnull=False).values_list("pk", "status"):
        if before.get(pk) != status:
            assert Event.objects.filter(object_type="proposals.Bundle", object_id=str(pk)).exclude(
                action__in=["approach", "accept_approach", "confirm_terms"]
            ), status
    # The dates pass once more on the same day: nobody hears anything again.
    forget()
    dates.sweep_dates()
    assert told(world).keys() <= {"prefecture"}


def test_who_was_only_offered_is_in_the_record_when_leaving() -> None:
    world = make_world("offered")
    pause(world)
    left = Candidate.objects.filter(status="left").values_list("pk", flat=True)
    events = Event.objects.filter(action="leave_coordination", object_type="proposals.Candidate")
    assert {int(event.object_id) for event in events} == set(left)
    assert len(left) == 2


def test_the_reason_of_an_end_says_who_missed_the_day() -> None:
    world = make_world("disclosed", people=1)
    world.let_pass()
    world.read()
    assert {row.close_reason for row in world.proposals} == {"overdue"}
