"""Every public verb of the coordination comes to the audit record (A-46), read from the source: a
verb that is written tomorrow is asked too."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
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


def verbs() -> list[str]:
    """The public functions that take an actor or that open a transaction of their own."""
    return [
        name
        for name, function in functions().items()
        if not name.split(".")[1].startswith("_") and _is_verb(function)
    ]


def _is_verb(function: FunctionType) -> bool:
    tree = ast.parse(inspect.getsource(inspect.unwrap(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    atomic = any("atomic" in ast.unparse(one) for one in tree.decorator_list)
    return atomic or "by" in inspect.signature(function).parameters


def _called(function: FunctionType) -> Iterator[str]:
    for node in ast.walk(ast.parse(inspect.getsource(inspect.unwrap(function)))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def recorded(name: str) -> bool:
    """Whether the function, or one of the services that it calls, writes an event."""
    everything = functions()
    by_last = {key.split(".")[1]: key for key in everything}
    seen, waiting = set(), [name]
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        for called in _called(everything[key]):
            if called == "audit.record" or called in ELSEWHERE:
                return True
            if (last := called.rsplit(".", 1)[-1]) in by_last:
                waiting.append(by_last[last])
    return False


@pytest.mark.parametrize("name", sorted(set(verbs()) - ON_THE_ROW))
def test_a_verb_writes_an_event(name: str) -> None:
    assert recorded(name)


def test_there_are_verbs_and_the_exceptions_exist() -> None:
    assert len(verbs()) > 25
    assert set(functions()) >= ON_THE_ROW
