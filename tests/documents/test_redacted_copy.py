"""A redacted copy, searched: a mark in every text of a case, and what was removed is nowhere."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.documents.dossier_bundle import dossier_files
from breachdesk.documents.printing import print_dossier
from breachdesk.domain.authority_form import NotificationKind
from breachdesk.domain.authority_forms import forms, lay_out
from breachdesk.domain.case_record import (
    AdviceRecord,
    CaseRecord,
    JournalRecord,
    MessageRecord,
    OutsideRecord,
    RefusalRecord,
    ReopeningRecord,
)
from breachdesk.domain.dossier_check import Findings
from breachdesk.domain.facts import FACTS, FactKind
from breachdesk.domain.journal import (
    FIRST_LINK,
    Line,
    canonical_value,
    commitment_to,
    line_hash,
)
from breachdesk.domain.phase_document import FiledPhase, phase_as_json
from breachdesk.domain.redaction import Part, Redaction, redact
from breachdesk.domain.reminder_ledger import (
    LedgerRecord,
    ReadRecord,
    ReminderLedger,
    ToldRecord,
)
from breachdesk.domain.standing_in import Addressee
from breachdesk.sealing.check_case import check_case
from breachdesk.sealing.check_files import check_files, check_journal
from breachdesk.sealing.embedded import embedded_files
from breachdesk.wording import FRENCH
from breachdesk.wording.notices import draft_parts
from tests.documents.sample_case import (
    ANNE,
    AWARE,
    DECIDED,
    FILED,
    KARIM,
    NOTICED,
    TOLD,
    sample_case,
)

CHAIN = "incident:7"
SALT = "5a" * 16
# Fields that hold no person's words: codes, hashes, counts, what the law says.
CODES = frozenset(
    """
    actor_id advised_communicate authority basis binding cause chain channel code commitment
    communicate country decided_communicate hash key kind law media_type previous reference
    regime roles rule_version salt sequence sha256 state stop_reason timezone
    verdict_communicate verdict_notify via what why
    """.split()  # noqa: SIM905 -- shorter to read than forty quoted words
)


def _rich_case() -> CaseRecord:
    """The sample case with each kind of record that a case can hold."""
    record = sample_case()
    stands_in = Addressee("Hugo", ("handler",), (), (("Inès", ()),), True)
    told = ToldRecord("Hugo", ("handler",), "sent", TOLD, "250 ok", stands_in)
    reminder = LedgerRecord(
        1,
        "gdpr_art_33",
        "planned",
        "mail",
        ("handler",),
        NOTICED,
        NOTICED,
        emitted_at=NOTICED,
        told=(told,),
        read=ReadRecord("Hugo", "link", NOTICED),
    )
    organisation = replace(
        record.organisation, has_dpo=True, dpo_name="Inès", dpo_email="ines@girandole.example"
    )
    return replace(
        record,
        organisation=organisation,
        ledger=ReminderLedger((reminder,)),
        messages=(MessageRecord(True, "", "asked", TOLD), MessageRecord(False, KARIM, "b", TOLD)),
        outside=OutsideRecord("processor", "Hébergeur", NOTICED, NOTICED),
        refusals=(RefusalRecord("nis2_warning", "no", KARIM, TOLD),),
        advices=(AdviceRecord(1, "yes", "no", ANNE, AWARE, True, "none", "since", True),),
        reopenings=(ReopeningRecord(1, 2, AWARE, "again", ANNE, DECIDED),),
        clocks=tuple(
            replace(each, stop_remark="remark", started_by=KARIM, stopped_by=ANNE)
            for each in record.clocks
        ),
        decisions=tuple(replace(each, decision_reason="why") for each in record.decisions),
        notices=tuple(replace(each, waiver_reason="hurry") for each in record.notices),
        phases=tuple(
            replace(each, reasons_for_delay="late", withdrawal_reason="wrong")
            for each in record.phases
        ),
    )


class _Marker:
    """Gives every text of its own a mark, and remembers where each stands."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        self._people: dict[str, str] = {}

    def marked(self, value: Any, place: str = "") -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            name = (
                f"{place}[{value.key}]"
                if hasattr(value, "version") and hasattr(value, "key")
                else place
            )
            return replace(
                value,
                **{
                    each.name: self.marked(getattr(value, each.name), f"{name}.{each.name}")
                    for each in fields(value)
                    if each.name not in CODES and getattr(value, each.name) is not None
                },
            )
        if isinstance(value, tuple):
            return tuple(self.marked(item, place) for item in value)
        if isinstance(value, str) and place.rsplit(".", 1)[-1] != "value":
            return self._mark(value, place)
        return self._marked_value(value, place)

    def _marked_value(self, value: Any, place: str) -> Any:
        """A fact's value, where it is words of a person."""
        key = place.partition("[")[2].partition("]")[0]
        is_told = (
            place.endswith(".value")
            and key in FACTS
            and FACTS[key].kind in (FactKind.TEXT, FactKind.LINE)
        )
        return self._mark(value, place) if is_told and value else value

    def _mark(self, text: str, place: str) -> str:
        if not text:
            return text
        mark = f"ZQ{len(self.places):04}QZ"
        self.places[mark] = place
        return f"{text} {mark}"


