"""A reason is a sentence: it says something about something."""

import pytest

from breachdesk.domain.written_reasons import is_sentence


@pytest.mark.parametrize(
    "text",
    [
        "Personne n'est concerné.",
        "L’accès n’était plus possible.",
        "Le fichier était vide de toute donnée personnelle.",
        "Nobody was affected.",
        "The key was never lost.",
        "Le disque a été effacé à distance le 3 mars.",
        "данные были зашифрованы",
    ],
)
def test_a_sentence_in_any_language_is_one(text):
    assert is_sentence(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("   \n\t          ", id="blanks"),
        pytest.param("bof", id="a word"),
        pytest.param("non merci", id="two words"),
        pytest.param("aaaaaaaaaaaaaaaaaaaa", id="one long word"),
        pytest.param("non non non non non", id="one word again and again"),
        pytest.param("Non, non et NON !", id="two words again and again"),
        pytest.param("1 234 567 890 123", id="figures"),
        pytest.param("… --- *** /// ??? !!!", id="signs"),
        pytest.param("a b c", id="three letters"),
    ],
)
def test_less_than_a_sentence_is_none(text):
    assert not is_sentence(text)
