"""What a reason is made of: codes and values, no sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Factor(StrEnum):
    """What a reason is about; EDPB 9/2022, section IV.B, and the duties themselves."""

    CONCLUSION = "conclusion"
    DATA = "data"
    COMBINATION = "combination"
    IDENTIFIABILITY = "identifiability"
    PERSONS = "persons"
    NUMBERS = "numbers"
    RECIPIENTS = "recipients"
    PROTECTION = "protection"
    AVAILABILITY = "availability"
    INTEGRITY = "integrity"
    EFFECTS = "effects"
    MISUSE = "misuse"
    EXEMPTION = "exemption"
    ROLE = "role"
    SEVERITY = "severity"


class Effect(StrEnum):
    """What a reason does to the risk."""

    RAISES = "raises"
    LOWERS = "lowers"
    NEUTRAL = "neutral"
    DECIDES = "decides"


@dataclass(frozen=True)
class Reason:
    """One reason: codes and values only."""

    factor: Factor
    effect: Effect
    code: str
    sources: tuple[str, ...]
    parameters: Mapping[str, object]

    def as_record(self) -> dict[str, object]:
        """JSON-safe."""
        return {
            "factor": self.factor.value,
            "effect": self.effect.value,
            "code": self.code,
            "parameters": dict(self.parameters),
            "source": list(self.sources),
        }
