"""A mailer that keeps what it is given, for tests."""

from collections import defaultdict, deque
from collections.abc import Iterable

from breachdesk.mail.answers import Answer, Outcome
from breachdesk.mail.letters import Letter, check_letter
from breachdesk.mail.mailer import MailServer, OnAnswer, StillWanted, always

TAKEN = Answer(Outcome.ACCEPTED, 250, "OK")


class MemoryMailer:
    """Takes letters as a server would, and keeps them.

    `letters` holds what was accepted, `offered` everything handed in, `servers` where.
    While `down` is set, every letter gets that answer.
    """

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.offered: list[Letter] = []
        self.servers: list[MailServer] = []
        self.down: Answer | None = None
        self._script: defaultdict[str, deque[Answer]] = defaultdict(deque)

    def answer_with(self, address: str, *answers: Answer) -> None:
        """Give these answers, one a letter, to letters for an address; then accept."""
        self._script[address].extend(answers)

    async def deliver(
        self,
        server: MailServer,
        letters: Iterable[Letter],
        on_answer: OnAnswer,
        *,
        still_wanted: StillWanted = always,
        connections: int = 4,
        messages_per_connection: int = 100,
        per_second: float | None = None,
    ) -> None:
        """Answer for every letter as scripted; one that cannot be written is an error."""
        self.send(server, letters, on_answer, still_wanted=still_wanted)

    def send(
        self,
        server: MailServer,
        letters: Iterable[Letter],
        on_answer: OnAnswer,
        *,
        still_wanted: StillWanted = always,
        connections: int = 4,
        messages_per_connection: int = 100,
        per_second: float | None = None,
    ) -> None:
        """The same, where no loop runs."""
        self.servers.append(server)
        for letter in letters:
            check_letter(letter)
            self.offered.append(letter)
            answer = self._answer(letter) if still_wanted(letter) else Answer(Outcome.WITHDRAWN)
            if answer.outcome is Outcome.ACCEPTED:
                self.letters.append(letter)
            on_answer(letter, answer)

    def _answer(self, letter: Letter) -> Answer:
        if self.down is not None:
            return self.down
        script = self._script[letter.recipient_address]
        return script.popleft() if script else TAKEN
