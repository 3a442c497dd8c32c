"""The audit pack of a run: made by the worker that finished it, handed out as it was stored."""

from typing import Any

from django.utils import timezone

from matching import engine
from matching.engine.mended import Mending
from matching.engine.pack import assemble, edit_rows, make_pack, with_appendix
from matching.engine.planning import ENGINE_VERSION
from matching.proposals.edits import edits_of
from matching.proposals.models import Run

OTHER_VERSION = (
    "いまの版は、この案を作った版とちがうため、検算していません。案は、作った版で検算済みです。"
)
STORED_APART = ("problem", "plan")  # columns of their own


def keep_pack(
    run: Run, problem: engine.Problem, plan: engine.Plan, mending: Mending | None = None
) -> None:
    """Set the run's pack and hashes; the caller saves. In large pools it holds no next best: the
    plan's page works them out for the need that is asked about. Raises ProblemError where the plan
    does not hold for the problem."""
    pack = make_pack(problem, plan, mending=mending)
    run.plan_sha256, run.pack_sha256 = pack["plan_sha256"], pack["sha256"]
    run.pack = {name: value for name, value in pack.items() if name not in STORED_APART}


def pack_of(run: Run) -> dict[str, Any]:
    """The pack of a finished run with its appendix: what was changed since, and by which version
    it was verified. The appendix is outside the pack's hash and has its own."""
    if run.pack is not None:
        pack = run.pack | {"problem": run.problem, "plan": run.plan}
    else:
        pack = _of_old_run(run)
    return with_appendix(
        pack,
        {
            "made_at": timezone.now().isoformat(),
            "edits": edit_rows(edits_of(run)),
            "verified": _verified(run),
        },
    )


def _of_old_run(run: Run) -> dict[str, Any]:
    """The pack of a run that was finished before packs were stored; without the next best and the
    words of the rules where this version cannot read it."""
    try:
        return make_pack(engine.problem_from_json(run.problem), engine.plan_from_json(run.plan))
    except engine.ProblemError:
        return assemble(run.problem or {}, run.plan or {}, rules={}, terms={}, alternates={})


def _verified(run: Run) -> dict[str, Any]:
    """Which version of the engine made the plan, and what the verifier of the same version says
    of it now; one of another version says nothing about it."""
    made_by = str((run.plan or {}).get("versions", {}).get("engine", ""))
    found: dict[str, Any] = {"made_by": made_by, "engine": ENGINE_VERSION}
    try:
        problem, plan = engine.problem_from_json(run.problem), engine.plan_from_json(run.plan)
    except engine.ProblemError:
        return found | {"same_version": False, "says": OTHER_VERSION}
    if made_by != ENGINE_VERSION:
        return found | {"same_version": False, "says": OTHER_VERSION}
    violations = [f"{row.code}: {row.text}" for row in engine.verify(problem, plan)]
    says = "検算に通りました。" if not violations else "検算に通りません。"
    return found | {"same_version": True, "violations": violations, "says": says}
