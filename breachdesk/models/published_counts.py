"""The notifications that the authority publishes, counted: no case of the desk's own."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.models.base import Base


class PublishedImport(Base):
    """One file of the authority's open data, taken in whole. The latest is the one in use."""

    __tablename__ = "published_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    # Months of reception as the file has them: "2018-05".
    first_month: Mapped[str] = mapped_column(String(7))
    last_month: Mapped[str] = mapped_column(String(7))
    n_notifications: Mapped[int]
    imported_at: Mapped[datetime]


class PublishedCount(Base):
    """How many notifications of an import are alike in these five respects.

    A notification may name several origins and causes: both are sorted codes joined by "+",
    so that each notification is counted once.
    """

    __tablename__ = "published_count"
    __table_args__ = (Index("ix_published_count_sector", "import_id", "sector", "size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("published_import.id", ondelete="CASCADE"))
    origins: Mapped[str] = mapped_column(String(400))
    causes: Mapped[str] = mapped_column(String(200))
    sector: Mapped[str] = mapped_column(String(60))
    size: Mapped[str] = mapped_column(String(60))
    told: Mapped[str] = mapped_column(String(60))
    count: Mapped[int]
