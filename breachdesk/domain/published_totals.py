"""Totals of the CNIL's published notifications, for a desk that has imported no file.

Source: CNIL, "Notifications à la CNIL de violations de données à caractère personnel",
data set 5cd42a86634f4147a23df1be on data.gouv.fr, Licence Ouverte 2.0; file
opencnil-violationsdcpnotifiees-20251231.csv, extracted on 18 March 2026. The last three
months before an extraction are withheld by the CNIL. Counted from that file; no cross-table
is at hand, and of the origins only the ten most frequent.
"""

from datetime import date

from breachdesk.domain.authority_form import CommunicationState, Origin
from breachdesk.domain.published_notifications import Published, PublishedCause, Size

PUBLISHED_TOTALS = Published(
    file_name="opencnil-violationsdcpnotifiees-20251231.csv",
    first_month="2018-05",
    last_month="2025-12",
    total=43_502,
    origins={
        Origin.HACKING: 27_868,
        Origin.OTHER: 6_842,
        Origin.WRONG_RECIPIENT: 3_767,
        Origin.UNINTENDED_PUBLICATION: 2_755,
        Origin.LOST_OR_STOLEN_EQUIPMENT: 2_377,
        Origin.WRONG_PERSON_ON_PORTAL: 965,
        Origin.PAPER_LOST_OR_UNSECURED: 827,
        Origin.VERBAL_DISCLOSURE: 315,
        Origin.MAIL_LOST_OR_OPENED: 229,
        Origin.DEVICE_DISPOSAL: 83,
    },
    # Whatever is not among the ten most frequent is named at most as often as the tenth.
    most_of_an_unlisted_origin=83,
    causes={
        PublishedCause.EXTERNAL_MALICIOUS: 29_447,
        PublishedCause.INTERNAL_ACCIDENTAL: 6_663,
        PublishedCause.UNKNOWN: 3_410,
        PublishedCause.OTHER: 2_312,
        PublishedCause.EXTERNAL_ACCIDENTAL: 1_783,
        PublishedCause.INTERNAL_MALICIOUS: 1_772,
    },
    sizes={
        Size.UP_TO_5: 15_900,
        Size.UP_TO_50: 6_289,
        Size.UP_TO_300: 7_085,
        Size.UP_TO_5000: 9_595,
        Size.MORE: 4_633,
    },
    told={
        CommunicationState.DONE: 6_989,
        CommunicationState.PLANNED: 18_139,
        CommunicationState.NOT_PLANNED: 4_283,
        CommunicationState.UNDECIDED: 14_091,
    },
    # The file's own first row: two incidents at processors, a notification by each controller.
    in_one_flood=11_635,
    extracted_on=date(2026, 3, 18),
)
