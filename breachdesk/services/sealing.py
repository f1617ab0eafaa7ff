"""Sealing what was printed, a dossier or a filing, and asking somebody outside when it was."""

import http
import logging
import secrets
from datetime import datetime

from breachdesk.domain.single_sign_on import ProviderFault
from breachdesk.sealing.keys import SealKey
from breachdesk.sealing.sealer import SealedPdf, seal
from breachdesk.sealing.time_stamps import REQUEST_TYPE, TokenRefused, request_for, token_from
from breachdesk.services.acting import Desk
from breachdesk.services.provider_requests import ask

log = logging.getLogger(__name__)

_NONCE_BITS = 64


def seal_printed(desk: Desk, pdf: bytes, *, at: datetime) -> SealedPdf:
    """Seal a document with the installation's seal; see `seal_pdf`. Hold no transaction."""
    return seal_pdf(pdf, desk.seal, at=at, timestamp_url=desk.timestamp_url)


def seal_pdf(
    pdf: bytes, key: SealKey, *, at: datetime, timestamp_url: str | None = None
) -> SealedPdf:
    """Seal a PDF (PAdES B-B), with a time stamp where an authority gives one (B-T).

    An authority that is out of reach, or whose answer is no good, holds nothing up: the PDF
    is sealed without a time stamp, `is_timestamped` says so, and the log why.

    Args:
        at: the moment that the seal claims (timezone-aware).
        timestamp_url: of the authority; asked for 8 s at most (`provider_requests.LONGEST`).
    """
    if timestamp_url is None:
        return seal(pdf, key, at=at)
    return seal(pdf, key, at=at, stamp=lambda content: _time_stamp(timestamp_url, content))


def _time_stamp(url: str, content: bytes) -> bytes | None:
    nonce = secrets.randbits(_NONCE_BITS)
    try:
        # The operator chose the address: it may be in their own network.
        answer = ask(
            url,
            private_too=True,
            plain_too=True,
            body=request_for(content, nonce),
            headers={"Content-Type": REQUEST_TYPE, "Accept": "application/timestamp-reply"},
        )
        if answer.status != http.HTTPStatus.OK:
            log.warning("Sealed without a time stamp: the authority answered %s", answer.status)
            return None
        return token_from(answer.content, content, nonce)
    except ProviderFault as fault:
        log.warning("Sealed without a time stamp: %s", fault.code)
    except TokenRefused as refused:
        log.warning("Sealed without a time stamp: %s", refused)
    return None
