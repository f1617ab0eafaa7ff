"""How the domain's codes are said, in French and in English.

French sentences are the message ids; `breachdesk/translations/en` holds the English.
Authors type ordinary spaces; `typography` sets the narrow no-break ones.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from breachdesk.wording.typography import french_spaces

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
LOCALES = ("fr", "en")


def N_(message: str) -> str:  # noqa: N802 - the gettext convention
    """Mark a sentence for the catalogue without translating it yet."""
    return message


@cache
def _catalogue(locale: str) -> NullTranslations:
    return Translations.load(CATALOGUES, [locale])


@dataclass(frozen=True)
class Wording:
    """One language to speak in: `fr` or `en`."""

    locale: str = "fr"

    def text(self, message: str, **parameters: object) -> str:
        """Say a message, with `%(name)s` parameters filled in."""
        spaced = _raw(self.locale, message)
        return spaced % parameters if parameters else spaced

    def plural(self, one: str, many: str, n: int, **parameters: object) -> str:
        """Say a message in the number of `n`, which is also the parameter `%(n)s`."""
        sentence = _catalogue(self.locale).ungettext(one, many, n)
        return self._spaced(sentence) % ({"n": n} | parameters)

    def raw(self, message: str) -> str:
        """A message with its parameters still to be filled in, for templates."""
        return _raw(self.locale, message)

    def raw_plural(self, one: str, many: str, n: int) -> str:
        """A message in the number of `n`, its parameters still to be filled in."""
        return self._spaced(_catalogue(self.locale).ungettext(one, many, n))

    def _spaced(self, sentence: str) -> str:
        # Typography is applied before filling in: a person's own text stays as typed.
        return french_spaces(sentence) if self.locale == "fr" else sentence


@lru_cache(maxsize=8192)
def _raw(locale: str, message: str) -> str:
    """A page says hundreds of sentences, and mostly the same ones."""
    sentence = _catalogue(locale).ugettext(message)
    return french_spaces(sentence) if locale == "fr" else sentence


FRENCH = Wording("fr")
ENGLISH = Wording("en")


def wording_for(locale: str) -> Wording:
    """The wording of a locale; French where we do not speak it."""
    return ENGLISH if locale.startswith("en") else FRENCH
