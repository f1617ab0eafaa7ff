"""Reading a recipients file: encodings, delimiters, columns, bad lines, duplicates."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.domain import csv_text
from breachdesk.domain.column_mapping import ColumnMapping
from breachdesk.domain.csv_text import physical_lines, records
from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.recipient_list import RecipientList, mailbox_identity, read_recipients

FRENCH_FILE = "Nom;Prénom;Courriel;Langue\r\nLefèvre;Hélène;h.lefevre@client.example;fr\r\n"


def read(text: str, mapping: ColumnMapping | None = None) -> RecipientList:
    return read_recipients(text.encode(), mapping)


def addresses(found: RecipientList) -> list[str]:
    return [person.address for person in found.good]


def faults(found: RecipientList) -> list[tuple[int, str]]:
    return [(line.number, line.reason) for line in found.bad]


def accounts_for_everything(found: RecipientList) -> bool:
    counted = len(found.good) + len(found.bad) + found.duplicates + found.blank
    return counted == found.records


@pytest.mark.parametrize(
    ("encoding", "found_as"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_a_file_is_read_in_the_encoding_it_was_saved_in(encoding, found_as):
    found = read_recipients(FRENCH_FILE.encode(encoding))

    assert found.encoding == found_as
    assert found.columns == ("Nom", "Prénom", "Courriel", "Langue")
    assert [(p.name, p.address, p.locale, p.line) for p in found.good] == [
        ("Hélène Lefèvre", "h.lefevre@client.example", "fr", 2)
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found(delimiter, line_end):
    rows = [["email", "nom"], ["a@x.example", "Ann"], ["b@x.example", "Bob"]]

    found = read(line_end.join(delimiter.join(row) for row in rows))

    assert found.delimiter == delimiter
    assert [(p.address, p.name, p.line) for p in found.good] == [
        ("a@x.example", "Ann", 2),
        ("b@x.example", "Bob", 3),
    ]


def test_a_comma_in_names_does_not_hide_the_real_delimiter():
    found = read("nom;email\nLefèvre, Hélène;a@x.example\nMartin, Paul;b@x.example\n")

    assert found.delimiter == ";"
    assert found.good[0].name == "Lefèvre, Hélène"


@pytest.mark.parametrize(
    ("titles", "mapping"),
    [
        ("email", ColumnMapping(0)),
        ("E-mail :,Nom complet", ColumnMapping(0, (1,))),
        ("Nom,Prénom,Adresse électronique", ColumnMapping(2, (1, 0))),
        ("first_name,last_name,Email Address,Language", ColumnMapping(2, (0, 1), 3)),
        ("id,client,courriel,langue de correspondance", ColumnMapping(2, (1,), 3)),
        ("Prénom,MÉL", ColumnMapping(1, (0,))),
    ],
)
def test_columns_are_guessed_from_their_titles(titles, mapping):
    assert read(f"{titles}\n").mapping == mapping


def test_a_column_of_addresses_beats_a_column_called_address():
    found = read("Adresse,Contact\n1 rue des Lilas,a@x.example\n2 rue des Lilas,b@x.example\n")

    assert addresses(found) == ["a@x.example", "b@x.example"]


def test_a_file_without_titles_loses_nobody():
    found = read("Ann;a@x.example\nBob;b@x.example\n")

    assert not found.mapping.has_titles
    assert found.columns == ("", "")
    assert addresses(found) == ["a@x.example", "b@x.example"]


def test_a_first_line_that_is_no_title_we_know_is_shown_as_a_bad_line():
    found = read("Zyx;Abc\nAnn;a@x.example\n")

    assert faults(found) == [(1, "not_an_address")]


def test_the_columns_can_be_chosen():
    found = read("a,b\nx@x.example,y@y.example\n", ColumnMapping(1, (0,), None, has_titles=True))

    assert [(p.address, p.name) for p in found.good] == [("y@y.example", "x@x.example")]


@pytest.mark.parametrize("column", [-1, 99])
def test_a_column_that_is_not_there_makes_bad_lines_and_no_crash(column):
    found = read("email\na@x.example\n", ColumnMapping(column, (column,), column))

    assert faults(found) == [(2, "no_address")]


def test_a_choice_of_columns_can_be_kept_and_read_back():
    mapping = ColumnMapping(2, (1, 0), None, has_titles=False)

    assert ColumnMapping.from_record(mapping.as_record()) == mapping


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "no_address"),
        ("nobody", "not_an_address"),
        ("a@b@x.example", "not_an_address"),
        ("a b@x.example", "not_an_address"),
        (".a@x.example", "not_an_address"),
        ("a@", "not_an_address"),
        ("@x.example", "not_an_address"),
        ("a@localhost", "bad_domain"),
        ("a@x..example", "bad_domain"),
        ("a@-x.example", "bad_domain"),
        ("a@192.168.1.10", "bad_domain"),
        ("a@" + "x" * 64 + ".example", "bad_domain"),
        ("hélène@x.example", "non_ascii_local_part"),
        ("a" * 65 + "@x.example", "address_too_long"),
        ("abcdefghij@" + ".".join(["x" * 60] * 4) + ".example", "address_too_long"),
        ("a\x07@x.example", "control_character"),
        ("a\ufffd@x.example", "control_character"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_reason_and_the_good_ones_are_kept(cell, reason):
    found = read(f"email;nom\ngood@x.example;Ann\n{cell};Bob\n\nlast@x.example;Eve\n")

    assert faults(found) == [(3, reason)]
    assert [(p.address, p.line) for p in found.good] == [
        ("good@x.example", 2),
        ("last@x.example", 5),
    ]
    assert found.blank == 1


def test_a_name_of_unlikely_length_is_a_bad_line():
    assert faults(read(f"email,nom\na@x.example,{'n' * 201}\n")) == [(2, "name_too_long")]


def test_line_numbers_are_those_of_the_file_past_quoted_line_breaks():
    found = read('email;nom\na@x.example;"Ann\nMarie"\nbad;Bob\nc@x.example;Cy\n')

    assert faults(found) == [(4, "not_an_address")]
    assert [(p.name, p.line) for p in found.good] == [("Ann Marie", 2), ("Cy", 5)]


def test_a_quote_never_closed_costs_its_own_line_only():
    lines = "".join(f"c{n}@x.example;Nom {n}\n" for n in range(40))

    found = read(f'email;nom\nbad@x.example;"oops\n{lines}')

    assert faults(found) == [(2, "quote_not_closed")]
    assert len(found.good) == 40


def test_quotes_inside_a_name_are_part_of_it():
    found = read('email;nom\na@x.example;Jean "Jojo" D.\nb@x.example;"L""Oréal; Cie"\n')

    assert [person.name for person in found.good] == ['Jean "Jojo" D.', 'L"Oréal; Cie']


@pytest.mark.parametrize(
    ("cell", "address", "name"),
    [
        ("  a@x.example\u00a0", "a@x.example", ""),
        ("\u200ba@x.example", "a@x.example", ""),
        ("mailto:a@x.example", "a@x.example", ""),
        ("Ann Lee <a@x.example>", "a@x.example", "Ann Lee"),
        ("a+tag@x.example", "a+tag@x.example", ""),
        ("o'brien@x.example", "o'brien@x.example", ""),
        ("a@société.example", "a@société.example", ""),
        ("A.B@X.Example", "A.B@X.Example", ""),
    ],
)
def test_an_address_is_taken_out_of_what_surrounds_it(cell, address, name):
    found = read(f"email\n{cell}\n")

    assert [(p.address, p.name) for p in found.good] == [(address, name)]


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x.example")', "+33 1", "-2+3", "@SUM(A1)", "<b>x</b>", "{{7*7}}"]
)
def test_formulas_and_html_are_only_text(name):
    quoted = name.replace('"', '""')

    assert read(f'email;nom\na@x.example;"{quoted}"\n').good[0].name == name


@pytest.mark.parametrize(
    ("said", "locale"),
    [("fr", "fr"), ("FR-fr", "fr"), ("Français", "fr"), ("English", "en"), ("en_GB", "en"),
     ("de", ""), ("", "")],
)  # fmt: skip
def test_the_language_is_kept_where_it_is_one_we_speak(said, locale):
    assert read(f"email;langue\na@x.example;{said}\n").good[0].locale == locale


def test_a_mailbox_named_twice_gets_one_letter():
    found = read("email\na@x.example\nb@x.example\nA@X.EXAMPLE\na@x.example\n")

    assert addresses(found) == ["a@x.example", "b@x.example"]
    assert found.duplicates == 2


@pytest.mark.parametrize("other", ["a+shop@x.example", "a.b@x.example"])
def test_local_parts_that_differ_are_never_joined(other):
    assert len(read(f"email\na@x.example\nab@x.example\n{other}\n").good) == 3


def test_a_shared_mailbox_is_greeted_without_a_name():
    found = read("email;nom\na@x.example;Ann\nb@x.example;Bob\na@x.example;Paul\nb@x.example;BOB\n")

    assert [(p.address, p.name) for p in found.good] == [
        ("a@x.example", ""),
        ("b@x.example", "Bob"),
    ]


def test_a_domain_is_the_same_in_punycode():
    assert mailbox_identity("a@Société.example") == mailbox_identity("a@xn--socit-esab.example")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "list_empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf \r\n\r\n", "list_empty", id="blank"),
        pytest.param(b"PK\x03\x04" + bytes(99), "list_is_spreadsheet", id="xlsx"),
        pytest.param(b"\xd0\xcf\x11\xe0" + bytes(99), "list_is_spreadsheet", id="xls"),
        pytest.param(b"%PDF-1.7\n...", "list_not_text", id="pdf"),
        pytest.param(bytes(range(256)) * 4, "list_not_text", id="binary"),
        pytest.param(bytes(500), "list_not_text", id="zeroes"),
    ],
)
def test_what_is_no_list_is_refused_by_name(content, code):
    with pytest.raises(InvalidInput) as refused:
        read_recipients(content)

    assert (refused.value.code, refused.value.field) == (code, "recipients")


def test_a_file_over_the_limits_is_refused_with_the_limit(monkeypatch):
    with pytest.raises(InvalidInput) as too_large:
        read_recipients(b"a" * (50 * 1024 * 1024 + 1))
    monkeypatch.setattr(csv_text, "MOST_LINES", 3)
    with pytest.raises(InvalidInput) as too_many:
        read_recipients(b"email\n" * 4)

    assert (too_large.value.code, too_large.value.parameters["limit_mb"]) == ("list_too_large", 50)
    assert (too_many.value.code, too_many.value.parameters["limit"]) == ("list_too_many_lines", 3)


CELL = st.text(st.sampled_from('ab@.;,|\t"\n\r é\x00\x85\u2028<>'), max_size=20)
ROWS = st.lists(st.lists(CELL, max_size=4), max_size=30).map(
    lambda rows: "\n".join(";".join(row) for row in rows)
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(ROWS.map(str.encode), ROWS.map(lambda t: t.encode("utf-16")), st.binary()))
def test_any_file_is_either_refused_or_accounted_for_line_by_line(content):
    try:
        found = read_recipients(content)
    except InvalidInput:
        return

    numbers = [line.number for line in found.bad] + [person.line for person in found.good]
    assert accounts_for_everything(found)
    assert len(set(numbers)) == len(numbers)


@settings(max_examples=300, deadline=None)
@given(ROWS, st.sampled_from(",;\t|"))
def test_records_cover_every_line_once_in_order(text, delimiter):
    lines = physical_lines(text, field="f")

    found = list(records(lines, delimiter))

    assert sum(record.lines for record in found) == len(lines)
    assert [record.line for record in found] == [
        1 + sum(before.lines for before in found[:n]) for n in range(len(found))
    ]
    assert "\n".join(record.raw for record in found) == "\n".join(lines)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=1), st.lists(st.sampled_from(["", "bad", ";"])))
def test_every_good_person_in_a_file_with_bad_lines_is_found(people, clutter):
    lines = ["email;nom", *(f"c{n}@x.example;N" for n in people), *clutter, "end@x.example;E"]

    found = read("\n".join(lines))

    assert set(addresses(found)) == {f"c{n}@x.example" for n in people} | {"end@x.example"}
    assert len(found.bad) == clutter.count("bad")
    assert found.blank == len(clutter) - clutter.count("bad")
    assert found.duplicates == len(people) - len(set(people))
    assert accounts_for_everything(found)


def test_a_long_list_is_read_whole():
    people = "".join(f"Nom {n};c{n}@client.example;fr\n" for n in range(100_000))

    found = read(f"nom;email;langue\n{people}")

    assert len(found.good) == 100_000
