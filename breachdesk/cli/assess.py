"""`breachdesk assess`: judge the facts of a file and print the verdict as JSON."""

import json
import sys
from collections import Counter
from typing import IO, Any, NoReturn

import click

from breachdesk.domain.duties import assess as assess_facts
from breachdesk.domain.fact_schema import faults_of
from breachdesk.wording import N_, Wording, wording_for
from breachdesk.wording.assessment import describe, fault_text, printable

BAD_FACTS = 2
# With or without the mark that some editors put first.
ENCODING = "utf-8-sig"


class _Facts(dict[str, Any]):
    """An object of the file, with the keys that it gave more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counted = Counter(key for key, _ in pairs)
        self.repeated = [key for key, times in counted.items() if times > 1]


@click.command("assess")
@click.argument("facts_file", metavar="FACTS.json", type=click.File("r", encoding=ENCODING))
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", help="Language of the text.")
def assess(facts_file: IO[str], lang: str) -> None:
    """Assess the facts in FACTS.json ("-" reads standard input) and print JSON.

    The file holds one object of facts, or a list of them; a list gives a list. Facts not
    known yet are left out, null or "unknown". Facts that break the vocabulary end the
    command with status 2 and one line per fault on standard error.
    """
    wording = wording_for(lang)
    given = _read(facts_file, wording)
    _demand_valid(given, wording)
    cases = given if isinstance(given, list) else [given]
    described = [describe(assess_facts(facts).as_record(), wording) for facts in cases]
    answer = described if isinstance(given, list) else described[0]
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _read(facts_file: IO[str], wording: Wording) -> Any:
    try:
        return json.load(facts_file, object_pairs_hook=_Facts)
    except json.JSONDecodeError as error:
        message = N_("Ce n’est pas du JSON valide : ligne %(line)s, colonne %(column)s.")
        _refuse([wording.text(message, line=error.lineno, column=error.colno)])
    except UnicodeDecodeError:
        _refuse([wording.text(N_("Le fichier n’est pas du texte en UTF-8."))])
    except RecursionError:
        _refuse([wording.text(N_("Le JSON est trop profondément imbriqué pour des faits."))])
    except ValueError:
        # Python reads no integer of more than some thousands of digits.
        _refuse([wording.text(N_("Un nombre du fichier est trop long pour être lu."))])


def _demand_valid(given: object, wording: Wording) -> None:
    """End the command with every fault of every case; a list's are numbered from 1."""
    if isinstance(given, list):
        lines = [
            f"[{number}] {line}"
            for number, facts in enumerate(given, start=1)
            for line in _faults(facts, wording)
        ]
    else:
        lines = _faults(given, wording)
    if lines:
        _refuse(lines)


def _faults(facts: object, wording: Wording) -> list[str]:
    twice = N_("%(key)s : ce fait est donné plusieurs fois ; gardez une seule réponse.")
    repeated = facts.repeated if isinstance(facts, _Facts) else []
    return [
        *(wording.text(twice, key=printable(key)) for key in repeated),
        *(fault_text(fault, wording) for fault in faults_of(facts)),
    ]


def _refuse(lines: list[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(BAD_FACTS)
