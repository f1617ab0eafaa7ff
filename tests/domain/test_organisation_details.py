"""How each detail of an organisation is kept, or refused."""

from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachdesk.domain.errors import InvalidInput
from breachdesk.domain.organisation_details import (
    DETAILS,
    FRENCH_ZONES,
    OTHER_EUROPEAN_ZONES,
    checked_detail,
    checked_details,
    is_siren,
)
from breachdesk.models import Organisation
from breachdesk.wording import FRENCH
from breachdesk.wording.organisation import DETAIL_NAMES, zone_label


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        pytest.param("name", "  La Girandole ", "La Girandole", id="no blanks around"),
        pytest.param("siren", "732829320", "732 829 320", id="a SIREN in groups"),
        pytest.param("siren", "73 28\u00a029\u202f320 ", "732 829 320", id="spaces of any kind"),
        pytest.param("siren", " ", "", id="no SIREN"),
        pytest.param("contact_email", "", "", id="no address"),
        pytest.param("contact_email", " a@b.example ", "a@b.example", id="an address"),
        pytest.param("address", "1 rue A\n33000 B\n", "1 rue A\n33000 B", id="lines stay"),
        pytest.param("timezone", "Indian/Reunion", "Indian/Reunion", id="a zone"),
    ],
)
def test_a_detail_is_kept(name, typed, kept):
    assert checked_detail(name, typed) == kept


@pytest.mark.parametrize(
    ("name", "typed", "code"),
    [
        pytest.param("name", " ", "organisation_name_missing", id="no name"),
        pytest.param("siren", "732 829 321", "not_a_siren", id="a wrong last digit"),
        pytest.param("siren", "732 892 320", "not_a_siren", id="two digits swapped"),
        pytest.param("siren", "732 829 32", "not_a_siren", id="too short"),
        pytest.param("siren", "732 829 320 00074", "not_a_siren", id="a SIRET"),
        pytest.param("siren", "٧٣٢٨٢٩٣٢٠", "not_a_siren", id="other digits"),
        pytest.param("contact_email", "chez moi", "not_an_address", id="no address"),
        pytest.param("timezone", "Europe/Atlantis", "choice_missing", id="no such zone"),
        pytest.param("timezone", "", "choice_missing", id="no zone"),
    ],
)
def test_a_detail_is_refused_by_its_name(name, typed, code):
    with pytest.raises(InvalidInput) as refusal:
        checked_details({name: typed})

    assert (refusal.value.code, refusal.value.field) == (code, name)


@given(body=st.text("0123456789", min_size=8, max_size=8))
def test_of_ten_last_digits_one_makes_a_siren(body):
    assert sum(is_siren(f"{body}{last}") for last in range(10)) == 1


def test_every_detail_is_a_column_and_has_a_name():
    assert set(DETAILS) <= set(Organisation.__table__.columns.keys())
    assert tuple(DETAIL_NAMES) == DETAILS


def test_every_zone_offered_exists_once_and_has_a_label():
    zones = (*FRENCH_ZONES, *OTHER_EUROPEAN_ZONES)

    assert set(zones) <= available_timezones()
    assert len({zone_label(zone, FRENCH) for zone in zones}) == len(zones)
    assert all("/" not in zone_label(zone, FRENCH) for zone in zones)
