"""Two towns and three people, brought to a named state of the coordination by the verbs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from matching import engine
from matching.proposals.freeze import freeze
from matching.proposals.models import Bundle, Candidate, Proposal, Run
from matching.proposals.services import agreement, approaches, dates, ending, offers, runs, signing
from municipalities.vacancies.models import Need
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import vetting
from talentpool.users.models import User
from tests import factories as make
from tests.remembered import remembered

CODES = ("342157", "343099")
TABLES = (
    "proposals.Run",
    "proposals.Proposal",
    "proposals.Bundle",
    "proposals.Candidate",
    "engagements.Hold",
    "engagements.CapacityMonth",
    "engagements.Engagement",
    "engagements.Share",
    "vacancies.Need",
    "vacancies.Vacancy",
    "audit.Event",
    "outbox.Message",
)


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Every row that a verb of the coordination may write."""
    return {name: list(apps.get_model(name).objects.order_by("pk").values()) for name in TABLES}


@dataclass
class World:
    """`bundle` is the first approach, of the first person, for both towns."""

    coordinator: User
    people: list[Specialist]
    needs: list[Need]
    run: Run
    proposals: list[Proposal] = field(default_factory=list)
    bundle: Bundle | None = None
    today: date = field(default_factory=timezone.localdate)

    def read(self) -> None:
        """Read everything again."""
        for row in [*self.needs, *self.proposals, *self.people, self.run]:
            row.refresh_from_db()
        if self.bundle is not None:
            self.bundle = Bundle.objects.get(pk=self.bundle.pk)

    @property
    def the_bundle(self) -> Bundle:
        assert self.bundle is not None
        return self.bundle

    def user(self, index: int = 0) -> User:
        """The account of one of the people."""
        user = self.people[index].user
        assert user is not None
        return user

    def town(self, index: int = 0) -> User:
        """The member of staff of one of the towns."""
        return (
            make.staff_of(self.proposals[index]) if self.proposals else self.needs[index].created_by
        )

    def candidate(self, town: int = 0, person: int = 0) -> Candidate:
        return Candidate.objects.get(proposal=self.proposals[town], specialist=self.people[person])

    def offer(self) -> None:
        self.proposals = make.make_proposals(self.run, self.needs, by=self.coordinator)

    def rank(self, town: int = 0, *, wanted: int = 3) -> None:
        """The town wants the first `wanted` people, in the order of `people`."""
        proposal = self.proposals[town]
        order = [person.pk for person in self.people][:wanted]
        offers.rank_candidates(
            proposal.pk,
            ranks={
                row.pk: order.index(row.specialist_id) + 1 if row.specialist_id in order else None
                for row in proposal.candidates.all()
            },
            by=self.town(town),
        )

    def approach(self) -> Bundle:
        self.bundle = approaches.approach(
            proposal_ids=[proposal.pk for proposal in self.proposals],
            answer_due=self.today + timedelta(days=7),
            by=self.coordinator,
        )
        return self.bundle

    def accept(self, *, disclosed: bool = True) -> None:
        bundle = Bundle.objects.get(pk=self.the_bundle.pk)
        approaches.accept(
            bundle.pk,
            agreed_codes=CODES if disclosed else (),
            terms_version=bundle.terms_version,
            by=self.user(),
        )

    def disclose(self, town: int = 0) -> None:
        agreement.ask_disclosure(self.proposals[town].pk, by=self.town(town))

    def decide(self, town: int = 0) -> None:
        candidate = Candidate.objects.select_related("bundle").get(
            proposal=self.proposals[town], status="accepted"
        )
        assert candidate.bundle is not None
        agreement.decide(
            self.proposals[town].pk,
            document_number=f"文書第{town + 1}号",
            decided_on=self.today,
            terms_version=candidate.bundle.terms_version,
            by=self.town(town),
        )

    def sign(self) -> Any:
        return signing.sign(
            self.the_bundle.pk, signed_on=self.today, form_code="10", by=self.coordinator
        )

    def step_back(self, town: int = 0, reason: str = "interview") -> None:
        agreement.step_back(self.proposals[town].pk, reason=reason, by=self.town(town))

    def let_pass(self) -> int:
        """Yesterday was the last day of everything that is waiting; the sweep comes by."""
        yesterday = self.today - timedelta(days=1)
        Proposal.objects.update(rank_due=yesterday)
        Bundle.objects.filter(status="approached").update(answer_due=yesterday)
        Bundle.objects.filter(decide_due__isnull=False).update(decide_due=yesterday)
        return dates.sweep_dates()


