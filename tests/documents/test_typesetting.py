"""The dossier on paper: an archive format, readable by machines and by everyone."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import pairwise

import pikepdf
import pypdf
import pytest

from breachdesk.documents.dossier import lay_out_dossier
from breachdesk.documents.printing import print_dossier
from breachdesk.documents.typesetting import typeset_dossier
from breachdesk.domain.case_record import CaseRecord, RefusalRecord, RemovedRecord
from breachdesk.domain.dossier_files import DossierFile
from breachdesk.domain.errors import DocumentFailed
from breachdesk.wording import wording_for
from tests.documents.sample_case import sample_case, with_fact, with_journal

MARKUP = (
    '#panic("x") *gras* _it_ $x^2$ #read("/etc/passwd") </td><script>alert(1)</script> '
    "{{7*7}} @ref <label> `raw` // /* -- ... \\u{41} 'q' \"q\""
)


def _print(record: CaseRecord, locale: str = "fr") -> bytes:
    return print_dossier(record, locale)


def _text(pdf: bytes) -> str:
    return _text_of(pypdf.PdfReader(BytesIO(pdf)))


def _text_of(reader: pypdf.PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def _squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="module", params=["fr", "en"])
def printed(request) -> tuple[str, bytes]:
    return request.param, _print(sample_case(), request.param)


def test_it_claims_pdf_a_3a_and_pdf_ua_1(printed):
    with pikepdf.open(BytesIO(printed[1])) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["pdfuaid:part"] == "1"


def test_it_is_tagged_titled_and_in_its_language(printed):
    locale, made = printed
    with pikepdf.open(BytesIO(made)) as pdf:
        assert str(pdf.Root.Lang).startswith(locale)
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert "GIR-2026-0007" in str(pdf.docinfo["/Title"])
        assert len(pdf.Root.OutputIntents) == 1
        assert pdf.check_pdf_syntax() == []


def test_each_picture_has_its_words_and_headings_lead_down_by_one(printed):
    with pikepdf.open(BytesIO(printed[1])) as pdf:
        tags = [*_tags(pdf.Root.StructTreeRoot)]

    pictures = [tag for tag in tags if tag.get("/S") == "/Figure"]
    assert len(pictures) == 4, "the gauge, the timeline, the deliveries by state and over time"
    assert all(len(str(tag["/Alt"])) > 20 for tag in pictures)
    assert {str(tag.get("/S")) for tag in tags} >= {"/H1", "/H2", "/H3", "/P", "/Table", "/TH"}
    levels = [int(str(tag["/S"])[2]) for tag in tags if re.fullmatch(r"/H\d", str(tag.get("/S")))]
    assert levels[0] == 1
    assert all(later <= sooner + 1 for sooner, later in pairwise(levels))


def _tags(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The structure elements below one, in reading order."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _tags(kid)


def test_another_reader_finds_the_chapters_in_their_order(printed, tmp_path):
    locale, made = printed
    file = tmp_path / "dossier.pdf"
    file.write_bytes(made)
    read = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True, text=True
    )

    said = _squeezed(read.stdout)
    titles = [
        _squeezed(f"{each.number}. {each.title}")
        for each in lay_out_dossier(sample_case(), wording_for(locale)).chapters
    ]
    # Once in the contents, once in its place.
    places = [said.rindex(title) for title in titles]
    assert [said.count(title) for title in titles] == [2] * len(titles)
    assert places == sorted(places)


def test_the_case_is_attached_as_data(printed):
    with pikepdf.open(BytesIO(printed[1])) as pdf:
        file = pdf.attachments["case.json"]

        assert json.loads(file.get_file().read_bytes()) == sample_case().as_json()
        assert {str(each.AFRelationship) for each in pdf.Root.AF} == {"/Data"}
        assert file.get_file().mime_type == "application/json"


def test_files_are_embedded_byte_for_byte_under_their_names_with_folders():
    files = (
        DossierFile("case.json", "application/json", b"{}", "L’affaire"),
        DossierFile("notifications/1.json", "application/json", b"[1]", "Dépôt n° 1"),
        DossierFile("attachments/01-alerte.eml", "message/rfc822", bytes(range(256)) * 40, "É"),
        DossierFile("attachments/02-vide.txt", "text/plain", b"", "vide"),
        DossierFile("attachments/03-main.typ", "no type at all", b"#panic()", "\ud800\x00\n"),
    )
    record = sample_case()
    content = lay_out_dossier(record, wording_for("fr"))

    with pikepdf.open(BytesIO(typeset_dossier(content, files, record.made_at))) as pdf:
        held = {name: pdf.attachments[name] for name in pdf.attachments}
        assert {name: spec.get_file().read_bytes() for name, spec in held.items()} == {
            file.name: file.content for file in files
        }
        assert [str(spec.obj.AFRelationship) for spec in held.values()] == [
            *3 * ["/Supplement"],
            *2 * ["/Data"],
        ]
        assert held["attachments/01-alerte.eml"].description == "É"
        assert held["attachments/01-alerte.eml"].get_file().mime_type == "message/rfc822"
        assert held["attachments/03-main.typ"].get_file().mime_type == "application/octet-stream"
        assert len(pdf.Root.AF) == len(files)


def test_every_font_is_embedded(printed):
    fonts = set()
    with pikepdf.open(BytesIO(printed[1])) as pdf:
        for page in pdf.pages:
            for font in page.resources.get("/Font", {}).values():
                descendant = font.DescendantFonts[0].FontDescriptor
                fonts.add("/FontFile2" in descendant or "/FontFile3" in descendant)
                assert "/ToUnicode" in font

    assert fonts == {True}


def test_the_same_case_gives_the_same_bytes(printed):
    locale, made = printed

    assert _print(sample_case(), locale) == made


def test_its_pages_say_what_the_case_says(printed):
    said = _squeezed(_text(printed[1]))

    for expected in ("GIR-2026-0007", "11/2026", "FIC-000-777", "9c1f" * 16, "LaGirandole"):
        assert expected in said


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(MARKUP, id="markup"),
        pytest.param("L’« œuvre » coûte 12 €, déjà payée – où ça ?", id="French"),
        pytest.param('It\'s "quoted" & <b>pasted</b>', id="English and pasted HTML"),
        pytest.param("你好世界 カタカナ", id="Chinese and Japanese"),
        pytest.param("Ελλάδα Россия", id="Greek and Cyrillic"),
        pytest.param("😀", id="emoji"),
    ],
)
def test_what_people_write_comes_out_as_text(written):
    said = _text(_print(with_fact(sample_case(), "description", written)))

    assert _squeezed(written) in _squeezed(said)


def test_ten_thousand_characters_without_a_space_are_all_printed():
    pdf = _print(with_fact(sample_case(), "description", "ж" * 10_000))

    # Once whole among the facts, once whole in the form, the beginning in the summary.
    assert _text(pdf).count("ж") >= 20_000


@pytest.mark.parametrize(
    "written",
    [pytest.param("مرحبا", id="Arabic"), pytest.param("שלום", id="Hebrew")],
)
def test_what_runs_from_the_right_comes_out_with_all_its_letters(written):
    said = _text(_print(with_fact(sample_case(), "measures_planned", written)))

    # Readers differ on the order of letters; none may be lost or replaced.
    assert set(written) <= set(said)


def test_what_cannot_be_printed_is_shown_and_kept_in_the_data():
    written = "a\x00b \u202eevil \ue000 한"
    pdf = _print(with_fact(sample_case(), "description", written))

    assert "a⟨U+0000⟩b⟨U+202E⟩evil⟨U+E000⟩⟨U+D55C⟩" in _squeezed(_text(pdf))
    with pikepdf.open(BytesIO(pdf)) as opened:
        attached = json.loads(opened.attachments["case.json"].get_file().read_bytes())
    assert written in {fact["value"] for fact in attached["facts"] if fact["key"] == "description"}


def test_hostile_text_in_every_place_breaks_nothing():
    hostile = "\n".join([MARKUP, "مرحبا 👨‍👩‍👧 \ud800\x07", "y" * 300])
    record = sample_case()
    record = replace(
        record,
        title=hostile,
        made_by=hostile,
        organisation=replace(record.organisation, name=hostile, contact_email="z" * 400),
        attachments=tuple(replace(file, name=hostile) for file in record.attachments),
        notices=tuple(
            replace(
                notice,
                subject=hostile,
                body=hostile,
                approved_by=hostile,
                deliveries={"sent": 3, hostile: 2},
            )
            for notice in record.notices
        ),
        facts=tuple(
            replace(fact, source=hostile, author=hostile, value=hostile)
            if fact.key in ("description", "measures_taken", "system")
            else replace(fact, source=hostile, author=hostile)
            for fact in record.facts
        ),
        qualifications=tuple(
            replace(each, reason=hostile, by=hostile) for each in record.qualifications
        ),
        clocks=tuple(
            replace(clock, regime=regime, started_by=hostile, stop_remark=hostile)
            for clock, regime in zip(record.clocks, (hostile, "gdpr_art_33"), strict=True)
        ),
        assessments=tuple(replace(each, made_by=hostile) for each in record.assessments),
        decisions=tuple(
            replace(each, advised_by=hostile, decided_by=hostile, decision_reason=hostile)
            for each in record.decisions
        ),
        # Its kind is written into the picture of the timeline, and into its words.
        phases=tuple(
            replace(each, authority=hostile, kind=hostile, number=hostile) for each in record.phases
        ),
        refusals=(RefusalRecord(hostile, hostile, hostile, record.made_at),),
        removed=(RemovedRecord("facts/system", hostile), RemovedRecord(hostile, hostile)),
        journal=tuple(replace(line, actor=hostile, reason=hostile) for line in record.journal),
        reminders=tuple(replace(mail, to=hostile, answer=hostile) for mail in record.reminders),
    )

    pdf = _print(record)

    with pikepdf.open(BytesIO(pdf)) as opened:
        assert opened.check_pdf_syntax() == []
        told = [str(tag["/Alt"]) for tag in _tags(opened.Root.StructTreeRoot) if "/Alt" in tag]
    # In the words of both pictures as in the text: as it was typed, nothing carried out.
    assert sum("#read(" in said and "{{7*7}}" in said for said in told) == 2
    assert not any("\u200b" in said for said in told)
    assert _squeezed(MARKUP) in _squeezed(_text(pdf))


def test_a_story_as_long_as_a_book_is_printed_whole():
    story = "Une phrase ordinaire, puis une autre.\n" * 2_700
    assert len(story) > 100_000

    said = _text(_print(with_fact(sample_case(), "description", story)))

    assert said.count("phrase ordinaire") >= 2_700


def test_a_run_without_a_space_is_broken_at_the_edge_of_its_column():
    said = _text(_print(with_fact(sample_case(), "system", "ж" * 500)))

    assert said.count("ж") >= 500
    assert max(map(len, re.findall("ж+", said))) < 60


def test_a_cell_longer_than_a_page_goes_on_over_the_next():
    written = "ligne\n" * 150
    record = with_fact(sample_case(), "system", written)
    record = replace(
        record, attachments=tuple(replace(file, name=written) for file in record.attachments)
    )
    reader = pypdf.PdfReader(BytesIO(_print(record)))
    heights: list[float] = []

    def visit(text, matrix, text_matrix, *_):
        if text.strip():
            x, y = text_matrix[4:6]
            heights.append(matrix[1] * x + matrix[3] * y + matrix[5])

    for page in reader.pages:
        page.extract_text(visitor_text=visit)

    assert _text_of(reader).count("ligne") >= 3 * 150
    assert min(heights) > 20


def test_a_compile_that_takes_too_long_is_stopped():
    record = with_journal(sample_case(), 500)
    content = lay_out_dossier(record, wording_for("fr"))

    with pytest.raises(DocumentFailed) as refused:
        typeset_dossier(content, (), record.made_at, time_limit=timedelta(milliseconds=10))

    assert refused.value.code == "typesetting_too_long"


def test_a_compile_that_takes_too_much_memory_fails_alone():
    record = with_journal(sample_case(), 500)
    content = lay_out_dossier(record, wording_for("fr"))

    with pytest.raises(DocumentFailed) as refused:
        typeset_dossier(content, (), record.made_at, memory_limit=30 * 1024**2)

    assert refused.value.code == "typesetting_failed"


def test_what_the_compiler_refuses_is_said():
    record = sample_case()
    content = replace(lay_out_dossier(record, wording_for("fr")), title="")

    with pytest.raises(DocumentFailed) as refused:
        typeset_dossier(content, (), record.made_at)

    assert refused.value.code == "typesetting_failed"
    assert "title" in str(refused.value)
