"""How the sources of the assessment are cited."""

import re
from collections.abc import Mapping

from breachdesk.wording import N_, Wording

# The law and the texts cited whole.
SOURCES: Mapping[str, str] = {
    "gdpr_9_10": N_("RGPD, art. 9 et 10"),
    "gdpr_26": N_("RGPD, art. 26"),
    "gdpr_33_1": N_("RGPD, art. 33(1)"),
    "gdpr_33_2": N_("RGPD, art. 33(2)"),
    "gdpr_34_1": N_("RGPD, art. 34(1)"),
    "gdpr_34_3_a": N_("RGPD, art. 34(3)(a)"),
    "gdpr_34_3_b": N_("RGPD, art. 34(3)(b)"),
    "gdpr_34_3_c": N_("RGPD, art. 34(3)(c)"),
    "gdpr_recital_75": N_("RGPD, considérant 75"),
    "gdpr_recital_85": N_("RGPD, considérant 85"),
    "cjeu_184_20": N_("CJUE, 1er août 2022, C-184/20"),
    "cnil_notify": N_("CNIL, « Notifier une violation de données personnelles »"),
    "enisa": N_("ENISA, méthode d’évaluation de la gravité, 2013"),
    "digital-omnibus-2025-proposal": N_("COM(2025) 837, proposition du 19 novembre 2025"),
    "edpb_9_section_iv": N_("CEPD, lignes directrices 9/2022, section IV"),
}

GUIDELINES_01_2021 = N_("CEPD, lignes directrices 01/2021, cas %(case)s")
GUIDELINES_9_2022 = N_("CEPD, lignes directrices 9/2022, annexe B, exemple %(case)s")

# Official documents, for whoever wants to check a precedent.
OFFICIAL_DOCUMENTS: Mapping[str, str] = {
    "01/2021": "https://www.edpb.europa.eu/system/files/2022-01/"
    "edpb_guidelines_012021_pdbnotification_adopted_en.pdf",
    "9/2022": "https://www.edpb.europa.eu/system/files/2023-04/"
    "edpb_guidelines_202209_personal_data_breach_notification_v2.0_en.pdf",
}

_CASE = re.compile(r"edpb_01_(?P<case>\d\d)")
_ANNEX = re.compile(r"edpb_9_b_(?P<case>[ivx]+)")


def cite(code: str, wording: Wording) -> str:
    """Cite a source by its code; the code itself where it is not one of ours."""
    if code in SOURCES:
        return wording.text(SOURCES[code])
    if match := _CASE.fullmatch(code):
        return wording.text(GUIDELINES_01_2021, case=int(match["case"]))
    if match := _ANNEX.fullmatch(code):
        return wording.text(GUIDELINES_9_2022, case=match["case"])
    return code


def official_document(precedent_id: str) -> str:
    """Where the guidelines that a precedent summarises are published."""
    return next(url for name, url in OFFICIAL_DOCUMENTS.items() if name in precedent_id)
