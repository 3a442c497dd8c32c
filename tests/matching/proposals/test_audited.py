"""Every public verb of the coordination comes to the audit record (A-46) whenever it has written
something, read from the source: a verb that is written tomorrow is asked too.

Each way through a function is followed, and through the services that it calls: no way that ends
well may write without an event. (`test_states` tries the verbs themselves in each state.)
"""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import FunctionType, ModuleType

import pytest

from matching.proposals import services

ELSEWHERE = {"vacancies.mark_unfilled"}  # a verb of another room, with an event of its own
# Background work on a run or a study that nobody asked for anew: kept on the row itself.
ON_THE_ROW = {
    "runs.solve_run",
    "runs.join_run",
    "runs.sweep_runs",
    "studies.solve_study",
    "studies.sweep_studies",
    "parts.solve_part",
}
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "delete"}


def modules() -> list[ModuleType]:
    names = [row.name for row in pkgutil.iter_modules(services.__path__)]
    return [importlib.import_module(f"{services.__name__}.{name}") for name in names]


def functions() -> dict[str, FunctionType]:
    """Every function of the services, by module and name."""
    return {
        f"{module.__name__.rsplit('.', 1)[1]}.{name}": function
        for module in modules()
        for name, function in vars(module).items()
        if inspect.isfunction(inspect.unwrap(function)) and function.__module__ == module.__name__
    }


def tree_of(function: FunctionType) -> ast.FunctionDef:
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function)))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


def verbs() -> list[str]:
    """The public functions that take an actor or that open a transaction of their own."""
    return [
        name
        for name, function in functions().items()
        if not name.split(".")[1].startswith("_") and _is_verb(function)
    ]


def _is_verb(function: FunctionType) -> bool:
    atomic = any("atomic" in ast.unparse(one) for one in tree_of(function).decorator_list)
    return atomic or "by" in inspect.signature(function).parameters


# What has happened on a way so far: (something was written, an event was recorded).
Way = tuple[bool, bool]
Ways = frozenset[Way]
NOTHING: Ways = frozenset({(False, False)})


@dataclass
class Reader:
    """Follows the ways through functions; `trees` are theirs by their last name."""

    trees: dict[str, ast.FunctionDef]
    known: dict[str, Ways] = field(default_factory=dict)

    def of(self, name: str) -> Ways:
        """How a function may end well."""
        if name not in self.known:
            self.known[name] = NOTHING  # should it call itself
            through, returned = self._block(self.trees[name].body, NOTHING)
            self.known[name] = through | returned
        return self.known[name]

    def _block(self, body: Iterable[ast.stmt], ways: Ways) -> tuple[Ways, Ways]:
        """The ways that go on behind the statements, and those that return among them."""
        returned: Ways = frozenset()
        for statement in body:
            ways, more = self._statement(statement, ways)
            returned |= more
        return ways, returned

    def _statement(self, it: ast.stmt, ways: Ways) -> tuple[Ways, Ways]:
        if isinstance(it, ast.If):
            ways = self._calls(it.test, ways)
            then, left = self._block(it.body, ways)
            other, also = self._block(it.orelse, ways)
            return then | other, left | also
        if isinstance(it, ast.For | ast.While):  # as if there were something to do
            ways = self._calls(it.iter if isinstance(it, ast.For) else it.test, ways)
            through, left = self._block(it.body, ways)
            _, also = self._block(it.body, through)
            return through or ways, left | also
        if isinstance(it, ast.With):
            for one in it.items:
                ways = self._calls(one.context_expr, ways)
            return self._block(it.body, ways)
        if isinstance(it, ast.Try):
            through, left = self._block([*it.body, *it.orelse], ways)
            for handler in it.handlers:  # what was tried is taken back
                caught, also = self._block(handler.body, ways)
                through, left = through | caught, left | also
            through, also = self._block(it.finalbody, through)
            return through, left | also
        if isinstance(it, ast.Raise):
            return frozenset(), frozenset()
        if isinstance(it, ast.FunctionDef):
            return ways, frozenset()
        ways = self._calls(it, ways)
        if isinstance(it, ast.Return):
            return frozenset(), ways
        if isinstance(it, ast.Continue | ast.Break):
            return ways, frozenset()
        return ways, frozenset()

    def _calls(self, it: ast.AST, ways: Ways) -> Ways:
        for node in ast.walk(it):
            if isinstance(node, ast.Call):
                ends = self._effect(ast.unparse(node.func))
                ways = frozenset((w or w2, r or r2) for w, r in ways for w2, r2 in ends)
        return ways

    def _effect(self, called: str) -> Ways:
        last = called.rsplit(".", 1)[-1]
        if called == "audit.record" or called in ELSEWHERE:
            return frozenset({(True, True)})
        if last in self.trees:
            return self.of(last)
        writes = last in WRITES or (last == "update" and "objects" in called)
        return frozenset({(writes, False)})


def silent(name: str) -> bool:
    """Whether there is a way through the function that writes and records nothing."""
    trees = {key.split(".")[1]: tree_of(one) for key, one in functions().items()}
    return (True, False) in Reader(trees).of(name.split(".")[1])


@pytest.mark.parametrize("name", sorted(set(verbs()) - ON_THE_ROW))
def test_a_verb_writes_an_event(name: str) -> None:
    assert not silent(name)


def test_there_are_verbs_and_the_exceptions_exist() -> None:
    assert len(verbs()) > 25
    assert set(functions()) >= ON_THE_ROW
