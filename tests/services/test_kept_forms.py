"""What was sent too late is kept for its author, sealed, for a while."""

from datetime import timedelta

import pytest

from breachdesk.domain.errors import NotFound
from breachdesk.models import KeptForm
from breachdesk.services.kept_forms import (
    KEPT_FOR,
    LARGEST_KEPT,
    MOST_KEPT,
    find_kept_form,
    forget_kept_form,
    keep_form,
    kept_form_ids,
    sweep_kept_forms,
)
from tests.cases import MONDAY_NINE, make_organisation

NOW = MONDAY_NINE
AUTHOR, OTHER = 1, 2
STORY = "Un ordinateur a été volé.\nDans le train : « Paris »"


@pytest.fixture(autouse=True)
def _people(work):
    make_organisation(work, now=NOW)


def keep(work, author=AUTHOR, *, text=STORY, at=NOW):
    return keep_form(
        work.session,
        work.desk,
        author,
        path="/organisations/GIR/incidents?x=1",
        fields=[("description", text), ("kinds", "a"), ("kinds", "b")],
        files=["capture.png"],
        now=at,
    )


def find(work, form_id, author=AUTHOR, *, at=NOW):
    return find_kept_form(work.session, work.desk, author, form_id, now=at)


def test_everything_is_there_again_in_its_order(work):
    found = find(work, keep(work))

    assert found.fields == [("description", STORY), ("kinds", "a"), ("kinds", "b")]
    assert found.path == "/organisations/GIR/incidents?x=1"
    assert found.files == ["capture.png"]
    assert b"ordinateur" not in work.session.query(KeptForm).one().sealed


def test_it_is_for_its_author_alone(work):
    kept = keep(work)

    with pytest.raises(NotFound):
        find(work, kept, OTHER)
    forget_kept_form(work.session, OTHER, kept)
    assert kept_form_ids(work.session, OTHER, now=NOW) == []
    assert kept_form_ids(work.session, AUTHOR, now=NOW) == [kept]


def test_it_is_gone_once_sent_or_given_up(work):
    kept = keep(work)

    forget_kept_form(work.session, AUTHOR, kept)

    with pytest.raises(NotFound):
        find(work, kept)


def test_its_time_runs_out_and_then_it_is_thrown_away(work):
    kept = keep(work)
    later = NOW + KEPT_FOR

    with pytest.raises(NotFound):
        find(work, kept, at=later)
    assert kept_form_ids(work.session, AUTHOR, now=later) == []
    sweep_kept_forms(work.session, now=later - timedelta(seconds=1))
    assert work.session.query(KeptForm).count() == 1
    sweep_kept_forms(work.session, now=later)
    assert work.session.query(KeptForm).count() == 0


def test_only_the_newest_few_of_each_person_are_kept(work):
    others = keep(work, OTHER)
    kept = [keep(work) for _ in range(MOST_KEPT + 2)]

    assert kept_form_ids(work.session, AUTHOR, now=NOW) == kept[: -MOST_KEPT - 1 : -1]
    assert kept_form_ids(work.session, OTHER, now=NOW) == [others]


def test_what_is_too_large_is_not_kept(work):
    assert keep(work, text="x" * LARGEST_KEPT) is None
    assert keep(work, text="x" * (LARGEST_KEPT - 100)) is not None
