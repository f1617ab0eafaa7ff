"""What a password must be, and how long a link to set a new one is good.

Length and guessability, no composition rules. Sources: OWASP ASVS 4.0.3, V2.1.1 (twelve
characters), V2.1.7 (refuse what is common), V2.1.9 (no composition rules); NIST SP 800-63B,
5.1.1.2 (refuse what is common, the person's own words, repetitions, runs, and say why);
CNIL, délibération no 2022-100.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

SHORTEST_PASSWORD = 12
# A bound on the work of hashing, not on anybody's memory.
LONGEST_PASSWORD = 128
# Fewer guesses than this and a stolen hash falls: argon2id as we set it takes about 0.07 s of
# one core, so ten billion cost some 20 core-years. zxcvbn calls this its highest score, 4.
FEWEST_GUESSES = 10**10
# ASVS V2.5.6 with NIST SP 800-63B, 6.1.2.3: a recovery link lasts hours at most.
RESET_LASTS = timedelta(hours=1)

# Runs that a French keyboard invites; the frequency lists know those of a QWERTY one.
_ROWS = ("²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "<wxcvbn,;:!")
_AZERTY_ROWS = (*_ROWS, *(row[::-1] for row in _ROWS))
SHORTEST_RUN = 4
SHORTEST_KNOWN_WORD = 3
# The frequency lists come from mostly English leaks: what French offices add to them.
_FRENCH = """
    janvier février fevrier mars avril mai juin juillet août aout septembre octobre novembre
    décembre decembre lundi mardi mercredi jeudi vendredi samedi dimanche printemps été ete
    automne hiver bonjour bonsoir bienvenue merci administrateur administratrice motdepasse
    passe mot secret connexion entreprise société societe bureau direction comptabilité
    comptabilite compta accueil commercial boutique magasin vacances soleil chocolat amour
    doudou loulou coucou chouchou chaton princesse jetaime azerty france paris marseille lyon
    toulouse nantes bordeaux lille rennes strasbourg bretagne football breachdesk
"""
FRENCH_WORDS = frozenset(_FRENCH.split())


class Weakness(StrEnum):
    """Why a password would be guessed; each is the code of a sentence."""

    COMMON = "password_common"
    PERSONAL = "password_personal"
    KEYBOARD = "password_keyboard"
    REPEATED = "password_repeated"
    SEQUENCE = "password_sequence"
    DATE = "password_date"
    GUESSABLE = "password_guessable"


def normalised(password: str) -> str:
    """A password as it is hashed: the same keys give the same bytes on every machine.

    Composed letters, and a plain space for each kind of space: Option-space on a French Mac
    gives a no-break one. Source: RFC 8265, 4.2.2 (OpaqueString).
    """
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password)
    return unicodedata.normalize("NFC", spaced)


def known_words(*texts: str) -> frozenset[str]:
    """The words of a name, an address or an organisation, also as written without accents."""
    words = {
        word
        for text in texts
        for word in re.split(r"[\W_]+", text.lower())
        if len(word) >= SHORTEST_KNOWN_WORD
    }
    return frozenset(words | {_without_accents(word) for word in words})


def keyboard_runs(password: str) -> frozenset[str]:
    """The stretches of a password that follow a row of a French keyboard, either way."""
    text = password.lower()
    return frozenset(filter(None, (_run_at(text, start) for start in range(len(text)))))


def _run_at(text: str, start: int) -> str:
    end = start + SHORTEST_RUN
    while end <= len(text) and any(text[start:end] in row for row in _AZERTY_ROWS):
        end += 1
    run = text[start : end - 1]
    return run if len(run) >= SHORTEST_RUN else ""


def weakness_of_word(word: str, *, personal: Iterable[str], runs: Iterable[str]) -> Weakness:
    """Why a word of ours weakens the password it is part of."""
    if word in set(runs):
        return Weakness.KEYBOARD
    return Weakness.PERSONAL if word in set(personal) else Weakness.COMMON


def _without_accents(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    return "".join(c for c in parts if not unicodedata.combining(c))
