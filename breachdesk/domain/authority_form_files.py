"""Reading the forms' files under `forms/`: what is faulty is refused with its field and why."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from breachdesk.domain.authority_form_model import (
    FORM_CODES,
    AuthorityForm,
    Correction,
    Counterpart,
    FormField,
    FormOption,
    FormSection,
)
from breachdesk.domain.authority_form_rules import FaultyRule, Rule, read_rule
from breachdesk.domain.authority_values import NO, YES, ValueDefinition, definition_of
from breachdesk.domain.fact_schema import UNKNOWN
from breachdesk.domain.form_layout import ValueKind
from breachdesk.domain.law_words import Certainty
from breachdesk.domain.regimes import authorities
from breachdesk.domain.strict_toml import LANGUAGES, StrictTable

FORMS = Path(__file__).resolve().parent / "forms"
AT_FILING = "at_filing"
LAW = ("", "33(3)(a)", "33(3)(b)", "33(3)(c)", "33(3)(d)")

_CHOICES = (ValueKind.CHOICE, ValueKind.CHOICES)
# The shapes of a source that fit a field of a kind.
_FITS: Mapping[ValueKind, tuple[ValueKind, ...]] = {
    ValueKind.TEXT: (ValueKind.TEXT,),
    ValueKind.NUMBER: (ValueKind.NUMBER,),
    ValueKind.YES_NO: (ValueKind.YES_NO,),
    ValueKind.INSTANT: (ValueKind.INSTANT,),
    ValueKind.DATE: (ValueKind.INSTANT,),
    ValueKind.CHOICE: (ValueKind.CHOICE, ValueKind.YES_NO),
    ValueKind.CHOICES: (ValueKind.CHOICE, ValueKind.CHOICES, ValueKind.YES_NO),
}


class FaultyForm(ValueError):
    """A file under `forms/` does not say what it must; the message names the field and why."""


@cache
def forms() -> Mapping[str, AuthorityForm]:
    """Every form by its code, in the order in which they are offered. Raises FaultyForm."""
    found = {code: read_form(FORMS / f"{code}.toml") for code in FORM_CODES}
    for form in found.values():
        for pair in form.counterparts:
            _check_counterpart(pair, form, found)
    return found


def form_named(code: str) -> AuthorityForm:
    """The form of that code. Raises KeyError for one that there is not."""
    return forms()[code]


def read_form(path: Path) -> AuthorityForm:
    """Read one file. Raises FaultyForm."""
    reader = _Table.of_file(path)
    languages = tuple(reader.take("languages", list))
    if not languages or any(language not in LANGUAGES for language in languages):
        raise reader.fault("languages", "are of fr, en")
    certainty = Certainty(reader.word("certainty", tuple(Certainty)))
    form = AuthorityForm(
        code=path.stem,
        name=reader.texts("name"),
        version=reader.word("version"),
        authority=reader.word("authority", tuple(authorities())),
        languages=languages,
        source=reader.texts("source"),
        credit=reader.texts("credit") if reader.has("credit") else {},
        certainty=certainty,
        read_on=reader.day("read_on"),
        sections=tuple(_section(each, certainty) for each in reader.tables("sections")),
        corrections=tuple(map(_correction, reader.tables("corrections", needed=False))),
        counterparts=tuple(map(_counterpart, reader.tables("counterparts", needed=False))),
    )
    reader.nothing_left()
    _check_fields(path.name, form)
    return form


def _section(reader: "_Table", certainty: Certainty) -> FormSection:
    section = FormSection(
        code=reader.word("code"),
        number=reader.optional("number", str, ""),
        label=reader.texts("label"),
        fields=tuple(_field(each, certainty) for each in reader.tables("fields")),
    )
    reader.nothing_left()
    return section


def _field(reader: "_Table", certainty: Certainty) -> FormField:
    code = reader.word("code")
    reader = reader.at(f"field {code}")
    kind = ValueKind(reader.word("kind", tuple(ValueKind)))
    sources = _sources(reader, kind)
    options = tuple(map(_option, reader.tables("options", needed=kind in _CHOICES)))
    if options and kind not in _CHOICES:
        raise reader.fault("options", f"go with a choice, not with {kind.value}")
    read = FormField(
        code=code,
        number=reader.optional("number", str, ""),
        label=reader.texts("label"),
        kind=kind,
        sources=sources,
        is_together=reader.optional("together", bool, False),
        options=options,
        codes=_codes(reader, sources, options),
        when_unknown=reader.option("when_unknown", options),
        when_not_applicable=reader.option("when_not_applicable", options),
        visible_if=reader.rule("visible_if"),
        required_if=reader.rule("required_if"),
        law=reader.optional("law", str, ""),
        cites=reader.optional("cites", str, ""),
        help=reader.texts("help") if reader.has("help") else {},
        certainty=Certainty(reader.optional("certainty", str, certainty.value)),
    )
    if read.law not in LAW:
        raise reader.fault("law", f"is one of {', '.join(filter(None, LAW))}")
    reader.nothing_left()
    return read


def _sources(reader: "_Table", kind: ValueKind) -> tuple[str, ...]:
    said = reader.take("from", str | list)
    names = tuple(said) if isinstance(said, list) else (said,)
    if names == (AT_FILING,):
        return ()
    for name in names:
        found = definition_of(str(name))
        if found is None:
            raise reader.fault("from", f"names {name}, which no case has")
        if found.kind not in _FITS[kind]:
            raise reader.fault("from", f"names {name}, a {found.kind.value}: no {kind.value}")
    return names


def _option(reader: "_Table") -> FormOption:
    option = FormOption(
        code=reader.word("code"),
        label={language: reader.word(language) for language in LANGUAGES},
        only_if=reader.rule("only_if"),
        certainty=Certainty(reader.word("certainty")) if reader.has("certainty") else None,
    )
    reader.nothing_left()
    return option


def _codes(
    reader: "_Table", sources: tuple[str, ...], options: tuple[FormOption, ...]
) -> dict[str, dict[str, str]]:
    """The code tables by source; one that is not given says that the codes are the same."""
    said: dict[str, Any] = reader.optional("codes", dict, {})
    by_source = said if all(isinstance(each, dict) for each in said.values()) else {}
    tables = by_source if by_source else dict.fromkeys(sources, said) if said else {}
    offered = {option.code for option in options}
    for source in tables:
        if source not in sources:
            raise reader.fault("codes", f"is of {source}, where nothing comes from")
    if options:
        for source in sources:
            ours = _own_codes(definition_of(source))
            table = tables.get(source, {code: code for code in ours})
            _check_table(reader, source, ours, table, offered)
    return {source: dict(table) for source, table in tables.items()}


def _own_codes(found: ValueDefinition | None) -> set[str]:
    if found is None or found.kind is ValueKind.YES_NO:
        return {YES, NO}
    # "Unknown" in a list means: perhaps more; `when_unknown` says it.
    return set(found.codes) - {UNKNOWN}


def _check_table(
    reader: "_Table", source: str, ours: set[str], table: Mapping[str, Any], offered: set[str]
) -> None:
    if left_out := sorted(ours - set(table)):
        raise reader.fault("codes", f"leaves out {', '.join(left_out)} of {source}")
    if strange := sorted(set(table) - ours):
        raise reader.fault("codes", f"translates {', '.join(strange)}, which {source} never is")
    if lost := sorted({str(code) for code in table.values()} - offered - {""}):
        raise reader.fault("codes", f"leads to {', '.join(lost)}, which is no option")


def _correction(reader: "_Table") -> Correction:
    correction = Correction(*(reader.word(key) for key in ("number", "printed", "read_as", "why")))
    reader.nothing_left()
    return correction


def _counterpart(reader: "_Table") -> Counterpart:
    codes = reader.take("codes", dict)
    pair = Counterpart(
        form=reader.word("form"),
        their_field=reader.word("theirs"),
        our_field=reader.word("ours"),
        codes={
            key: tuple(value) if isinstance(value, list) else (value,)
            for key, value in codes.items()
        },
    )
    reader.nothing_left()
    return pair


def _check_fields(name: str, form: AuthorityForm) -> None:
    """Codes are unique, and a condition looks back at fields and options that there are."""
    before: dict[str, FormField] = {}
    for each in form.fields():
        if each.code in before:
            raise FaultyForm(f"{name}: there are two fields {each.code}.")
        rules = [each.visible_if, *(option.only_if for option in each.options)]
        for key, said in (("visible_if", rules), ("required_if", [each.required_if])):
            for rule in filter(None, said):
                _check_rule(f"{name}: field {each.code}: `{key}`", rule, before)
        before[each.code] = each


def _check_rule(where: str, rule: Rule, before: Mapping[str, FormField]) -> None:
    for field, option in rule.named():
        if field not in before:
            raise FaultyForm(f"{where} looks at {field}, which is no earlier field.")
        known = {each.code for each in before[field].options}
        if before[field].kind is ValueKind.YES_NO:
            known = {YES, NO}
        if option and option not in known:
            raise FaultyForm(f"{where} asks for {option}, which is no option of {field}.")


def _check_counterpart(
    pair: Counterpart, form: AuthorityForm, found: Mapping[str, AuthorityForm]
) -> None:
    where = f"{form.code}.toml: counterpart of {pair.their_field}"
    if pair.form not in found:
        raise FaultyForm(f"{where}: there is no form {pair.form}.")
    theirs = {each.code: each for each in found[pair.form].fields()}.get(pair.their_field)
    ours = {each.code: each for each in form.fields()}.get(pair.our_field)
    if theirs is None or ours is None:
        raise FaultyForm(f"{where}: one of the two fields is not there.")
    options = {option.code for option in theirs.options} or {YES, NO}
    if set(pair.codes) != options:
        missing = ", ".join(sorted(options ^ set(pair.codes)))
        raise FaultyForm(f"{where}: `codes` disagree with its options: {missing}.")
    own = {option.code for option in ours.options} or {YES, NO}
    if lost := sorted({code for codes in pair.codes.values() for code in codes} - own):
        raise FaultyForm(f"{where}: {', '.join(lost)} is no option of {pair.our_field}.")


class _Table(StrictTable):
    faulty = FaultyForm

    def option(self, key: str, options: tuple[FormOption, ...]) -> str:
        """The code of one of these options; empty where there is none."""
        code: str = self.optional(key, str, "")
        if code and code not in {option.code for option in options}:
            raise self.fault(key, f"is {code}, which is no option")
        return code

    def rule(self, key: str) -> Rule | None:
        """When something is asked or needed; None where the file does not say."""
        if not self.has(key):
            return None
        try:
            return read_rule(self.take(key, object))
        except FaultyRule as fault:
            raise self.fault(key, f"is faulty: {fault}") from None
