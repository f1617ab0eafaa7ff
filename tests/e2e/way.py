"""The steps of a case as people do them: by the words on the page, never by an address."""

import re
from pathlib import Path

from flask import Flask
from playwright.sync_api import Locator, Page

from breachdesk.workers.rounds import do_round
from tests.browser import aside
from tests.cases import PASSWORD

DPO = "ines.caradec@girandole.example"
DECIDER = "anne.delmas@girandole.example"
REPORTER = "lucie.morvan@girandole.example"
REFERENCE = re.compile(r"GIR-\d{4}-\d{4}")

LIST_WITH_FAULTS = (
    "Client;Prénom;Nom;Courriel;Langue\n"
    "1;Élise;Garnier;elise.garnier@client.example;fr\n"
    "2;Noé;Vidal;noe.vidal@client.example;fr\n"
    "3;Zoë;Ó Briain;zoe@client.example;en\n"
    "4;Élise;Garnier;elise.garnier@client.example;fr\n"
    "5;Sans;Adresse;;fr\n"
    "6;Mal;Écrite;mal.ecrite.client.example;fr\n"
)


class Person:
    """Somebody in front of the desk."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    # --- What one does on any page -------------------------------------------------------

    @property
    def heading(self) -> str:
        """The h1 of the page, with ordinary spaces."""
        return " ".join(self.page.locator("h1").inner_text().split())

    @property
    def text(self) -> str:
        """What the page says, with ordinary spaces."""
        return " ".join(self.page.locator("main").inner_text().split())

    def go(self, path: str) -> None:
        """Open a page of the desk."""
        self.page.goto(self.address + path)

    def follow(self, words: str) -> None:
        """Press the link or the button of these words."""
        named = self.page.get_by_role("link", name=words).or_(
            self.page.get_by_role("button", name=words)
        )
        self._and_arrive(named.first)

    def press_primary(self) -> None:
        """Press the one primary button."""
        button = self.page.locator("main .button--primary")
        assert button.count() == 1, f"{button.count()} primary buttons on {self.heading!r}"
        self._and_arrive(button)

    def _and_arrive(self, control: Locator) -> None:
        with self.page.expect_navigation(wait_until="load"):
            control.click()

    def answer(self, label: str, value: str) -> None:
        """Write into the field of this label."""
        self.page.get_by_label(label, exact=False).first.fill(value)

    def choose(self, label: str, *, within: str = "") -> None:
        """Tick a box or a radio by its label; `within` the group of that question."""
        place = self.page.get_by_role("group", name=within) if within else self.page
        place.get_by_label(label).first.check()

    # --- Coming in -----------------------------------------------------------------------

    def sign_in(self, email: str) -> None:
        """Sign in through the page."""
        self.go("/sign-in")
        self.answer("Adresse électronique", email)
        self.answer("Mot de passe", PASSWORD)
        self.press_primary()

    def set_up(self, token: str) -> None:
        """Create La Girandole with three people."""
        self.go(f"/setup/{token}")
        self.answer("Nom de l’organisation", "La Girandole")
        self.answer("Sigle", "gir")
        self._introduce(1, "Anne Delmas", DECIDER)
        self.page.fill("#again_1", PASSWORD)
        self._introduce(2, "Inès Caradec", DPO, "dpo", "handler")
        self._introduce(3, "Lucie Morvan", REPORTER, "reporter")
        self.press_primary()

    def _introduce(self, number: int, name: str, email: str, *roles: str) -> None:
        fields = self.page.locator(f"#name_{number}")
        if not fields.is_visible():
            self.page.get_by_text(f"Ajouter une personne ({number - 1} sur 3)").click()
        fields.fill(name)
        self.page.fill(f"#email_{number}", email)
        self.page.fill(f"#password_{number}", PASSWORD)
        for role in roles:
            self.page.check(f"[name=roles_{number}][value={role}]")

    # --- The way of a case ---------------------------------------------------------------

    def open_incident(self, attachment: Path | None = None) -> str:
        """Report knowing little; the reference on the receipt."""
        self.follow("Signaler un incident")
        self.answer("Que s’est-il passé ?", "Le dossier de sauvegarde <b>était</b> ouvert à tous.")
        self.choose("Je ne sais pas encore", within="Est-ce terminé")
        self.page.check("#system_unknown")
        self.page.check("#data_unknown")
        if attachment:
            self.page.set_input_files("#attachments", attachment)
        self.press_primary()
        found = REFERENCE.search(self.text)
        assert found, self.text
        return found[0]

    def next_step(self, reference: str) -> str:
        """Take the next step that the case offers; the heading of where it leads."""
        self.go(f"/incidents/{reference}")
        self.press_primary()
        return self.heading

    def qualify(self, reference: str) -> None:
        """A breach, known since it was noticed."""
        assert self.next_step(reference) == "Qualifier l’incident"
        self.choose("Oui, des données personnelles")
        self.press_primary()

    def record_facts(self, reference: str) -> None:
        """What was lost, whose it was, who may have it."""
        self.go(f"/incidents/{reference}")
        self.follow("Ce que l’on sait")
        self._record("nature", "fact-breach_types-0", {"fact-vector": "accidental_publication"})
        self._record("data", "[value=civil_status]", {}, "[value=contact]")
        self._record("persons", "[name=fact-data_subjects][value=customers]", {})
        self.page.goto(f"{self.address}/incidents/{reference}/facts/persons")
        self.page.fill("#fact-n_subjects", "3 412")
        self.press_primary()

    def _record(self, section: str, box: str, selects: dict[str, str], *more: str) -> None:
        self.page.locator(f"main a[href$='/facts/{section}']").first.click()
        for selector in (box if box.startswith("[") else f"#{box}", *more):
            self.page.check(selector)
        for field, value in selects.items():
            self.page.select_option(f"#{field}", value)
        self.press_primary()

    def assess(self, reference: str) -> None:
        """Ask for the verdict."""
        assert self.next_step(reference) == "Évaluer le risque"
        self.follow("Évaluer sans attendre")
        assert self.heading == "Évaluation du risque"

    def advise(self, reference: str) -> None:
        """Advise to notify, and to tell people."""
        assert self.next_step(reference) == "Avis sur l’évaluation"
        self.choose("Oui, notifier la CNIL")
        self.page.check("[name=communicate][value=voluntary]")
        self.answer("Votre raison", "Le dossier est resté ouvert neuf jours.")
        self.press_primary()

    def decide(self, reference: str) -> None:
        """Sign as advised."""
        assert self.next_step(reference) == "Décider"
        self.choose("Je suis l’avis")
        self.press_primary()

    def record_filing(self, reference: str, receipt: Path) -> None:
        """Prepare the notification, then record that it was filed."""
        assert self.next_step(reference) == "Préparer la notification à la CNIL"
        self.press_primary()
        self.answer("Numéro de la notification", "N-2026-000123")
        self.page.set_input_files("#receipt", receipt)
        self.press_primary()

    def complete_filing(self, reference: str) -> None:
        """Record the follow-up that the first filing calls for."""
        assert self.next_step(reference) == "Enregistrer un dépôt auprès de la CNIL"
        assert self.page.get_by_label("Notification complémentaire").is_checked()
        self.press_primary()

    def owe_nothing_more(self, reference: str) -> None:
        """Say that what the filings left open is not owed."""
        self.go(f"/incidents/{reference}")
        assert "Compléter la notification à la CNIL" in self.text
        self.follow("Rien de plus n’est dû")
        self.answer("Pourquoi", "La CNIL a clos ce dossier sans attendre davantage.")
        self.press_primary()

    def draft(self, reference: str) -> None:
        """Complete the first draft: the parts that the case could not fill."""
        assert self.next_step(reference) == "Rédiger le message aux personnes"
        for part in ("nature", "data", "consequences", "measures", "advice", "contact"):
            field = self.page.locator(f"#part_{part}")
            if not field.input_value().strip():
                field.fill(f"Ce qu’il faut savoir ({part}) : donnees@girandole.example.")
        self.page.fill("#part_contact", "donnees@girandole.example, 05 00 00 00 00")
        self.press_primary()

    def add_recipients(self, reference: str, file: Path) -> str:
        """Join a list, look at its columns, take it in; what the preview said."""
        assert self.next_step(reference) == "Ajouter les destinataires"
        self.page.set_input_files("#recipients", file)
        self.press_primary()
        self.follow("Relire avec ces colonnes")
        said = self.text
        self.press_primary()
        return said

    def approve(self, reference: str) -> None:
        """Approve what somebody else wrote."""
        assert self.next_step(reference) == "Approuver le message aux personnes"
        self.press_primary()

    def send(self, reference: str) -> None:
        """Send, having read what will happen."""
        assert self.next_step(reference) == "Envoyer le message aux personnes"
        self.press_primary()
        assert self.heading == "Envoi du message aux personnes"

    def make_dossier(self, app: Flask, reference: str, folder: Path) -> Path:
        """Have the dossier made and keep it; the page shows it by itself."""
        assert self.next_step(reference) == "Dossiers établis"
        self.press_primary()
        assert "en cours d’établissement" in self.text
        work_once(app)
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name="Dossier n° 1", exact=True).click()
        path = folder / "dossier.pdf"
        download.value.save_as(path)
        return path

    def close(self, reference: str) -> None:
        """Close the case."""
        assert self.next_step(reference) == f"Clore le dossier {reference}"
        self.press_primary()


def work_once(app: Flask) -> None:
    """One round of the worker."""
    aside(do_round, app, app.extensions["desk"], worker="e2e")


def figure(page: Page, label: str) -> str:
    """One of the big figures of the delivery page."""
    pair = page.locator(".counts > div", has_text=label)
    return pair.locator("dd").inner_text()
