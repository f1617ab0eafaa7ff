"""Checking the seal of a PDF: first what is cheap, so that any alteration ends it soon."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.x509 import load_der_x509_certificate

from breachdesk.domain.dossier_check import Findings, Subject
from breachdesk.sealing.cms import SealParts, read_seal, signed_attributes, write_seal
from breachdesk.sealing.der import SET, NotDer, Reader
from breachdesk.sealing.keys import fingerprint_of, name_in
from breachdesk.sealing.pdf import NoSeal, Place, find_seal
from breachdesk.sealing.signatures import is_signed, public_key_of
from breachdesk.sealing.time_stamps import TimeStamp, TokenRefused, read_token

PDF_START = b"%PDF-"


@dataclass(frozen=True)
class FoundSeal:
    """A seal that holds. `fingerprint` is that of its certificate."""

    fingerprint: str
    name: str
    valid_from: datetime
    valid_until: datetime
    time: TimeStamp | None


def check_seal(pdf: bytes, found: Findings) -> FoundSeal | None:
    """Check that the seal covers every byte of the file and is whole; None where it is not."""
    if not pdf.startswith(PDF_START):
        found.fails(Subject.SEAL, "not_a_pdf")
        return None
    try:
        place = find_seal(pdf)
    except NoSeal as fault:
        found.fails(Subject.SEAL, "seal_damaged" if fault.is_damaged else "no_seal")
        return None
    parts = _signed_parts(place)
    if parts is None:
        found.fails(Subject.SEAL, "altered")
        return None
    time = None
    if parts.token is not None:
        try:
            time = read_token(parts.token, parts.signature)
        except TokenRefused:
            found.fails(Subject.SEAL, "time_stamp_altered")
            return None
    found.holds(Subject.SEAL, "seal_holds", size=len(pdf))
    certificate = load_der_x509_certificate(parts.certificate)
    return FoundSeal(
        fingerprint_of(parts.certificate),
        name_in(parts.certificate),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        time,
    )


def _signed_parts(place: Place) -> SealParts | None:
    """The parts of a seal that is exactly what its own parts and the file make."""
    try:
        parts = read_seal(place.seal)
    except NotDer:
        return None
    hashed = hashlib.sha256(place.before)
    hashed.update(place.after)
    digest = hashed.digest()
    attributes = signed_attributes(digest, parts.certificate)
    # They hold both hashes: altered content, or an altered certificate, ends here.
    if Reader(attributes).take(SET) not in place.seal:
        return None
    key = public_key_of(parts.certificate)
    if key is None or not is_signed(key, parts.signature, attributes, hashes.SHA256()):
        return None
    return parts if write_seal(parts, digest, key) == place.seal else None
