"""What became of a letter, in the mail server's own words but without any address."""

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST_ANSWER = 500

# "@", "%40" or "=40" between two runs of what addresses are made of.
_ADDRESS = re.compile(r"<?[^\s<>()\[\],;:\"'“”«»]+(?:@|%40|=40)[^\s<>()\[\],;:\"'“”«»]*>?", re.I)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
HIDDEN = "<…>"
# A shorter local part is a word of any sentence ("a", "it") and names nobody.
_SHORTEST_HIDDEN = 3


class Outcome(StrEnum):
    """What became of a letter.

    ACCEPTED: the server took it. TEMPORARY (4xx): ask again later. PERMANENT (5xx): it will
    never take this letter for this person. UNREACHABLE: no server answered, or the
    connection broke; the server may have taken the letter all the same, so it is sent again
    under the same Message-ID only. MISCONFIGURED: the server refuses us (sign-in, sender,
    certificate, relaying), whoever the letter is for: somebody must mend the settings, and no
    recipient may be marked as refused for it. WITHDRAWN: not sent, for right before its text
    it was no longer wanted.
    """

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNREACHABLE = "unreachable"
    MISCONFIGURED = "misconfigured"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one letter.

    Args:
        code: the SMTP reply code, if the server gave one.
        text: the server's words, without addresses, on one line.
    """

    outcome: Outcome
    code: int | None = None
    text: str = ""

    @property
    def is_about_us(self) -> bool:
        """Whether the server or our account is at fault, not this letter."""
        return self.outcome in (Outcome.UNREACHABLE, Outcome.MISCONFIGURED)


def answer_of(outcome: Outcome, code: int | None, words: str, recipient: str = "") -> Answer:
    """An answer with every address taken out of the server's words."""
    return Answer(outcome, code, without_addresses(words, recipient))


def without_addresses(words: str, recipient: str = "") -> str:
    """A server's words on one line, with whatever looks like an address hidden.

    Servers also name people by the local part alone ("jean.dupont: user unknown"), so the
    recipient's own is hidden wherever it stands as a word.
    """
    words = _CONTROL.sub(" ", words)
    words = _ADDRESS.sub(HIDDEN, words)
    local_part = recipient.rpartition("@")[0]
    if len(local_part) >= _SHORTEST_HIDDEN:
        whole_word = rf"(?<![\w.]){re.escape(local_part)}(?!\w)"
        words = re.sub(whole_word, HIDDEN, words, flags=re.I)
    return " ".join(words.split())[:LONGEST_ANSWER]
