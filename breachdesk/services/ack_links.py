"""Links by which somebody confirms that they have read a reminder, without signing in.

Each is signed for this purpose alone and ends by itself. It opens one page, and nothing
else. Nothing is kept of it: the mail it went out with is the row that it names.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes

from itsdangerous import BadSignature, URLSafeSerializer

from breachdesk.domain.errors import NotFound, WrongStep

# What is signed here serves nowhere else, whatever else the same key signs.
PURPOSE = "breachdesk.acknowledge.1"


@dataclass(frozen=True)
class AckLinks:
    """Makes and reads the links of one desk.

    Args:
        key: signs them; without one they last as long as this object.
    """

    key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)

    def token(self, *, delivery_id: int, expires_at: datetime) -> str:
        """The token of the link that goes out with a mail; good until `expires_at`."""
        return str(self._serializer.dumps([delivery_id, int(expires_at.timestamp())]))

    def read(self, token: str, *, now: datetime) -> int:
        """The id of the mail that a link went out with.

        Raises:
            NotFound: `link_unknown`: we never made it, or it was cut short.
            WrongStep: `link_is_over`.
        """
        try:
            delivery_id, expires = self._serializer.loads(token)
        except BadSignature:
            raise NotFound("link_unknown") from None
        if datetime.fromtimestamp(expires, UTC) <= now:
            raise WrongStep("link_is_over")
        return int(delivery_id)

    @property
    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.key, salt=PURPOSE)
