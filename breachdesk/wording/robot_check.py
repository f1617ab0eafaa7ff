"""The question that stands in for a script's work, and the answers that are taken."""

from collections.abc import Mapping

from breachdesk.domain.robot_check import (
    Animal,
    Day,
    Part,
    Question,
    QuestionKind,
    Thing,
    normalised_answer,
)
from breachdesk.wording import ENGLISH, FRENCH, N_, Wording

# From nought to twenty: more is never asked.
NUMBERS: tuple[str, ...] = (
    *(N_("zéro"), N_("un"), N_("deux"), N_("trois"), N_("quatre"), N_("cinq"), N_("six")),
    *(N_("sept"), N_("huit"), N_("neuf"), N_("dix"), N_("onze"), N_("douze"), N_("treize")),
    *(N_("quatorze"), N_("quinze"), N_("seize"), N_("dix-sept"), N_("dix-huit")),
    *(N_("dix-neuf"), N_("vingt")),
)
PLACES: Mapping[int, str] = {
    1: N_("premier"),
    2: N_("deuxième"),
    3: N_("troisième"),
    4: N_("quatrième"),
}
WORDS: Mapping[Thing | Animal | Day, str] = {
    Thing.TABLE: N_("table"),
    Thing.LAMP: N_("lampe"),
    Thing.GARDEN: N_("jardin"),
    Thing.BOOK: N_("livre"),
    Thing.WINDOW: N_("fenêtre"),
    Thing.BRIDGE: N_("pont"),
    Thing.BREAD: N_("pain"),
    Thing.BOAT: N_("bateau"),
    Animal.CAT: N_("chat"),
    Animal.DOG: N_("chien"),
    Animal.HORSE: N_("cheval"),
    Animal.COW: N_("vache"),
    Animal.RABBIT: N_("lapin"),
    Animal.LION: N_("lion"),
    Day.MONDAY: N_("lundi"),
    Day.TUESDAY: N_("mardi"),
    Day.WEDNESDAY: N_("mercredi"),
    Day.THURSDAY: N_("jeudi"),
    Day.FRIDAY: N_("vendredi"),
    Day.SATURDAY: N_("samedi"),
    Day.SUNDAY: N_("dimanche"),
}
SENTENCES: Mapping[QuestionKind, str] = {
    QuestionKind.SUM: N_("Combien font %(listed)s ?"),
    QuestionKind.LARGEST: N_("Quel est le plus grand de ces nombres : %(listed)s ?"),
    QuestionKind.PLACE: N_("Quel est le %(place)s mot de cette liste : %(listed)s ?"),
    QuestionKind.DAY_AFTER: N_("Quel jour vient après %(listed)s ?"),
    QuestionKind.ODD_ONE: N_("Lequel de ces mots n’est pas un animal : %(listed)s ?"),
}


def question_sentence(question: Question, wording: Wording) -> str:
    """The question as a reader of that language is asked it."""
    parts = list(question.parts)
    place = _place(parts.pop(0), wording) if question.kind is QuestionKind.PLACE else ""
    joint = wording.text(N_(" plus ")) if question.kind is QuestionKind.SUM else ", "
    listed = joint.join(part_word(part, wording) for part in parts)
    return wording.text(SENTENCES[question.kind], listed=listed, place=place)


def _place(part: Part, wording: Wording) -> str:
    assert isinstance(part, int)
    return wording.text(PLACES[part])


def part_word(part: Part, wording: Wording) -> str:
    """A number or a word of a question, in letters."""
    return wording.text(NUMBERS[part] if isinstance(part, int) else WORDS[part])


def accepted_answers(question: Question) -> frozenset[str]:
    """What counts as the right answer, as `normalised_answer` leaves it.

    In letters or figures, in either language: a page may be read in one and thought in the
    other.
    """
    said = {part_word(question.answer, wording) for wording in (FRENCH, ENGLISH)}
    if isinstance(question.answer, int):
        said.add(str(question.answer))
    return frozenset(normalised_answer(answer) for answer in said)