def _with_chain(record: CaseRecord) -> CaseRecord:
    """The case with a journal whose chain holds, and that commits to facts, files, filings."""
    entries: list[tuple[str, dict[str, object], str]] = [
        *(
            (
                "fact_recorded",
                {
                    "key": fact.key,
                    "version": fact.version,
                    "state": fact.state,
                    "value": commitment_to(canonical_value(fact.value), SALT),
                },
                "",
            )
            for fact in record.facts
        ),
        *(
            ("attachment_added", {"sha256": each.sha256, "size": each.size}, "")
            for each in record.attachments
        ),
        *(("phase_filed", {"kind": each.kind}, each.reasons_for_delay) for each in record.phases),
        *((each.code, {}, each.reason) for each in record.journal if each.reason),
    ]
    previous, lines = FIRST_LINK, []
    for sequence, (code, parameters, reason) in enumerate(entries, 1):
        commitment = commitment_to(reason, SALT) if reason else ""
        line = Line(CHAIN, sequence, TOLD, 3, code, parameters, commitment, previous)
        previous = line_hash(line)
        lines.append(
            JournalRecord(
                sequence,
                TOLD,
                record.opened_by,
                code,
                parameters,
                reason,
                previous,
                3,
                commitment,
                line.previous,
                SALT if reason else "",
            )
        )
    facts = tuple(replace(fact, salt=SALT) for fact in record.facts)
    return replace(record, chain=CHAIN, journal=tuple(lines), facts=facts)


def _marked_case() -> tuple[CaseRecord, Mapping[str, str]]:
    """A case with a mark in every text, filed with both forms as they stood; where each is."""
    marker = _Marker()
    record = marker.marked(_rich_case())
    # Whoever opened it wrote a name into other texts, and a text of the case into a notice.
    story = next(str(fact.value) for fact in record.facts if fact.key == "description")
    first = record.notices[0]
    body = f"{first.body}\n{story}\n{record.opened_by}\n{record.organisation.dpo_email}."
    record = replace(record, notices=(replace(first, body=body),))
    record = replace(
        record,
        phases=tuple(replace(each, content=_filed(record, each)) for each in record.phases),
    )
    return _with_chain(record), marker.places


def _filed(record: CaseRecord, phase: Any) -> dict[str, Any]:
    filed = FiledPhase(
        reference=record.reference,
        organisation=record.organisation.name,
        authority="cnil",
        sequence=1,
        kind=NotificationKind.INITIAL,
        is_complete=False,
        filed_at=FILED,
        was_late=True,
        recorded_by=phase.recorded_by,
        recorded_at=FILED + timedelta(minutes=5),
        reasons_for_delay=phase.reasons_for_delay,
        receipt_name=phase.receipt_name,
        receipt_sha256="a" * 64,
    )
    return phase_as_json(filed, [lay_out(form, record) for form in forms().values()])


def _is_of_a_person(place: str) -> bool:
    contacts = ("contact_name", "contact_email", "contact_phone", "contact_function")
    own = (*contacts, "legal_representative", "dpo_name", "dpo_email")
    people = "author actor added_by advised_by approved_by by decided_by made_by opened_by"
    last = place.rsplit(".", 1)[-1]
    others = f"{people} recorded_by started_by stopped_by to".split()
    return last in (*own, *others) or (".ledger" in place and last in ("name", "instead_of"))


def _is_reason(place: str) -> bool:
    last = place.rsplit(".", 1)[-1]
    return last.endswith(("reason", "remark")) or last == "reasons_for_delay"


WHERE: Mapping[Part, Callable[[str], bool]] = {
    Part.TITLE: lambda place: place == ".title",
    Part.NAMES: _is_of_a_person,
    Part.REASONS: _is_reason,
    Part.ASSESSMENTS: lambda place: False,
    Part.PHASES: lambda place: place == ".phases.receipt_name",
    Part.NOTICES: lambda place: place in (".notices.subject", ".notices.body"),
    Part.MESSAGES: lambda place: place == ".messages.text",
    Part.REMINDERS: lambda place: place.startswith((".reminders", ".ledger")),
}


