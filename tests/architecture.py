"""The house's rules, read from the source with the standard library alone.

The table is that of docs: every import points down. Each function returns complaints,
one sentence per line of code that breaks a rule.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "breachdesk"
# The package's own modules at its top: wiring, __main__. They wire, and may import all.
WIRING = ""

# Room: the rooms it may import besides itself.
ALLOWED: dict[str, set[str]] = {
    "domain": set(),
    "wording": {"domain"},
    "models": {"domain"},
    "mail": {"domain", "wording", "config"},
    "documents": {"domain", "wording"},
    "sealing": {"domain"},
    "services": {"domain", "models", "mail", "documents", "sealing"},
    "web": {"services", "models", "domain", "wording"},
    "workers": {"services", "domain", "wording"},
    "cli": {"services", "domain", "wording", "config", "key_files", "seal_files", "setting_kinds"},
    "config": {"setting_kinds"},
    "key_files": {"config", "setting_kinds"},
    "seal_files": {"config", "key_files", "sealing", "setting_kinds"},
    "setting_kinds": set(),
}
# What each kind of room must not know.
WEB_LIBRARIES = {"flask", "flask_login", "flask_wtf", "flask_babel", "werkzeug", "wtforms"}
DATABASE_LIBRARIES = {"sqlalchemy", "flask_sqlalchemy", "alembic", "psycopg", "sqlite3"}
NO_WEB = {"domain", "wording", "models", "mail", "documents", "sealing", "services"}
NO_DATABASE = {"domain", "wording", "mail", "documents", "sealing"}
# `now` is an argument there.
NO_CLOCK = {"domain", "wording", "models", "documents", "sealing", "services"}
CLOCK_READINGS = {"now", "utcnow", "today"}
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "data", "misc", "info"}
LINES_MAX = 400


@dataclass(frozen=True)
class Module:
    """A module of the package: its dotted name within it, and its source."""

    name: str
    source: str

    @property
    def room(self) -> str:
        """The first part of the name: `services` for `services.reminders`."""
        return WIRING if self.name in ("__main__", "wiring") else self.name.split(".")[0]

    @property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.source)


def modules() -> list[Module]:
    """Every module of breachdesk."""
    return [
        Module(_name(path), path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(module: Module) -> Iterator[tuple[str, int]]:
    """Every imported module, wherever the import stands, with its line.

    Of `from a import b` both `a` and `a.b` are given: `b` may be a module.
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = "." * node.level
            yield above + (node.module or ""), node.lineno
            yield from ((f"{above}{node.module}.{a.name}", node.lineno) for a in node.names)


def complaints(module: Module) -> list[str]:
    """Every rule that the module breaks."""
    return [
        *_import_complaints(module),
        *_clock_complaints(module),
        *_size_and_name_complaints(module),
    ]


def _import_complaints(module: Module) -> list[str]:
    found = (
        (line, complaint)
        for imported, line in imports(module)
        for complaint in _about_import(module.room, imported)
    )
    return [f"{module.name}:{line} {complaint}" for line, complaint in sorted(set(found))]


def _about_import(room: str, imported: str) -> Iterator[str]:
    library, _, inside = imported.partition(".")
    if imported.startswith("."):
        yield "imports by a relative name"
    elif library == "breachdesk":
        target = inside.split(".")[0]
        if target and not _may_import(room, target):
            yield f"{room} must not import {target}"
    elif library == "smtplib":
        yield "imports smtplib: mail leaves through aiosmtplib"
    elif room == "domain" and library not in sys.stdlib_module_names:
        yield f"domain imports {library}: it may use the standard library only"
    elif room in NO_WEB and library in WEB_LIBRARIES:
        yield f"{room} must know nothing of the web: {library}"
    elif room in NO_DATABASE and library in DATABASE_LIBRARIES:
        yield f"{room} must know nothing of databases: {library}"


def _may_import(room: str, target: str) -> bool:
    if target not in ALLOWED:
        # A name of the wiring itself: create_app, for who starts the whole.
        return room in (WIRING, "cli")
    return room in (WIRING, target) or target in ALLOWED.get(room, set())


def _clock_complaints(module: Module) -> list[str]:
    if module.room not in NO_CLOCK:
        return []
    return [
        f"{module.name}:{node.lineno} reads the clock: `now` is an argument here"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (
            (node.value.id in ("datetime", "date") and node.attr in CLOCK_READINGS)
            or (node.value.id == "time" and node.attr == "time")
        )
    ]


def _size_and_name_complaints(module: Module) -> list[str]:
    found = []
    lines = module.source.count("\n")
    if lines > LINES_MAX:
        found.append(f"{module.name} has {lines} lines, more than {LINES_MAX}: split it")
    if NAMES_THAT_SAY_NOTHING & set(module.name.split(".")):
        found.append(f"{module.name} has a name that says nothing")
    if module.room not in ALLOWED and module.room != WIRING:
        found.append(f"{module.name} lies in no room of the house")
    return found


def circle(all_modules: list[Module]) -> list[str]:
    """Modules that import each other in a circle as they load, or nothing."""
    named = {f"breachdesk.{module.name}".rstrip("."): module for module in all_modules}
    leads_to = {name: _imported_on_loading(module, set(named)) for name, module in named.items()}
    while leads_to:
        free = [name for name, targets in leads_to.items() if not targets & set(leads_to)]
        if not free:
            return sorted(leads_to)
        for name in free:
            del leads_to[name]
    return []


def _imported_on_loading(module: Module, names: set[str]) -> set[str]:
    """The modules among `names` that the module's top level imports."""
    found: set[str] = set()
    for node in module.tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # Of `from a import b`, b where it is a module, else a.
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= whole & names or {str(node.module)}
    return found & names
