"""Asking a public form's sender for a little work, or for the answer to a question.

The challenge travels with the page, signed: nothing is kept of a form that is never sent.
It holds its ticket, when it ends, the question as asked, and keyed hashes of its answers.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import HiddenField, StringField

from breachdesk.domain.errors import TooManyAttempts
from breachdesk.domain.robot_check import (
    CHALLENGE_LASTS,
    PROOF_BITS,
    PROOF_PIECES,
    draw_question,
    is_proof,
    normalised_answer,
)
from breachdesk.domain.throttling import Attempt
from breachdesk.services.throttling import count_attempt, demand_room
from breachdesk.web.forms import DeskForm
from breachdesk.web.language import say, say_later, wording
from breachdesk.web.request import desk, now, session
from breachdesk.wording.robot_check import accepted_answers, question_sentence

_TICKET_BYTES = 16
_SALT = "robot check"


@dataclass(frozen=True)
class Challenge:
    """What one page asks of its sender."""

    token: str
    ticket: str
    question: str
    answers: tuple[str, ...]


class TicketForm(DeskForm):
    """A form that nobody signs in for, which sent twice counts once: it holds a ticket.

    The ticket stands where other forms have a session's token. A token lies in a cookie that
    ends with the browser, and what was typed would end with it; and there is nobody signed
    in here whom another site could speak for.
    """

    class Meta(DeskForm.Meta):
        """No token: see above."""

        csrf = False

    challenge = HiddenField()

    asked: Challenge

    def ask(self) -> None:
        """Give the form a new challenge."""
        self.asked = new_challenge()
        self.challenge.data = self.asked.token

    def ticket(self) -> str:
        """The ticket it came with; a new one where that is none of ours, or has ended."""
        came_with = read_challenge(self.challenge.data or "")
        if came_with is None:
            self.ask()
        else:
            self.asked = came_with
        return self.asked.ticket


class CheckedForm(TicketForm):
    """A form that anybody may send: its challenge keeps robots from sending it often."""

    proof = HiddenField()
    answer = StringField(say_later("Pour montrer que vous n’êtes pas un robot"))

    pieces, bits = PROOF_PIECES, PROOF_BITS

    def ask(self) -> None:
        """Give the form a new challenge, with nothing answered yet."""
        super().ask()
        self.proof.data, self.answer.data = "", ""

    def is_from_person(self) -> bool:
        """Whether the challenge is met; if not, what to do is said, and nothing typed is lost."""
        challenge = read_challenge(self.challenge.data or "")
        if challenge is None or _is_burnt(challenge):
            self.ask()
            fault = say("La vérification a expiré. Une nouvelle est prête : envoyez de nouveau.")
            self.form_errors: list[str] = [*self.form_faults, fault]
            return False
        self.asked = challenge
        if is_proof(challenge.ticket, (self.proof.data or "").split(".")):
            return True
        return self._is_answered(challenge)

    def _is_answered(self, challenge: Challenge) -> bool:
        typed = normalised_answer(self.answer.data or "")
        if _keyed(challenge.ticket, typed) in challenge.answers:
            return True
        if typed:
            # Asked once: a robot must not try one answer after the other.
            _burn(challenge)
            self.ask()
            fault = say("Ce n’est pas la réponse attendue. Voici une autre question.")
        else:
            fault = say("Répondez à cette question, en un mot ou en chiffres.")
        self.answer.errors = [*self.answer.errors, fault]
        return False


def new_challenge() -> Challenge:
    """Draw a ticket and a question, in the page's language."""
    ticket = secrets.token_hex(_TICKET_BYTES)
    question = draw_question(secrets.SystemRandom())
    sentence = question_sentence(question, wording())
    answers = tuple(sorted(_keyed(ticket, answer) for answer in accepted_answers(question)))
    ends_at = int((now() + CHALLENGE_LASTS).timestamp())
    token = _signer().dumps([ticket, ends_at, sentence, answers])
    return Challenge(str(token), ticket, sentence, answers)


def read_challenge(token: str) -> Challenge | None:
    """The challenge of a page, unless it is none of ours or has ended."""
    try:
        ticket, ends_at, sentence, answers = _signer().loads(token)
    except BadSignature:
        return None
    if now().timestamp() >= ends_at:
        return None
    return Challenge(token, ticket, sentence, tuple(answers))


def _signer() -> Any:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_SALT)


def _keyed(ticket: str, answer: str) -> str:
    """A hash of an answer that nobody can try answers against without our key."""
    key = hashlib.sha256(_SALT.encode() + current_app.config["SECRET_KEY"]).digest()
    return hmac.new(key, f"{ticket}\n{answer}".encode(), hashlib.sha256).hexdigest()[:32]


def _is_burnt(challenge: Challenge) -> bool:
    vault = desk().vault
    try:
        demand_room(session(), vault, Attempt.ROBOT_CHALLENGE, challenge.ticket, now=now())
    except TooManyAttempts:
        return True
    return False


def _burn(challenge: Challenge) -> None:
    count_attempt(session(), desk().vault, Attempt.ROBOT_CHALLENGE, challenge.ticket, now=now())
