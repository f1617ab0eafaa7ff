"""Every service asks the one table before it does anything: the walk through all of them."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_type_hints

import pytest

import breachdesk.services
from breachdesk.domain.errors import NotAllowed, NotFound
from breachdesk.models import Organisation, User
from breachdesk.services.acting import Acting, Operating, Stranger

# Act for somebody without asking themselves, each for its reason. They do not commit.
ASKED_BEFORE = {
    "acting.channel_of": "says how somebody came, reads nothing",
    "identity_providers.take_local_sign_in": "called by what has asked: two ways to allow it",
    "mail_accounts.account_or_404": "called by what has asked: changing, trying an account",
    "outside_reports.take_in": "asks in `begin_incident`, once the report is whole",
    "incidents.record_answers": "called by what has asked: opening, recording, sharing",
    "attachments.keep_attachment": "called by what has asked: opening, attaching, reporting",
    "qualification.record_qualification": "called by what has asked: qualifying, correcting",
    "facts.correct_noticed_at": "called by `record_facts`, which has asked",
}
SEATS = (Acting, Operating, Stranger)


def services() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of a service that takes who acts, by module and name."""
    for found in pkgutil.walk_packages(breachdesk.services.__path__, "breachdesk.services."):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_theirs = function.__module__ == found.name and not name.startswith("_")
            if is_theirs and seat_of(function) is not None:
                yield f"{found.name.removeprefix('breachdesk.services.')}.{name}", function


def seat_of(function: Callable[..., Any]) -> type | None:
    """As what somebody acts in this function; None where it asks for nobody."""
    if "by" not in inspect.signature(function).parameters:
        return None
    asked = get_type_hints(function)["by"]
    kinds = [kind for kind in (get_args(asked) or (asked,)) if kind in SEATS]
    return kinds[0] if kinds else None


ALL = dict(services())


def test_there_are_many_and_the_exceptions_are_among_them() -> None:
    assert len(ALL) > 40
    assert set(ASKED_BEFORE) <= set(ALL)


@pytest.mark.parametrize("name", sorted(set(ALL) - set(ASKED_BEFORE)))
def test_who_has_no_role_is_refused_before_anything_else_is_touched(name: str) -> None:
    """Everything else is handed in as None: whoever touched it would fail otherwise."""
    function = ALL[name]
    nobody: Acting | Operating
    if seat_of(function) is Operating:
        nobody = Operating(User(is_operator=False))
    else:
        nobody = Acting(User(), Organisation(), frozenset())
    given = {
        parameter.name: None
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    }

    with pytest.raises((NotAllowed, NotFound)):
        function(**given | {"by": nobody})


def test_what_is_excepted_is_called_with_the_seat_of_whoever_asked() -> None:
    """Nothing outside the services calls them."""
    names = {name.rpartition(".")[2] for name in ASKED_BEFORE}
    for room in ("web", "workers", "cli"):
        package = importlib.import_module(f"breachdesk.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"breachdesk.{room}."):
            source = inspect.getsource(importlib.import_module(found.name))
            called = {
                node.func.id
                for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert not called & names, found.name
