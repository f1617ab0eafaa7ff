"""What lies encrypted in the database, all of it: what a rotation of the key must turn.

A test holds every column of bytes to be named here.
"""

from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from breachdesk.models.incidents import Attachment, Dossier
from breachdesk.models.mail_accounts import MailAccount
from breachdesk.models.notices import Delivery, Recipient, RecipientImport
from breachdesk.models.organisations import User
from breachdesk.models.reports import OutsideReport
from breachdesk.models.sign_in import IdentityProvider, KeptForm, Passkey

# Sealed by `Vault.seal`; each table has an `id`.
SEALED: tuple[InstrumentedAttribute[Any], ...] = (
    User.totp_secret,
    MailAccount.secret,
    IdentityProvider.client_secret,
    KeptForm.sealed,
    OutsideReport.sealed,
    RecipientImport.content,
    Recipient.sealed,
    Delivery.sealed,
)

# Bytes that are nobody's secret.
PLAIN: tuple[InstrumentedAttribute[Any], ...] = (Passkey.credential_id, Passkey.public_key)

# The names of files in the `FileStore`.
STORED_NAMES: tuple[InstrumentedAttribute[Any], ...] = (Attachment.stored_as, Dossier.stored_as)

# Columns where one value may be as large as an upload: they are read one by one.
LARGE: tuple[InstrumentedAttribute[Any], ...] = (RecipientImport.content,)
