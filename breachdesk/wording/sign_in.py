"""How ways of signing in are called."""

from breachdesk.domain.sign_in import SignInMethod
from breachdesk.wording import N_, Wording

METHODS = {
    SignInMethod.PASSWORD: N_("mot de passe"),
    SignInMethod.PASSKEY: N_("clé d’accès"),
    SignInMethod.SINGLE_SIGN_ON: N_("connexion de l’organisation"),
}


def method_label(method: SignInMethod, wording: Wording) -> str:
    """A way of signing in, in a few words."""
    return wording.text(METHODS[method])
