"""Which passwords are taken, and what checking one costs."""

import pytest
from argon2 import PasswordHasher

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.passwords import known_words
from breachdesk.models import User
from breachdesk.services import passwords
from breachdesk.services.passwords import (
    NO_PASSWORD,
    authenticate,
    hash_password,
    is_password_of,
    weakness_of,
)
from tests.cases import MONDAY_NINE, PASSWORD, make_organisation

NOW = MONDAY_NINE
WORDS = known_words("Anne Delmas", "anne.delmas@girandole.example", "La Girandole")


def person(work, email="dpo@gir.example") -> User:
    return work.session.query(User).filter_by(email=email).one()


# --- Which are taken -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "code"),
    [
        pytest.param("onze lettre", "password_too_short", id="eleven characters"),
        pytest.param("cle\u0301cle\u0301cle\u0301cl", "password_too_short", id="composed: eleven"),
        pytest.param("mot " * 32 + "x", "password_too_long", id="over 128"),
        pytest.param("password1234", "password_common", id="of every list"),
        pytest.param("motdepasse1234", "password_common", id="of every French list"),
        pytest.param("Bienvenue2026!", "password_common", id="what an office begins with"),
        pytest.param("Adm1n1strateur!", "password_common", id="figures for letters"),
        pytest.param("janvier2026!!", "password_common", id="a month"),
        pytest.param("Girandole2026!", "password_personal", id="the organisation"),
        pytest.param("annedelmas1989", "password_personal", id="the name"),
        pytest.param("azertyuiop12", "password_keyboard", id="a row of the keyboard"),
        pytest.param("qsdfghjklmwxcv", "password_keyboard", id="two rows"),
        pytest.param("bonjourbonjour", "password_repeated", id="a word twice"),
        pytest.param("aaaaaaaaaaaaaaaa", "password_repeated", id="one letter"),
        pytest.param("abcdefghijklmn", "password_sequence", id="the alphabet"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused_with_its_reason(password, code):
    with pytest.raises(InvalidInput) as refused:
        hash_password(password, known_words=WORDS, field="new")

    assert (refused.value.code, refused.value.field) == (code, "new")


@pytest.mark.parametrize(
    "password",
    [
        pytest.param(PASSWORD, id="the password of the tests"),
        pytest.param("lampadaire-girafe-72", id="two words and a figure"),
        pytest.param("correct horse battery staple", id="four words"),
        pytest.param("abcd-efgh-jk23-mnpq", id="as the example's is made"),
        pytest.param("xK9#mQ2$vL5w", id="twelve by chance"),
        pytest.param("пирожок облако рельсы", id="another script"),
        pytest.param(("tournevis pantalon nuage " * 6)[:128], id="128 characters"),
    ],
)
def test_a_long_unlikely_password_is_taken_whatever_its_signs(password):
    assert weakness_of(password, WORDS) is None
    assert hash_password(password, known_words=WORDS).startswith("$argon2id$")


# --- Checking one ----------------------------------------------------------------------------


@pytest.fixture
def verified(monkeypatch):
    """The hashes that were checked."""
    seen = []

    class Counting(PasswordHasher):
        def verify(self, kept, given):
            seen.append(kept)
            return super().verify(kept, given)

    monkeypatch.setattr(passwords, "_hasher", Counting(memory_cost=64, time_cost=1, parallelism=1))
    return seen


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(lambda user: None, id="an account"),
        pytest.param(lambda user: setattr(user, "email", "moved@gir.example"), id="no account"),
        pytest.param(lambda user: setattr(user, "is_active", False), id="deactivated"),
        pytest.param(lambda user: setattr(user, "password_hash", NO_PASSWORD), id="no password"),
        pytest.param(lambda user: setattr(user, "password_hash", "broken"), id="a broken hash"),
    ],
)
def test_a_wrong_password_costs_one_hash_whoever_it_is(work, verified, prepare):
    make_organisation(work, now=NOW)
    prepare(person(work))
    work.session.commit()

    assert authenticate(work.session, "dpo@gir.example", "a wrong password") is None
    assert len(verified) == 1


def test_nobody_signs_in_without_a_password_not_even_with_nobodys(work, monkeypatch):
    make_organisation(work, now=NOW)
    monkeypatch.setattr(passwords, "_nobodys_hash", passwords._hasher.hash("nobody"))
    person(work).password_hash = NO_PASSWORD
    work.session.commit()

    assert authenticate(work.session, "dpo@gir.example", "nobody") is None
    assert authenticate(work.session, "", "nobody") is None


def test_a_hash_of_less_effort_is_made_anew_at_the_next_sign_in(work, monkeypatch):
    make_organisation(work, now=NOW)
    before = person(work).password_hash
    dearer = PasswordHasher(memory_cost=128, time_cost=1, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", dearer)

    assert authenticate(work.session, "dpo@gir.example", "a wrong password") is None
    assert person(work).password_hash == before
    assert authenticate(work.session, "dpo@gir.example", PASSWORD) is not None

    assert "m=128" in person(work).password_hash
    assert is_password_of(work.session, person(work), PASSWORD)


def test_a_password_typed_on_another_machine_is_the_same(work):
    make_organisation(work, now=NOW)
    user = person(work)
    user.password_hash = hash_password("clé d’or sous le paillasson")
    work.session.commit()

    typed_apart = "cle\u0301\u00a0d’or sous le paillasson"

    assert authenticate(work.session, user.email, typed_apart) is not None
