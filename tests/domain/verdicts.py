"""The two duties of a case, as a pair of words."""

from collections.abc import Mapping

from breachdesk.domain.duties import assess


def verdict(facts: Mapping[str, object]) -> tuple[str, str]:
    """Whether to notify the authority and to tell people: yes, no or depends."""
    result = assess(facts)
    return result.notify_authority.value, result.communicate_to_data_subjects.value
