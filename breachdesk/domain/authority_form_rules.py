"""When a field of an authority's form is visible, mandatory, or an option of it on offer.

The forms' files write each condition as a small rule in TOML:

* `{ always = true }`, `{ visible = true }`: no condition; whenever the field is visible.
* `{ field = "nature", is = "integrity" }`: an earlier field holds that option (of several:
  one of them); `is` may list more than one, any of which will do.
* `{ open = "nature" }`: an earlier field holds no answer yet; `{ given = "nature" }`: it does.
* `{ late = true }`, `{ incomplete = true }`, `{ in_eea = true }`, `{ national_rule = true }`:
  see `Circumstances`.
* `{ all = […] }`, `{ any = […] }`, `{ not = … }`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol


@dataclass(frozen=True)
class Circumstances:
    """What a rule may ask of the case as a whole.

    Args:
        late: the 72 hours of the rule of its day are over, or were when it was filed.
        incomplete: the notification is an incomplete one: more is to follow.
        in_eea: the controller is established in the European Economic Area.
        national_rule: the authority demands what the template leaves to national law.
    """

    late: bool = False
    incomplete: bool = False
    in_eea: bool = True
    national_rule: bool = False


CIRCUMSTANCES = tuple(each.name for each in fields(Circumstances))


@dataclass(frozen=True)
class Standing:
    """What rules are weighed against.

    Args:
        answers: the option or the options that each visible field holds; none: it is open.
    """

    answers: Mapping[str, Collection[str]]
    circumstances: Circumstances


class Rule(Protocol):
    """One condition."""

    def holds(self, standing: Standing) -> bool:
        """Whether it is met."""
        ...

    def named(self) -> Iterator[tuple[str, str]]:
        """The fields it looks at, each with the option asked for, or an empty string."""
        ...


@dataclass(frozen=True)
class Always:
    """No condition: what is visible is meant."""

    def holds(self, standing: Standing) -> bool:
        """Whether it is met: it is."""
        return True

    def named(self) -> Iterator[tuple[str, str]]:
        """It looks at no field."""
        return iter(())


@dataclass(frozen=True)
class FieldIs:
    """A field holds one of these options."""

    field: str
    options: tuple[str, ...]

    def holds(self, standing: Standing) -> bool:
        """Whether it is met."""
        return any(option in standing.answers.get(self.field, ()) for option in self.options)

    def named(self) -> Iterator[tuple[str, str]]:
        """The field, with each option."""
        return ((self.field, option) for option in self.options)


@dataclass(frozen=True)
class FieldGiven:
    """A field holds an answer."""

    field: str

    def holds(self, standing: Standing) -> bool:
        """Whether it is met."""
        return bool(standing.answers.get(self.field))

    def named(self) -> Iterator[tuple[str, str]]:
        """The field."""
        return iter(((self.field, ""),))


@dataclass(frozen=True)
class Circumstance:
    """A circumstance of the case is so, or is not so."""

    name: str
    wanted: bool

    def holds(self, standing: Standing) -> bool:
        """Whether it is met."""
        return bool(getattr(standing.circumstances, self.name)) is self.wanted

    def named(self) -> Iterator[tuple[str, str]]:
        """It looks at no field."""
        return iter(())


@dataclass(frozen=True)
class AllOf:
    """Every one of these holds."""

    rules: tuple[Rule, ...]

    def holds(self, standing: Standing) -> bool:
        """Whether it is met."""
        return all(rule.holds(standing) for rule in self.rules)

    def named(self) -> Iterator[tuple[str, str]]:
        """What each looks at."""
        return (pair for rule in self.rules for pair in rule.named())


@dataclass(frozen=True)
class AnyOf:
    """One of these holds."""

    rules: tuple[Rule, ...]

    def holds(self, standing: Standing) -> bool:
        """Whether it is met."""
        return any(rule.holds(standing) for rule in self.rules)

    def named(self) -> Iterator[tuple[str, str]]:
        """What each looks at."""
        return (pair for rule in self.rules for pair in rule.named())


@dataclass(frozen=True)
class Not:
    """It does not hold."""

    rule: Rule

    def holds(self, standing: Standing) -> bool:
        """Whether it is met."""
        return not self.rule.holds(standing)

    def named(self) -> Iterator[tuple[str, str]]:
        """What the other looks at."""
        return self.rule.named()


ALWAYS = Always()


class FaultyRule(ValueError):
    """A condition is none of those above; the message says which part."""


def read_rule(said: Any) -> Rule:
    """Read one condition. Raises FaultyRule."""
    if not isinstance(said, dict) or not said:
        raise FaultyRule(f"a condition is a table such as {{ always = true }}, not {said!r}")
    match said:
        case {"field": str(field), "is": str(option)} if len(said) == 2:
            return FieldIs(field, (option,))
        case {"field": str(field), "is": [str(), *_] as options} if len(said) == 2:
            return FieldIs(field, tuple(map(str, options)))
    if len(said) > 1:
        raise FaultyRule(f"one condition says one thing, not {', '.join(said)}")
    ((key, value),) = said.items()
    return _single(str(key), value)


def _single(key: str, value: Any) -> Rule:
    match key, value:
        case (("always" | "visible"), True):
            return ALWAYS
        case "open", str(field):
            return Not(FieldGiven(field))
        case "given", str(field):
            return FieldGiven(field)
        case "all", [_, *_]:
            return AllOf(tuple(map(read_rule, value)))
        case "any", [_, *_]:
            return AnyOf(tuple(map(read_rule, value)))
        case "not", _:
            return Not(read_rule(value))
    if key in CIRCUMSTANCES and isinstance(value, bool):
        return Circumstance(key, value)
    raise FaultyRule(f"nobody can weigh {{ {key} = {value!r} }}")
