"""Links by which somebody confirms that they have read a reminder, without signing in.

Each is signed for this purpose alone and ends by itself. It opens one page, and nothing
else. Nothing is kept of it: the mail it went out with is the row that it names.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes

from itsdangerous import BadSignature, URLSafeSerializer

from breachdesk.domain.epoch import instant, microseconds
from breachdesk.domain.errors import NotFound, WrongStep
from breachdesk.models import Delivery

# What is signed here serves nowhere else, whatever else the same key signs.
PURPOSE = "breachdesk.acknowledge.2"


@dataclass(frozen=True)
class LinkedMail:
    """The mail that a link went out with.

    By more than its number: after a backup has been restored numbers are given again, to
    mails about other cases, while the key stays and so do the links that are out.
    """

    delivery_id: int
    reminder_id: int | None
    user_id: int | None
    queued_at: datetime

    @classmethod
    def of(cls, delivery: Delivery) -> "LinkedMail":
        """A mail as its links name it: each time it is sent the same."""
        return cls(delivery.id, delivery.reminder_id, delivery.user_id, delivery.queued_at)


@dataclass(frozen=True)
class AckLinks:
    """Makes and reads the links of one desk.

    Args:
        key: signs them; without one they last as long as this object.
    """

    key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)

    def token(self, mail: LinkedMail, *, expires_at: datetime) -> str:
        """The token of the link that goes out with a mail; good until `expires_at`."""
        named = [mail.delivery_id, mail.reminder_id, mail.user_id, microseconds(mail.queued_at)]
        return str(self._serializer.dumps([*named, int(expires_at.timestamp())]))

    def read(self, token: str, *, now: datetime) -> LinkedMail:
        """The mail that a link went out with, as it was then.

        Raises:
            NotFound: `link_unknown`: we never made it, or it was cut short.
            WrongStep: `link_is_over`.
        """
        try:
            delivery, reminder, user, queued, expires = self._serializer.loads(token)
        except BadSignature:
            raise NotFound("link_unknown") from None
        if datetime.fromtimestamp(expires, UTC) <= now:
            raise WrongStep("link_is_over")
        return LinkedMail(delivery, reminder, user, instant(queued))

    @property
    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.key, salt=PURPOSE)
