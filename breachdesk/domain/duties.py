"""The duties of a breach: to notify the authority, to tell the people. One page of rules.

Each rule weighs one factor (`risk_factors`); `judge` combines them; the facts not known
yet span a best and a worst case, and a duty is certain where both agree. Everything
returned is codes and values: `wording.assessment` says them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.fact_schema import faults_of, is_known
from breachdesk.domain.open_questions import OpenQuestion, open_questions
from breachdesk.domain.precedents import Resemblance, nearest
from breachdesk.domain.reasons import Reason, reasons_for
from breachdesk.domain.risk_factors import Exposure, Harm, Risk
from breachdesk.domain.severity import Severity, severity_of
from breachdesk.domain.situation import Range, range_of
from breachdesk.domain.verdict import Judgement, judge
from breachdesk.domain.vocabulary import DataCategory, ProcessingRole

# The rules as they stand; a case keeps the version it was assessed with.
RULES_VERSION = "2026-11-22"

NEAREST_PRECEDENTS = 3


class Answer(StrEnum):
    """Whether something is owed, as far as the facts known today say."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"
