"""What the many applications of one test process share, as one application's requests would.

Each test makes an application of its own: without this, most of a test's time went into
compiling the same addresses, templates and SQL statements again. Nothing is stubbed: each
thing is compiled once by the code that always compiles it, and then kept.
"""

from collections.abc import Callable
from typing import Any

import jinja2
from flask import Flask
from sqlalchemy import Engine, event, util
from werkzeug.routing import Map
from werkzeug.routing.rules import Rule

from breachdesk.models import base

STATEMENTS_KEPT = 4000

# What an address is compiled to: how it is parsed, and how it is built.
_addresses: dict[tuple[object, ...], Rule] = {}
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
    Rule.compile = _compiled_once(Rule.compile)  # type: ignore[method-assign]
    base._prepare_sqlite = _without_power_cuts(base._prepare_sqlite)
    event.listen(Engine, "engine_connect", _share_statements)


def _compiled_once(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """Compile each address once: an application has a hundred and fifty."""

    def compiled(rule: Rule) -> None:
        assert rule.map is not None
        if rule.map.converters != Map.default_converters:
            compile_rule(rule)
            return
        # All that it is made from.
        key = (rule.rule, rule.host, rule.subdomain, rule.map.host_matching, rule.merge_slashes)
        key += (repr(rule.defaults),)
        kept = _addresses.get(key)
        if kept is None:
            compile_rule(rule)
            _addresses[key] = rule
            return
        rule._parts, rule._trace = kept._parts, kept._trace
        rule._converters, rule.arguments = kept._converters, kept.arguments
        rule._build = kept._build.__func__.__get__(rule)  # type: ignore[attr-defined]
        rule._build_unknown = kept._build_unknown.__func__.__get__(rule)  # type: ignore[attr-defined]

    return compiled


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
