"""A file of the CNIL's open data as long as the one of 2025, its values as frequent as there."""

import random

from breachdesk.domain.authority_form import CommunicationState, Origin
from breachdesk.domain.published_notifications import PublishedCause, Sector, Size
from breachdesk.domain.published_totals import PUBLISHED_TOTALS
from breachdesk.domain.published_words import WORDS
from tests.published_files import file_of, row

NOTIFICATIONS = PUBLISHED_TOTALS.total


def published_file() -> bytes:
    """Every run writes the same one."""
    drawn = random.Random(43_502)

    def some(enum, counts, most=1):
        codes = drawn.choices(list(counts), counts.values(), k=drawn.randint(1, most))
        return sorted({WORDS[enum][code] for code in codes})

    return file_of(
        row(
            month=f"{drawn.randint(2019, 2025)}-{drawn.randint(1, 12):02}",
            sector=WORDS[Sector][drawn.choice(list(Sector))].replace("'", "''"),
            size=some(Size, PUBLISHED_TOTALS.sizes)[0],
            origins=some(Origin, PUBLISHED_TOTALS.origins, 2),
            causes=some(PublishedCause, PUBLISHED_TOTALS.causes, 2),
            told=some(CommunicationState, PUBLISHED_TOTALS.told)[0],
        )
        for _ in range(NOTIFICATIONS)
    )