def _choices() -> Iterator[Any]:
    for part, where in WHERE.items():
        yield pytest.param(Redaction(parts=frozenset({part})), where, id=part.value)
    for key in ("description", "system", "measures_taken", "processors_involved"):
        yield pytest.param(
            Redaction(facts=frozenset({key})),
            lambda place, key=key: f"[{key}]" in place,
            id=f"fact {key}",
        )
    # The authority's receipt, named by the filing too.
    yield pytest.param(
        Redaction(attachments=frozenset({2})),
        lambda place: place == ".phases.receipt_name",
        id="attachment",
    )


def _everything_in(copy: CaseRecord) -> str:
    """The copy as it is laid out, and the text of every file that it would hold."""
    laid = repr(lay_out_dossier(copy, FRENCH))
    return laid + "".join(file.content.decode() for file in dossier_files(copy, {}, FRENCH))


@pytest.mark.parametrize(("redaction", "where"), list(_choices()))
def test_what_is_removed_is_nowhere(redaction: Redaction, where: Callable[[str], bool]) -> None:
    record, places = _marked_case()
    # The receipt is a file of the case.
    record = _with_receipt(record)
    gone = {mark for mark, place in places.items() if where(place)}
    assert gone or Part.ASSESSMENTS in redaction.parts

    whole, copy = _everything_in(record), _everything_in(redact(record, redaction))

    # A line of the journal bears one name in this case; what the sample's lines bore is gone.
    assert {mark for mark in gone if mark in whole} or not gone
    assert {places[mark] for mark in gone if mark in copy} == set()
    assert _faults(redact(record, redaction)) == []


def _with_receipt(record: CaseRecord) -> CaseRecord:
    one, two = record.attachments
    receipt = replace(two, name=record.phases[0].receipt_name)
    return replace(record, attachments=(one, receipt))


def _faults(copy: CaseRecord) -> list[str]:
    """What a check of the copy's files finds wrong."""
    attachments = tuple(replace(each, is_in_dossier=False) for each in copy.attachments)
    files = dossier_files(replace(copy, attachments=attachments), {}, FRENCH)
    held, found = {file.name: file.content for file in files}, Findings()
    manifest = check_files(held, found)
    assert manifest is not None
    journal = check_journal(held, manifest, found)
    assert journal is not None
    check_case(held, manifest, journal, found)
    return [each.code for each in found.found if each.outcome.value == "fails"]


def test_everything_removed_is_neither_printed_nor_embedded() -> None:
    record, places = _marked_case()
    every = Redaction(
        frozenset(fact.key for fact in record.facts), frozenset(Part), frozenset({1, 2}), "Secret"
    )
    pdf = print_dossier(redact(record, every), "fr")

    reader = PdfReader(io.BytesIO(pdf))
    metadata = reader.xmp_metadata.stream.get_data().decode() if reader.xmp_metadata else ""
    printed = "".join(page.extract_text() for page in reader.pages)
    letters = "".join(filter(str.isalnum, f"{printed}{reader.metadata}{metadata}"))
    embedded = "".join(content.decode() for _, content in embedded_files(pdf))
    left = {place for mark, place in places.items() if mark in letters or mark in embedded}
    # Who the case is of, and who reported it.
    assert left <= {
        ".made_by",
        ".organisation.name",
        ".organisation.code",
        ".organisation.siren",
        ".organisation.sector",
        ".organisation.headcount",
        ".organisation.address",
        ".outside.processor",
        ".phases.number",
    }
    assert ".organisation.name" in left
    assert SALT not in embedded
    assert json.loads(dict(embedded_files(pdf))["manifest.json"])["kind"] == "redacted"


@pytest.mark.parametrize("key", sorted(FACTS))
def test_a_fact_that_a_communication_is_drafted_from_takes_it_along(key: str) -> None:
    facts = {fact.key: fact for fact in sample_case().facts}
    facts |= {
        each: replace(facts["description"], key=each, value=f"What is said of {each}.")
        for each, fact in FACTS.items()
        if fact.kind in (FactKind.TEXT, FactKind.LINE)
    }
    record = replace(sample_case(), facts=tuple(facts.values()))
    without = replace(record, facts=tuple(f for f in record.facts if f.key != key))
    is_in_draft = draft_parts(without, FRENCH) != draft_parts(record, FRENCH)

    copy = redact(record, Redaction(facts=frozenset({key})))

    assert copy.is_removed(Part.NOTICES) == is_in_draft