@remembered
def make_world(in_state: str = "solved", *, people: int = 3, **person: Any) -> World:
    """A world in `in_state`: solved, offered, ranked, approached, accepted (no name open),
    disclosed, half_decided, agreed, signed; or after these: declined, expired, dissolved (both
    towns stepped back), closed (nobody was wanted), skipped (the second in line had no days),
    ended (the prefecture ended the agreed approach), left (the first person paused)."""
    coordinator = make.make_coordinator()
    pool = [
        make.make_specialist(
            **{"monthly_fixed_yen": 30_000, "half_day_rate_yen": 20_000 + 1_000 * index, **person}
        )
        for index in range(people)
    ]
    needs = [make.make_need("accepted", code=code, coordinator=coordinator) for code in CODES]
    run = solved_run(needs, by=coordinator)
    world = World(coordinator, pool, needs, run)
    steps: list[tuple[str, Callable[[], object]]] = [
        ("offered", world.offer),
        ("ranked", lambda: _each(world.rank)),
        ("approached", world.approach),
        ("accepted", lambda: world.accept(disclosed=False)),
    ]
    if in_state not in {"accepted"}:
        steps[-1] = ("accepted", world.accept)
    steps += [
        ("disclosed", lambda: _each(world.disclose)),
        ("half_decided", lambda: world.decide(0)),
        ("agreed", lambda: world.decide(1)),
        ("signed", world.sign),
    ]
    ends: dict[str, tuple[str, Any]] = {
        "declined": (
            "approached",
            lambda: approaches.decline(world.the_bundle.pk, reason="schedule", by=world.user()),
        ),
        "expired": ("approached", world.let_pass),
        "dissolved": ("disclosed", lambda: _each(world.step_back)),
        "skipped": ("approached", lambda: _skip(world)),
        "left": ("approached", lambda: vetting.pause(world.people[0], by=world.user())),
        "ended": (
            "agreed",
            lambda: ending.end_approach(world.the_bundle.pk, reason="days", by=coordinator),
        ),
    }
    if in_state == "closed":
        world.offer()
        world.rank(0, wanted=0)
        world.rank(1, wanted=0)
    else:
        until, end = ends.get(in_state, (in_state, None))
        for name, step in [] if until == "solved" else steps:
            step()
            if name == until:
                break
        else:
            assert until == "solved", in_state
        if end is not None:
            end()
    world.read()
    return world


def solved_run(needs: list[Need], *, by: User) -> Run:
    """A run that kept its greedy plan, as when the exact solver gives up: without its process, so
    that hundreds of worlds are made in little time."""
    run = runs.start_run(title="見本の回", need_ids=[need.pk for need in needs], by=by)
    problem = freeze(needs)
    run.problem = engine.problem_to_json(problem)
    run.input_sha256 = engine.input_sha256(problem)
    run.plan = run.greedy_plan = engine.plan_to_json(engine.greedy(problem))
    run.move("solve")
    run.move("finish")
    run.finished_at = timezone.now()
    run.save()
    return run


def _each(verb: Callable[[int], object]) -> None:
    """Both towns, one after the other."""
    verb(0)
    verb(1)


def _skip(world: World) -> None:
    """The second person pauses; then the first declines."""
    Specialist.objects.filter(pk=world.people[1].pk).update(status="paused")
    approaches.decline(world.the_bundle.pk, reason="schedule", by=world.user())
