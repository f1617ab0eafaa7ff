"""What a letter becomes on the wire, held to the standard library's reading of it."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachdesk.domain.errors import InvalidInput, InvalidInstant
from breachdesk.mail.letters import (
    Attachment,
    Letter,
    message_id_for,
    quoted_printable,
    serialise,
)

SENT_AT = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)
LETTER = Letter(
    message_id="<0123abcd@boutique.example>",
    sender_name="Boutique Girolle",
    sender_address="desk@boutique.example",
    recipient_name="Aïcha Lefèvre",
    recipient_address="aicha@client.example",
    subject="GIR-2026-0007 : notifier la CNIL avant lundi 30 novembre à 18 h 30 (reste 24 h)",
    text="Bonjour,\n\nUn événement a été signalé.\n",
    sent_at=SENT_AT,
)
# What a header may hold: no control character, no half of a surrogate pair, no separator.
PRINTABLE = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
TEXT = st.text(st.one_of(st.characters(exclude_categories=("Cs",)), st.sampled_from(".\n\r =é🙂א")))
NAME = st.text(PRINTABLE, max_size=40).map(str.strip)
SUBJECT = st.text(PRINTABLE, max_size=150).map(str.strip)
LOCAL_PART = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\.[a-z0-9]{1,20})?", fullmatch=True)
ADDRESS = st.builds(lambda local, label: f"{local}@{label}.example", LOCAL_PART,
                    st.from_regex(r"[a-z]{1,20}", fullmatch=True))  # fmt: skip


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def as_the_standard_library_writes_it(letter: Letter) -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = _address(letter.sender_name, letter.sender_address)
    message["To"] = _address(letter.recipient_name, letter.recipient_address)
    message["Subject"] = letter.subject
    message["Date"] = letter.sent_at.astimezone(UTC)
    message["Message-ID"] = letter.message_id
    message.set_content(letter.text, cte="quoted-printable")
    return read(message.as_bytes())


def letters_of(name: str) -> str:
    """A name without its spaces.

    How many part its words means nothing, and this parser adds one between the encoded
    words of a long name, where RFC 2047, 6.2 has readers drop it.
    """
    return "".join(name.split())


def _address(name: str, address: str) -> Address:
    username, _, domain = address.rpartition("@")
    return Address(name, username, domain)


@settings(max_examples=100, deadline=None)
@given(
    sender=NAME,
    recipient=NAME,
    address=ADDRESS,
    subject=SUBJECT,
    text=TEXT,
    sent_at=st.datetimes(
        min_value=datetime(1990, 1, 1),
        max_value=datetime(2100, 1, 1),
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]),
    ),
)
def test_a_letter_reads_as_if_the_standard_library_had_written_it(
    sender, recipient, address, subject, text, sent_at
):
    letter = replace(LETTER, sender_name=sender, recipient_name=recipient,
                     recipient_address=address, subject=subject, text=text,
                     sent_at=sent_at.replace(microsecond=0))  # fmt: skip

    ours, theirs = read(serialise(letter)), as_the_standard_library_writes_it(letter)

    assert ours.get_content() == theirs.get_content()
    assert ours["Date"].datetime == theirs["Date"].datetime == letter.sent_at
    assert ours["Message-ID"] == theirs["Message-ID"]
    assert ours["Subject"] == subject
    for header, name in (("From", sender), ("To", recipient)):
        assert [a.addr_spec for a in ours[header].addresses] == [
            a.addr_spec for a in theirs[header].addresses
        ]
        assert letters_of(ours[header].addresses[0].display_name) == letters_of(name)
    assert not ours.defects
    assert not any(ours[header].defects for header in ("From", "To", "Subject", "Date"))


@settings(max_examples=100, deadline=None)
@given(name=NAME, subject=st.text(PRINTABLE, max_size=2000), text=TEXT)
def test_what_goes_on_the_wire_is_ascii_in_lines_that_every_server_takes(name, subject, text):
    raw = serialise(replace(LETTER, recipient_name=name, subject=subject, text=text))

    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("🔓 fuite 👩‍👩‍👧‍👦 é́ \u200d", id="emoji and joined marks"),
        pytest.param("שלום עולם — مرحبا \u202eabc\u202c", id="right to left, with its marks"),
        pytest.param("à 100 % = « sûr »\n" * 600, id="10,000 characters"),
        pytest.param("x" * 10_000, id="one line of 10,000 characters"),
        pytest.param(".\n..\n.\r\n.fin", id="lines of dots"),
        pytest.param("blancs   \n\t\nfin \t", id="spaces at line ends"),
        pytest.param("<b>gras</b> =C3=A9 From moi\nFrom moi", id="HTML and look-alike codes"),
        pytest.param("a\u2028b\u0085c\x0bd", id="separators that are no line ends in mail"),
    ],
)
def test_a_text_arrives_as_it_was_written(text):
    content = read(serialise(replace(LETTER, text=text))).get_content()
    received = content.replace("\r\n", "\n")

    assert received.removesuffix("\n") == text.replace("\r\n", "\n").removesuffix("\n")


@pytest.mark.parametrize(
    "subject",
    [
        "Short",
        "  spaces  around  and   between  ",
        "a long subject of plain words that must be folded " * 12,
        "é" * 500,
        "x" * 3000,
        "=?utf-8?q?not_an_encoded_word?=",
        "",
    ],
)
def test_a_subject_arrives_as_it_was_written(subject):
    assert read(serialise(replace(LETTER, subject=subject)))["Subject"] == subject


def test_a_letter_says_that_a_machine_wrote_it_in_plain_text():
    message = read(serialise(LETTER))

    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"
    assert message["Date"] == "Fri, 27 Nov 2026 18:30:00 +0000"
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert message["Reply-To"] is None


def test_a_reply_goes_where_the_letter_says():
    message = read(serialise(replace(LETTER, reply_to="contact@bücher.example")))

    assert message["Reply-To"].addresses[0].addr_spec == "contact@xn--bcher-kva.example"


def test_a_long_name_arrives_whole_in_readers_that_keep_to_the_standard():
    name = "Élisabeth-Zoé 🙂 " * 10 + "Lefèvre"

    raw = email.message_from_bytes(serialise(replace(LETTER, recipient_name=name)))

    assert str(make_header(decode_header(raw["To"]))) == f"{name} <aicha@client.example>"


def test_further_headers_are_written_and_folded():
    value = "case GIR-2026-0007, " * 12

    message = read(serialise(replace(LETTER, headers=(("X-Case", value.strip()),))))

    assert message["X-Case"] == value.strip()


@pytest.mark.parametrize(
    "bad", ["\r", "\n", "\0", "\r\nBcc: x@y.example", "\u2028", "\x85", "\ud800"]
)
@pytest.mark.parametrize(
    "part",
    [
        "sender_name",
        "recipient_name",
        "recipient_address",
        "sender_address",
        "subject",
        "reply_to",
        "message_id",
    ],
)
def test_nothing_can_smuggle_a_header_in(part, bad):
    letter = replace(LETTER, **{part: f"a{bad}b@c.example"})

    with pytest.raises(InvalidInput):
        serialise(letter)


@pytest.mark.parametrize(
    "header",
    [("X-Case", "a\r\nBcc: b"), ("X Case", "a"), ("X-Case:", "a"), ("Bcc\r\n", "a"),
     ("Subject", "twice"), ("content-type", "text/html")],
)  # fmt: skip
def test_a_header_that_is_malformed_or_named_twice_is_refused(header):
    with pytest.raises(InvalidInput):
        serialise(replace(LETTER, headers=(header,)))


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("hélène@client.example", "mail_address_non_ascii_local_part"),
        ("", "mail_address_invalid"),
        ("nobody", "mail_address_invalid"),
        ("@client.example", "mail_address_invalid"),
        ("a b@client.example", "mail_address_invalid"),
        ("a@b@client.example", "mail_address_invalid"),
        ("a@", "mail_domain_invalid"),
        ("a@client..example", "mail_domain_invalid"),
        ("a@-client.example", "mail_domain_invalid"),
        ("a" * 65 + "@client.example", "mail_address_invalid"),
        ("abc@" + ".".join(["b" * 60] * 4) + ".example", "mail_address_too_long"),
    ],
)
def test_an_address_nobody_can_write_to_is_refused_by_name(address, code):
    with pytest.raises(InvalidInput) as refused:
        serialise(replace(LETTER, recipient_address=address))

    assert (refused.value.code, refused.value.field) == (code, "recipient_address")


def test_a_domain_in_another_script_is_written_in_punycode():
    message = read(serialise(replace(LETTER, recipient_address="jean@Société.example")))

    assert message["To"].addresses[0].addr_spec == "jean@xn--socit-esab.example"


def test_an_instant_without_zone_is_refused():
    with pytest.raises(InvalidInstant):
        serialise(replace(LETTER, sent_at=SENT_AT.replace(tzinfo=None)))


def test_a_text_no_encoding_can_carry_is_refused():
    with pytest.raises(InvalidInput):
        quoted_printable("\ud83d")


def test_the_same_mail_has_the_same_message_id_each_time():
    again = message_id_for("reminder:12:user:3", "boutique.example")

    assert message_id_for("reminder:12:user:3", "boutique.example") == again
    assert message_id_for("reminder:13:user:3", "boutique.example") != again
    assert again.endswith("@boutique.example>")
    assert read(serialise(replace(LETTER, message_id=again)))["Message-ID"] == again


def test_a_message_id_takes_a_domain_in_another_script():
    assert message_id_for("k", "société.example").endswith("@xn--socit-esab.example>")


# --- With attachments ------------------------------------------------------------------------

FILES = st.lists(
    st.builds(
        Attachment,
        st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", fullmatch=True),
        st.sampled_from(
            [
                "text/calendar; charset=utf-8; method=PUBLISH",
                "application/pdf",
                "application/octet-stream",
            ]
        ),
        st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)),
    ),
    min_size=1,
    max_size=3,
)


def as_the_standard_library_attaches(letter: Letter) -> EmailMessage:
    message = as_the_standard_library_writes_it(letter)
    for attachment in letter.attachments:
        kind, _, more = attachment.media_type.partition(";")
        maintype, _, subtype = kind.partition("/")
        given = dict(part.strip().split("=") for part in more.split(";") if part)
        message.add_attachment(
            attachment.content, maintype, subtype, filename=attachment.name, params=given
        )
    return read(message.as_bytes(policy=email.policy.SMTP))


@settings(max_examples=100, deadline=None)
@given(text=TEXT, subject=SUBJECT, files=FILES)
def test_a_letter_with_files_reads_as_if_the_standard_library_had_written_it(text, subject, files):
    letter = replace(LETTER, text=text, subject=subject, attachments=tuple(files))

    ours, theirs = read(serialise(letter)), as_the_standard_library_attaches(letter)

    assert ours.get_content_type() == theirs.get_content_type() == "multipart/mixed"
    said = ours.get_body(("plain",)).get_content()
    assert said == theirs.get_body(("plain",)).get_content()
    assert ours["Subject"] == subject
    for mine, other, file in zip(
        ours.iter_attachments(), theirs.iter_attachments(), files, strict=True
    ):
        assert mine.get_filename() == other.get_filename() == file.name
        assert mine.get_content_type() == other.get_content_type()
        assert mine.get_params() == other.get_params()
        assert mine.get_content_disposition() == "attachment"
        assert mine.get_payload(decode=True) == other.get_payload(decode=True) == file.content
    assert not any(part.defects for part in ours.walk())


@settings(max_examples=50, deadline=None)
@given(text=TEXT, files=FILES)
def test_files_go_on_the_wire_in_lines_that_every_server_takes(text, files):
    raw = serialise(replace(LETTER, text=text, attachments=tuple(files)))

    assert raw.isascii()
    assert raw.endswith(b"--\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_a_letter_with_files_is_the_same_to_the_last_byte_when_it_is_sent_again():
    letter = replace(LETTER, attachments=(Attachment("plan.ics", "text/calendar", b"BEGIN"),))

    assert serialise(letter) == serialise(replace(letter))


def test_a_letter_without_files_is_plain_text_as_ever():
    message = read(serialise(LETTER))

    assert not message.is_multipart()
    assert message["Content-Transfer-Encoding"] == "quoted-printable"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a\r\nBcc: b", "text/calendar"),
        ('a".ics', "text/calendar"),
        ("", "text/calendar"),
        ("été.ics", "text/calendar"),
        ("a.ics", "text/calendar\r\nBcc: b"),
        ("a.ics", "calendar"),
    ],
)
def test_an_attachment_smuggles_no_header_in(name, media_type):
    with pytest.raises(InvalidInput):
        serialise(replace(LETTER, attachments=(Attachment(name, media_type, b""),)))
