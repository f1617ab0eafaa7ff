"""Names in a redacted copy: each person becomes P-1, P-2…, the same throughout."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from breachdesk.domain.case_record import CaseRecord
from breachdesk.domain.reminder_ledger import ReminderLedger

# What stands in the place of a removed text; a mark, in no language.
MARK = "[…]"
# A shorter one is found in half the words there are.
SHORTEST_TEXT = 4
# Fields that hold the name of a person, wherever they stand in a record.
NAME_FIELDS = frozenset(
    {
        "added_by",
        "advised_by",
        "approved_by",
        "author",
        "actor",
        "by",
        "decided_by",
        "made_by",
        "opened_by",
        "recorded_by",
        "started_by",
        "stopped_by",
        "to",
    }
)


class Marks:
    """What stands for each name, the same throughout."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        name = name.strip()
        return self.given.setdefault(name, f"P-{len(self.given) + 1}") if name else ""


def without_names(record: CaseRecord, mark: Marks) -> CaseRecord:
    """The case without the names of our people and the organisation's contacts.

    `mark` then knows each, to be looked for in the texts that stay.
    """
    copy: CaseRecord = changed_texts(record, NAME_FIELDS, mark)
    told = changed_texts(copy.ledger, frozenset({"name"}), mark)
    told = _changed_stand_ins(told, mark)
    own = copy.organisation
    contacts = replace(
        own,
        legal_representative=mark(own.legal_representative),
        contact_name=mark(own.contact_name),
        dpo_name=mark(own.dpo_name),
        contact_function="",
        contact_email="",
        contact_phone="",
        dpo_email="",
    )
    for address in (own.contact_email, own.contact_phone, own.dpo_email):
        if len(address.strip()) >= SHORTEST_TEXT:
            mark.given[address.strip()] = MARK
    return replace(copy, ledger=told, organisation=contacts)


def _changed_stand_ins(ledger: ReminderLedger, mark: Callable[[str], str]) -> ReminderLedger:
    """Those in whose place somebody was told: names beside roles."""
    return ReminderLedger(
        tuple(
            replace(
                line,
                told=tuple(
                    replace(
                        each,
                        capacity=replace(
                            each.capacity,
                            instead_of=tuple(
                                (mark(name), roles) for name, roles in each.capacity.instead_of
                            ),
                        ),
                    )
                    if each.capacity
                    else each
                    for each in line.told
                ),
            )
            for line in ledger.lines
        )
    )


def changed_texts(value: Any, names: frozenset[str], change: Any) -> Any:
    """The same frozen value with every text field of these names changed, however deep."""
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{
                each.name: change(held)
                if each.name in names and isinstance(held, str)
                else changed_texts(held, names, change)
                for each in fields(value)
                for held in (getattr(value, each.name),)
            },
        )
    if isinstance(value, tuple):
        return tuple(changed_texts(item, names, change) for item in value)
    # Codes and JSON values hold no name: a mapping is left as it is.
    return value if not isinstance(value, Mapping) else dict(value)
