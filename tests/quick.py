"""What the many applications of one test process share, as one application's requests would.

Each test makes an application of its own: without this, most of a test's time went into
compiling the same addresses, templates and SQL statements again. Nothing is stubbed: each
thing is compiled once by the code that always compiles it, and then kept.
"""

import json
from collections.abc import Callable
from typing import Any

import jinja2
from flask import Flask
from sqlalchemy import Engine, event, util
from werkzeug.routing.rules import Rule

from breachdesk.models import base

STATEMENTS_KEPT = 4000

_builders: dict[str, Callable[..., tuple[str, str]]] = {}
_dialects: dict[str, tuple[Any, util.LRUCache[Any, Any]]] = {}


class CompiledTemplates(jinja2.BytecodeCache):
    """Compiled templates in memory; Jinja checks that the source is still the same."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Any) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Any) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def share_what_is_compiled() -> None:
    """Begin sharing, for as long as this process lives."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}
    compile_builder = Rule._compile_builder

    def kept_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # All that the function is made from: it finds the converters in its own rule.
        key = json.dumps([rule.rule, rule._trace, rule.defaults, append_unknown], default=repr)
        if key not in _builders:
            _builders[key] = compile_builder(rule, append_unknown)
        return _builders[key]

    Rule._compile_builder = kept_builder  # type: ignore[method-assign]
    base._prepare_sqlite = _without_power_cuts(base._prepare_sqlite)
    event.listen(Engine, "engine_connect", _share_statements)


def _without_power_cuts(prepare: Callable[..., None]) -> Callable[..., None]:
    """A SQLite file of a test must outlive the process, as ever, but not the machine."""

    def prepared(connection: Any, record: Any) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    return prepared


def _share_statements(connection: Any) -> None:
    """Compile each statement once per kind of database: what is compiled belongs to a dialect."""
    engine = connection.engine
    # A dialect gives connections back their isolation level: one of its own is not for others.
    if engine.dialect._on_connect_isolation_level is not None:
        return
    kind = f"{engine.dialect.name} {engine.dialect.driver} {engine.dialect._json_serializer}"
    if kind not in _dialects:
        _dialects[kind] = (engine.dialect, util.LRUCache(STATEMENTS_KEPT))
    dialect, statements = _dialects[kind]
    engine.dialect = connection.dialect = dialect
    engine._compiled_cache = statements
