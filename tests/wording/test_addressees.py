"""Who is told, in words: nobody bears a title that they do not hold."""

import pytest

from breachdesk.domain.standing_in import Addressee
from breachdesk.wording import FRENCH
from breachdesk.wording.addressees import addressee_label, addressee_standing


@pytest.mark.parametrize(
    ("told", "said"),
    [
        pytest.param(
            {"held": ("handler", "dpo")},
            "Anne Delmas (gestionnaire, délégué à la protection des données)",
            id="titles of their own",
        ),
        pytest.param(
            {"vacant": ("dpo",)}, "Anne Delmas, en l’absence de délégué", id="nobody holds it"
        ),
        pytest.param(
            {"held": ("manager",), "vacant": ("handler", "dpo", "decider")},
            "Anne Delmas (direction), en l’absence de gestionnaire, de délégué, de décideur",
            id="several that nobody holds",
        ),
        pytest.param(
            {"instead_of": (("Karim Benali", ("handler",)),)},
            "Anne Delmas, remplace Karim Benali (gestionnaire)",
            id="in the place of somebody",
        ),
        pytest.param(
            {"held": ("manager",), "is_on_duty": True},
            "Anne Delmas (direction), d’astreinte",
            id="on duty",
        ),
        pytest.param({"is_on_duty": True}, "Anne Delmas, d’astreinte", id="on duty alone"),
        pytest.param({"held": ("scribe",)}, "Anne Delmas (scribe)", id="a role of old"),
        pytest.param({}, "Anne Delmas", id="no role is known"),
    ],
)
def test_somebody_told_is_named_with_what_is_theirs(told, said):
    whom = Addressee("Anne Delmas", **told)

    assert addressee_label(whom, FRENCH) == said
    assert addressee_standing(whom, FRENCH) == said.removeprefix("Anne Delmas")
