"""The three answers to whether something is owed."""

from enum import StrEnum


class Answer(StrEnum):
    """Whether something is owed, as far as the facts known today say.

    DEPENDS means exactly: the facts not known yet can be completed in ways that lead to
    different answers.
    """

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"

    def is_more_than(self, other: "Answer") -> bool:
        """Whether it asks for more: no, then depends, then yes."""
        return _IN_ORDER.index(self) > _IN_ORDER.index(other)

    @classmethod
    def between(cls, at_best: bool, at_worst: bool) -> "Answer":
        """The answer, given what the mildest and the gravest completion say."""
        if at_best != at_worst:
            return cls.DEPENDS
        return cls.YES if at_worst else cls.NO


_IN_ORDER = (Answer.NO, Answer.DEPENDS, Answer.YES)
