"""What a walk over every journal of an installation found: codes, which `wording` says."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LiveFault:
    """Something that does not agree. `code` names the sentence, `parameters` fill it."""

    code: str
    parameters: Mapping[str, object]


@dataclass
class LiveVerdict:
    """What was found. A chain is named as in the journal, such as `incident:7`.

    Args:
        broken: the first line of each chain that does not hold.
        faults: what else does not agree.
    """

    chains: int = 0
    lines: int = 0
    erased: int = 0
    facts: int = 0
    facts_erased: int = 0
    attachments: int = 0
    filings: int = 0
    dossiers: int = 0
    dossiers_erased: int = 0
    broken: dict[str, int] = field(default_factory=dict)
    faults: list[LiveFault] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found altered."""
        return not self.broken and not self.faults

    def fault(self, code: str, /, **parameters: object) -> None:
        """Something does not agree."""
        self.faults.append(LiveFault(code, parameters))
