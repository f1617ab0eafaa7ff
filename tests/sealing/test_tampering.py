"""Whatever is altered in a dossier is found. `python -m tests.tampering` flips every bit."""

import random

import pytest

from breachdesk.domain.dossier_check import Outcome, Verdict
from breachdesk.sealing.check_dossier import check_dossier
from breachdesk.sealing.pdf import find_seal
from tests.sealing.sample_dossier import (
    bare,
    sample_key,
    sample_pdf,
    sealed,
    small_files,
    small_pdf,
    small_stamped_pdf,
    small_zip,
)
from tests.tampering import every_bit, missed

SEED = 20_261_124


def _seal_of(pdf: bytes) -> range:
    """Where the seal's own bytes lie, without the zeros behind it."""
    place = find_seal(pdf)
    start = len(place.before)
    return range(start, start + 1 + 2 * len(place.seal))


def test_every_bit_of_a_small_dossier_around_its_seal_and_one_of_each_other_byte():
    pdf = small_pdf()
    # From the objects that sealing added to the end of the file, the empty room included.
    added = range(len(bare(small_files())), len(pdf))
    rest = [(at, at % 8) for at in range(added.start)]

    count, unseen = missed(pdf, [*every_bit(added), *rest])

    assert unseen == []
    assert count > 8 * len(added)


def test_every_bit_of_a_time_stamp():
    pdf = small_stamped_pdf()

    assert check_dossier(pdf).holds
    assert missed(pdf, every_bit(_seal_of(pdf)))[1] == []


def test_every_byte_of_a_zip():
    archive = small_zip()

    assert missed(archive, [(at, at % 8) for at in range(len(archive))])[1] == []


def test_a_sample_of_bits_of_a_large_dossier():
    pdf = sample_pdf()
    chosen = random.Random(SEED)
    flips = [(chosen.randrange(len(pdf)), chosen.randrange(8)) for _ in range(400)]

    assert missed(pdf, flips)[1] == []


@pytest.mark.parametrize("left", [0, 4, 1000, -1000, -1])
def test_a_dossier_that_is_cut_is_found(left):
    cut = check_dossier(small_pdf()[:left])

    assert cut.verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(b"\n", id="a line's end"),
        pytest.param(b"%%EOF\n", id="an end"),
        pytest.param(b"\n1 0 obj\n<</Lang (en)>>\nendobj\n", id="an object"),
    ],
)
def test_a_revision_after_the_seal_is_found(more):
    codes = [each.code for each in check_dossier(small_pdf() + more).findings]

    assert codes == ["seal_damaged"]


def test_a_seal_over_a_seal_is_no_dossier_of_ours():
    """Somebody signs our sealed file again: as a whole it is theirs."""
    twice = sealed_again(small_pdf())
    check = check_dossier(twice)

    assert check.verdict is Verdict.CONTRADICTED
    assert [each.code for each in check.findings if each.outcome is Outcome.FAILS] == [
        "pdf_unreadable"
    ]


def sealed_again(pdf: bytes) -> bytes:
    from io import BytesIO

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import SignatureObject

    from breachdesk.sealing.cms import SealParts, signed_attributes, write_seal
    from breachdesk.sealing.signatures import sign

    key = sample_key("forger.example")
    steps = PdfCMSEmbedder().write_cms("Other", IncrementalPdfFileWriter(BytesIO(pdf)))
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=SignatureObject(bytes_reserved=8192)))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    attributes = signed_attributes(prepared.document_digest, key.certificate)
    parts = SealParts(key.certificate, sign(key.private_key, attributes))
    made = write_seal(parts, prepared.document_digest, key.private_key.public_key())
    prepared.fill_with_cms(output, made)
    return output.getvalue()


def test_letters_of_another_case_or_bytes_behind_the_seal_are_found():
    """What a plain check of PAdES lets pass: it reads the same bytes from other letters."""
    pdf = small_pdf()
    start = _seal_of(pdf).start
    stop = pdf.index(b">", start)
    in_small = pdf[:start] + pdf[start:stop].lower() + pdf[stop:]
    filled = pdf[: stop - 2] + b"01" + pdf[stop:]

    for altered in (in_small, filled):
        assert len(altered) == len(pdf)
        assert [each.code for each in check_dossier(altered).findings] == ["seal_damaged"]


def test_an_unsealed_copy_of_the_files_is_not_taken_for_one():
    assert check_dossier(bare(small_files())).verdict is Verdict.BROKEN
    assert check_dossier(sealed(bare(small_files()))).verdict is Verdict.INTACT
