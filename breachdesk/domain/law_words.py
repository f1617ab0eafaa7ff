"""The codes that the files under `law/` are written in."""

from enum import StrEnum


class StartEvent(StrEnum):
    """What a clock counts from."""

    NOTICED = "noticed"
    AWARE = "aware"
    # When the victim knew of the attack on its data system: not the same as the breach.
    ATTACK_KNOWN = "attack_known"
    INITIAL_FILED = "initial_filed"
    # When the clock of another regime was stopped because it was done: see `Regime.after`.
    OTHER_DONE = "other_done"


class StopEvent(StrEnum):
    """What ends a clock, beside somebody saying that it is done or not owed."""

    QUALIFIED = "qualified"
    FILED = "filed"
    FOLLOW_UP_FILED = "follow_up_filed"
    COMMUNICATED = "communicated"
    # Only a person can say so: nothing in the desk shows it.
    SAID = "said"


class Circumstance(StrEnum):
    """What must have come about in a case before a regime is called for."""

    QUALIFIED = "qualified"
    COMMUNICATION_OWED = "communication_owed"


class Binding(StrEnum):
    """What a duration is: the law's, an authority's wish, the organisation's own target.

    PRECAUTION: the law's hours, counted by us from earlier than the law does.
    """

    LAW = "law"
    RECOMMENDED = "recommended"
    TARGET = "target"
    PRECAUTION = "precaution"


class Certainty(StrEnum):
    """How a line of law was come by: read in the source, in another text, or from memory."""

    VERIFIED = "verified"
    SECOND_HAND = "second_hand"
    RECALLED = "recalled"
