"""The states of the coordination: every verb in every state (ASVS 2.3.1, A-25)."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Proposal, Run
from matching.proposals.services import (
    agreement,
    approaches,
    ending,
    extending,
    offers,
    runs,
    signing,
)
from matching.proposals.states import Moving
from municipalities.vacancies.errors import VacanciesError
from talentpool.conventions.business_days import add_business_days
from tests.matching.world import CODES, World, make_world, snapshot

MODELS: list[type[Moving]] = [Run, Bundle, Proposal, Candidate]


def pairs() -> list[tuple[type[Moving], str, str]]:
    return [
        (model, state, verb)
        for model in MODELS
        for state in model.Status.values  # type: ignore[attr-defined]
        for verb in model.TRANSITIONS
    ]


@pytest.mark.parametrize(("model", "state", "verb"), pairs())
def test_a_verb_moves_from_its_states_only(model: type[Moving], state: str, verb: str) -> None:
    row = model(status=state)
    starts, end = model.TRANSITIONS[verb]
    assert row.can[verb] == (state in starts)
    if state in starts:
        row.move(verb)
        assert row.status == end
    else:
        with pytest.raises(Refused, match="この操作はできません"):
            row.move(verb)
        assert row.status == state


@pytest.mark.parametrize(
    ("model", "last"),
    [
        (Run, {"finished", "failed"}),
        (Bundle, {"signed", "declined", "expired", "dissolved"}),
        (Proposal, {"signed", "closed"}),
        (
            Candidate,
            {
                "unwanted",
                "declined",
                "expired",
                "dropped",
                "unavailable",
                "signed",
                "left",
                "aside",
            },
        ),
    ],
)
def test_nothing_leads_out_of_the_last_states(model: type[Moving], last: set[str]) -> None:
    starts = {state for froms, _ in model.TRANSITIONS.values() for state in froms}
    reached = {end for _, end in model.TRANSITIONS.values()}
    everything = set(model.Status.values)  # type: ignore[attr-defined]
    first = {"queued", "approached", "offered"}
    assert everything - starts == last
    assert reached | (first & everything) == everything


# --- The verbs themselves -------------------------------------------------------------------------
def verbs(world: World) -> dict[str, Callable[[], Any]]:
    """Each verb as its page would call it now, on the first town and the first approach."""
    proposal = world.proposals[0] if world.proposals else None
    key = proposal.pk if proposal else 0
    bundle = world.bundle.pk if world.bundle else 0
    version = world.bundle.terms_version if world.bundle else 1
    first = world.candidate() if world.proposals else None
    ids = [row.pk for row in world.proposals]
    later = add_business_days(world.today, 40)

    def rank() -> None:
        order = [person.pk for person in world.people]
        rows = Candidate.objects.filter(proposal_id=key)
        ranks = {row.pk: order.index(row.specialist_id) + 1 for row in rows}
        offers.rank_candidates(key, ranks=ranks, by=world.town())

    def disclose() -> None:
        agreement.set_disclosure(first.pk if first else 0, agreed=False, by=world.user())

    calls: dict[str, Callable[[], Any]] = {
        "offer": lambda: offers.make_proposals(
            world.run,
            need_ids=[need.pk for need in world.needs],
            rank_due=world.today,
            by=world.coordinator,
        ),
        "give_up": lambda: offers.give_up(world.needs[0].pk, by=world.coordinator),
        "rank": rank,
        "approach": lambda: approaches.approach(
            proposal_ids=ids, answer_due=world.today, by=world.coordinator
        ),
        "accept": lambda: approaches.accept(
            bundle, agreed_codes=CODES, terms_version=version, by=world.user()
        ),
        "decline": lambda: approaches.decline(bundle, reason="schedule", by=world.user()),
        "ask_disclosure": lambda: agreement.ask_disclosure(
            key, candidate_id=first.pk if first else None, by=world.town()
        ),
        "set_disclosure": disclose,
        "record_interview": lambda: agreement.record_interview(
            key, held_on=world.today, by=world.town()
        ),
        "decide": lambda: agreement.decide(
            key,
            document_number="文書第1号",
            decided_on=world.today,
            terms_version=version,
            candidate_id=first.pk if first else None,
            by=world.town(),
        ),
        "confirm_terms": lambda: agreement.confirm_terms(
            bundle, terms_version=version, by=world.user()
        ),
        "step_back": lambda: agreement.step_back(
            key,
            reason="interview",
            candidate_id=first.pk if first else None,
            by=world.town(),
        ),
        "sign": lambda: signing.sign(
            bundle, signed_on=world.today, form_code="10", by=world.coordinator
        ),
        "skip": lambda: ending.skip_candidate(
            key, candidate_id=first.pk if first else 0, reason="days", by=world.coordinator
        ),
        "end_proposal": lambda: ending.end_proposal(key, reason="replan", by=world.coordinator),
        "end_approach": lambda: ending.end_approach(bundle, reason="days", by=world.coordinator),
        "extend_ranking": lambda: extending.extend_ranking(key, until=later, by=world.coordinator),
        "extend_approach": lambda: extending.extend_approach(
            bundle, until=later, by=world.coordinator
        ),
    }
    for verb in list(calls):
        if (not key and verb in OF_PROPOSAL) or (not bundle and verb in OF_BUNDLE):
            del calls[verb]
    return calls


OF_BUNDLE = {"accept", "decline", "confirm_terms", "sign", "end_approach", "extend_approach"}
OF_PROPOSAL = {
    "rank",
    "approach",
    "ask_disclosure",
    "set_disclosure",
    "record_interview",
    "decide",
    "step_back",
    "skip",
    "end_proposal",
    "extend_ranking",
}


# Verbs that do something, and those that were done already and do nothing more; all others are
# refused. Written down here a second time, by what the people concerned expect.
EXPECTED: dict[str, tuple[set[str], set[str]]] = {
    "solved": ({"offer", "give_up"}, set()),
    "offered": ({"rank", "end_proposal", "extend_ranking"}, {"offer"}),
    "ranked": ({"approach", "skip", "end_proposal"}, {"offer", "rank"}),
    "approached": (
        {"accept", "decline", "end_approach", "extend_approach"},
        {"offer", "rank", "approach"},
    ),
    "accepted": (
        {"decline", "ask_disclosure", "step_back", "end_approach", "extend_approach"},
        # "accept" is refused: with other towns than those that were told then.
        {"offer", "rank", "set_disclosure", "confirm_terms"},
    ),
    "disclosed": (
        {
            "decline",
            "set_disclosure",
            "record_interview",
            "decide",
            "step_back",
            "end_approach",
            "extend_approach",
        },
        {"offer", "rank", "accept", "ask_disclosure", "confirm_terms"},
    ),
    "half_decided": (
        {
            "decline",
            "set_disclosure",
            "record_interview",
            "step_back",
            "end_approach",
            "extend_approach",
        },
        {"offer", "rank", "accept", "ask_disclosure", "decide", "confirm_terms"},
    ),
    "agreed": (
        {
            "decline",
            "set_disclosure",
            "record_interview",
            "step_back",
            "sign",
            "end_approach",
        },
        {"offer", "rank", "accept", "ask_disclosure", "decide", "confirm_terms"},
    ),
    "signed": (set(), {"rank", "sign"}),
    # The next in line was asked at once: the first person's pages are behind the times.
    "declined": (set(), {"offer", "rank", "approach", "decline"}),
    "expired": (set(), {"offer", "rank", "approach"}),
    "dissolved": (set(), {"offer", "rank", "step_back"}),
    "closed": ({"give_up"}, set()),  # whom the town did not want is not offered again
    "skipped": (set(), {"offer", "rank", "approach", "decline"}),
    "left": (set(), {"offer", "rank", "approach"}),
    "ended": (set(), {"offer", "rank", "approach", "skip", "end_approach"}),
}
# The states in which a world's bundles, proposals and candidates are.
SHOWN = {
    "solved": ("", "", ""),
    "offered": ("", "offered", "offered"),
    "ranked": ("", "ranked", "offered"),
    "approached": ("approached", "approached", "approached offered"),
    "accepted": ("accepted", "accepted", "accepted offered"),
    "disclosed": ("accepted", "accepted", "accepted offered"),
    "half_decided": ("accepted", "accepted decided", "accepted offered"),
    "agreed": ("agreed", "decided", "accepted offered"),
    "signed": ("signed", "signed", "offered signed"),
    "declined": ("approached declined", "approached", "approached declined offered"),
    "expired": ("approached expired", "approached", "approached expired offered"),
    "dissolved": ("approached dissolved", "approached", "approached dropped offered"),
    "closed": ("", "closed", "unwanted"),
    "skipped": ("approached declined", "approached", "approached declined unavailable"),
    "left": ("approached dissolved", "approached", "approached left offered"),
    "ended": ("approached dissolved", "approached", "approached aside offered"),
}
# The verbs whose object moves, with the table that says where to.
TABLE_OF = {
    "rank": (Proposal, "rank"),
    "approach": (Proposal, "approach"),
    "accept": (Bundle, "accept"),
    "decline": (Bundle, "decline"),
    "decide": (Proposal, "decide"),
    "sign": (Bundle, "sign"),
}


class _UndoError(Exception):
    pass


@pytest.mark.django_db
@pytest.mark.parametrize("state", EXPECTED)
def test_each_verb_in_each_state(state: str) -> None:
    world = make_world(state)
    for model, shown in zip((Bundle, Proposal, Candidate), SHOWN[state], strict=True):
        assert set(model._default_manager.values_list("status", flat=True)) == set(shown.split())
    before = snapshot()
    moved: set[str] = set()
    repeated: set[str] = set()
    for verb, call in verbs(world).items():
        try:
            with transaction.atomic():
                call()
                after = snapshot()
                if after != before:
                    assert len(after["audit.Event"]) > len(before["audit.Event"]), verb
                if verb in TABLE_OF and after != before:
                    model, name = TABLE_OF[verb]
                    row: Any = world.bundle if model is Bundle else world.proposals[0]
                    row.refresh_from_db()
                    # The last decision of a bundle may settle it at once; the table still holds.
                    assert row.status == model.TRANSITIONS[name][1]
                (repeated if after == before else moved).add(verb)
                raise _UndoError
        except _UndoError:
            pass
        except (Refused, VacanciesError):
            assert snapshot() == before, f"{verb} was refused and changed something"
        world.read()
    assert (moved, repeated) == EXPECTED[state]


def test_the_worlds_show_every_state() -> None:
    """A state in which no world stands would be a state in which no verb was tried."""
    assert SHOWN.keys() == EXPECTED.keys()
    for place, model in enumerate((Bundle, Proposal, Candidate)):
        shown = {state for row in SHOWN.values() for state in row[place].split()}
        assert shown == set(model.Status.values)  # type: ignore[attr-defined]


# --- Runs -----------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("state", Run.Status.values)
def test_solving_happens_while_a_run_is_going_on(state: str) -> None:
    world = make_world("solved")
    finished = world.run
    Run.objects.filter(pk=finished.pk).update(
        status=state,
        failure="試験" if state == "failed" else "",
        attempts=0,
    )
    before = snapshot()
    runs.solve_run(finished.pk)
    finished.refresh_from_db()
    if state in {"queued", "running"}:
        assert finished.status == "finished"
        assert finished.attempts == 1
    else:
        assert snapshot() == before


@pytest.mark.django_db
def test_the_same_request_starts_one_run() -> None:
    world = make_world("solved")
    key = uuid.uuid4()
    started = [
        runs.start_run(
            title="二度押し",
            need_ids=[need.pk for need in world.needs],
            request_key=key,
            by=world.coordinator,
        )
        for _ in range(2)
    ]
    assert started[0] == started[1]
    assert Run.objects.filter(request_key=key).count() == 1
