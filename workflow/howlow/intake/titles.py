"""What `howlow check` says in English and Dutch: the codes of findings, headings, and reasons."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "nl"]

#: What each code is about, in a few words; docs/bad-inputs.md says more.
TITLES: dict[str, dict[Language, str]] = {
    "F01": {"en": "Byte order mark", "nl": "Byte-volgordeteken"},
    "F02": {"en": "Unknown characters", "nl": "Onbekende tekens"},
    "F03": {"en": "Not text", "nl": "Geen tekst"},
    "F04": {"en": "No data", "nl": "Geen gegevens"},
    "F05": {"en": "A web page", "nl": "Een webpagina"},
    "F06": {"en": "A pointer instead of data", "nl": "Verwijzing, geen gegevens"},
    "F07": {"en": "Wrong delimiter", "nl": "Verkeerd scheidingsteken"},
    "F08": {"en": "Column twice", "nl": "Kolom dubbel"},
    "F09": {"en": "Row too long", "nl": "Rij te lang"},
    "F10": {"en": "Row too short", "nl": "Rij te kort"},
    "F11": {"en": "Quote left open", "nl": "Aanhalingsteken niet gesloten"},
    "F12": {"en": "Lines around the table", "nl": "Regels rond de tabel"},
    "F13": {"en": "Not the declared file", "nl": "Niet het opgegeven bestand"},
    "F14": {"en": "The same file twice", "nl": "Tweemaal hetzelfde bestand"},
    "F15": {"en": "Sheet or object unclear", "nl": "Werkblad of object onduidelijk"},
    "F16": {"en": "Unpacks to something huge", "nl": "Bestand uitgepakt te groot"},
    "F17": {"en": "R data file", "nl": "R-gegevensbestand"},
    "F18": {"en": "Format not read", "nl": "Formaat wordt niet gelezen"},
    "C01": {"en": "Decimal comma", "nl": "Decimale komma"},
    "C02": {"en": "Thousands separator", "nl": "Teken tussen duizendtallen"},
    "C03": {"en": "Not a number", "nl": "Geen getal"},
    "C04": {"en": "Missing code", "nl": "Code voor ontbrekend"},
    "C05": {"en": "Word taken for missing", "nl": "Woord aangezien voor ontbrekend"},
    "C06": {"en": "Not a finite number", "nl": "Geen eindig getal"},
    "C07": {"en": "Absurdly large", "nl": "Onzinnig groot"},
    "C08": {"en": "Out of range", "nl": "Buiten bereik"},
    "C09": {"en": "Units", "nl": "Eenheden"},
    "C10": {"en": "Changed by a spreadsheet", "nl": "Veranderd door een rekenblad"},
    "C11": {"en": "Ids without their zeros", "nl": "Codes zonder hun nullen"},
    "C12": {"en": "Date unclear", "nl": "Datum onduidelijk"},
    "C13": {"en": "Sign that only looks right", "nl": "Teken dat alleen goed lijkt"},
    "C14": {"en": "Mixed yes and no", "nl": "Ja en nee door elkaar"},
    "C15": {"en": "Printed numbers do not fit", "nl": "Gedrukte getallen kloppen niet"},
    "C16": {"en": "Formula in a cell", "nl": "Formule in een cel"},
    "C17": {"en": "Markup in a label", "nl": "Opmaakcode in een label"},
    "C18": {"en": "Mathematics in a label", "nl": "Wiskunde in een label"},
    "D01": {"en": "SD or standard error?", "nl": "SD of standaardfout?"},
    "D02": {"en": "Impossible correlation", "nl": "Onmogelijke correlatie"},
    "D03": {"en": "Another change than printed", "nl": "Na min voor is anders"},
    "D04": {"en": "Counts upward", "nl": "Telt op"},
    "D05": {"en": "Id used for two", "nl": "Code voor twee gebruikt"},
    "D06": {"en": "Columns look swapped", "nl": "Kolommen lijken verwisseld"},
    "D07": {"en": "Unlike at the start", "nl": "Ongelijk aan het begin"},
    "D08": {"en": "The same people twice?", "nl": "Tweemaal dezelfde mensen?"},
    "D09": {"en": "Interval and spread do not fit", "nl": "Interval en spreiding passen niet"},
    "D10": {"en": "SD worked out", "nl": "SD uitgerekend"},
    "K01": {"en": "Row twice", "nl": "Rij dubbel"},
    "K02": {"en": "One person, two ids", "nl": "Eén persoon, twee codes"},
    "K03": {"en": "No participant", "nl": "Geen deelnemer"},
    "K04": {"en": "Unknown word", "nl": "Onbekend woord"},
    "K05": {"en": "Look-alike letter", "nl": "Letter die alleen goed lijkt"},
    "K06": {"en": "Changes arm", "nl": "Wisselt van arm"},
    "K07": {"en": "Visit missing", "nl": "Meetmoment ontbreekt"},
    "K08": {"en": "Visit not as planned", "nl": "Meetmoment niet volgens plan"},
    "K09": {"en": "Changes within a person", "nl": "Verandert binnen een persoon"},
    "K10": {"en": "One arm only", "nl": "Maar één arm"},
    "K11": {"en": "Few participants", "nl": "Weinig deelnemers"},
    "K12": {"en": "Nothing measured there", "nl": "Daar is niets gemeten"},
    "K13": {"en": "Two things cannot be told apart", "nl": "Twee zaken niet te scheiden"},
    "K14": {"en": "All values equal", "nl": "Alle waarden gelijk"},
    "K15": {"en": "Several rows a person", "nl": "Meer rijen per persoon"},
    "K16": {"en": "Columns swapped or stacked", "nl": "Kolommen verwisseld of gestapeld"},
    "K17": {"en": "Not the planned number", "nl": "Niet het geplande aantal"},
    "K18": {"en": "A change as outcome", "nl": "Een verandering als uitkomst"},
    "K19": {"en": "Carried forward?", "nl": "Doorgetrokken waarden?"},
    "K20": {"en": "At the boundary", "nl": "Op de grens"},
    "G01": {"en": "Key or value", "nl": "Sleutel of waarde"},
    "G02": {"en": "Key twice", "nl": "Sleutel dubbel"},
    "G03": {"en": "Read as something else", "nl": "Als iets anders gelezen"},
    "G04": {"en": "Number not possible", "nl": "Getal niet mogelijk"},
    "G05": {"en": "Alias or nesting", "nl": "Alias of nesteling"},
    "G06": {"en": "Tag", "nl": "Tag"},
    "G07": {"en": "Code in configuration", "nl": "Code in de configuratie"},
    "G08": {"en": "Formula", "nl": "Formule"},
    "G09": {"en": "Column name", "nl": "Kolomnaam"},
    "G10": {"en": "Query", "nl": "Zoekopdracht"},
    "G11": {"en": "File or path", "nl": "Bestand of pad"},
    "G12": {"en": "Study id", "nl": "Studienaam"},
    "G13": {"en": "Shell text", "nl": "Opdrachttekst"},
    "G14": {"en": "Declared twice or not at all", "nl": "Dubbel of niet opgegeven"},
    "G15": {"en": "Design does not fit", "nl": "Opzet past niet"},
    "G16": {"en": "Template text", "nl": "Sjabloontekst"},
    "S05": {"en": "Values can be read back", "nl": "Waarden zijn terug te lezen"},
    "S06": {"en": "Private words in what is shared", "nl": "Privézaken in wat gedeeld wordt"},
    "S07": {"en": "Few people in a cell", "nl": "Weinig mensen in een cel"},
    "S08": {"en": "People can be told apart", "nl": "Mensen zijn te herkennen"},
    "S09": {"en": "Points at a person", "nl": "Wijst naar een persoon"},
    "S10": {"en": "Raw data where they may be shared", "nl": "Ruwe gegevens waar men deelt"},
    "R11": {"en": "The fit did not settle", "nl": "Het model kwam niet tot rust"},
    "SIMULATED": {"en": "Simulated", "nl": "Gesimuleerd"},
    "LEFT_OUT": {"en": "Left out", "nl": "Weggelaten"},
    "UNEXPECTED": {"en": "howlow stumbled", "nl": "howlow struikelde"},
}

#: Headings, and the reasons of `howlow.intake.answerable`.
PHRASES: dict[str, dict[Language, str]] = {
    "error": {"en": "error", "nl": "fout"},
    "warning": {"en": "warning", "nl": "let op"},
    "note": {"en": "note", "nl": "ter info"},
    "errors": {"en": "errors", "nl": "fouten"},
    "warnings": {"en": "warnings", "nl": "waarschuwingen"},
    "notes": {"en": "notes", "nl": "mededelingen"},
    "one error": {"en": "error", "nl": "fout"},
    "one warning": {"en": "warning", "nl": "waarschuwing"},
    "one note": {"en": "note", "nl": "mededeling"},
    "studies": {"en": "studies", "nl": "studies"},
    "more": {
        "en": "{number} more of this kind; --json lists them all",
        "nl": "nog {number} van deze soort; --json geeft ze alle",
    },
    "one study": {"en": "study", "nl": "studie"},
    "severity": {"en": "severity", "nl": "ernst"},
    "code": {"en": "code", "nl": "code"},
    "place": {"en": "file:line:column", "nl": "bestand:regel:kolom"},
    "found": {"en": "what was found", "nl": "wat er staat"},
    "action": {"en": "what to do", "nl": "wat te doen"},
    "configuration": {"en": "configuration", "nl": "configuratie"},
    "in": {"en": "in", "nl": "in"},
    "checked": {"en": "checked", "nl": "nagekeken"},
    "stops": {
        "en": "Nothing can be made from it until the errors are mended.",
        "nl": "Er kan niets mee gemaakt worden tot de fouten hersteld zijn.",
    },
    "goes_on": {
        "en": "It can be used; read the warnings first.",
        "nl": "Het is bruikbaar; lees eerst de waarschuwingen.",
    },
    "fine": {"en": "All is well.", "nl": "Alles in orde."},
    "can_answer": {"en": "What {study} can answer", "nl": "Wat {study} kan beantwoorden"},
    "will_answer": {
        "en": "What {study} will be able to answer, once it is complete",
        "nl": "Wat {study} zal kunnen beantwoorden als het af is",
    },
    "yes": {"en": "yes", "nl": "ja"},
    "partly": {"en": "in part", "nl": "deels"},
    "no": {"en": "no", "nl": "nee"},
    "and": {"en": " and ", "nl": " en "},
    "or": {"en": " or ", "nl": " of "},
    "of_several": {
        "en": "of {all} trials {whole} can answer it, {part} in part",
        "nl": "van {all} studies kunnen {whole} dit beantwoorden, {part} ten dele",
    },
    "none_of_several": {
        "en": "none of {all} trials can answer it",
        "nl": "geen van {all} studies kan dit beantwoorden",
    },
    "most_often": {"en": "most often: {reason}", "nl": "meestal: {reason}"},
    "needs_cohort": {
        "en": "no trial can answer this: it takes a cohort followed over years",
        "nl": "geen trial kan dit beantwoorden: daar is een cohort voor nodig, jaren gevolgd",
    },
    "needs_survey": {
        "en": "no trial can answer this: it takes a survey with design weights",
        "nl": "geen trial kan dit beantwoorden: daar is een enquête met weegfactoren voor nodig",
    },
    "simulated": {
        "en": "the data are simulated, which is no evidence",
        "nl": "de gegevens zijn gesimuleerd, en dat is geen bewijs",
    },
    "needs_one": {"en": "needs {what}; there is none", "nl": "heeft {what} nodig; dat is er niet"},
    "needs_several": {
        "en": "needs {what}; none of these is there",
        "nl": "heeft {what} nodig; die zijn er niet",
    },
    "an_arm": {"en": "an arm {arm}", "nl": "een arm {arm}"},
    "a_visit": {"en": "a visit in phase {phase}", "nl": "een meetmoment in fase {phase}"},
    "an_outcome": {"en": "an outcome for {aspect}", "nl": "een uitkomst voor {aspect}"},
    "a_contrast": {
        "en": "a contrast with question: {question}",
        "nl": "een contrast met question: {question}",
    },
    "only": {
        "en": "{aspect}: yes; {absent}: no outcome",
        "nl": "{aspect}: ja; {absent}: geen uitkomst",
    },
    "not_enough_arms": {
        "en": "needs an arm for each: {arms}; one arm cannot be both",
        "nl": "heeft aparte armen nodig: {arms}; één arm kan niet beide zijn",
    },
    "no_training": {
        "en": "without training (sessions_per_week: 0)",
        "nl": "zonder training (sessions_per_week: 0)",
    },
    "light_load": {"en": "with a light load", "nl": "met een licht gewicht"},
    "moderate_load": {"en": "with a moderate load", "nl": "met een middelzwaar gewicht"},
    "heavy_load": {"en": "with a heavy load", "nl": "met een zwaar gewicht"},
    "load_pct_1rm": {
        "en": "at {low} to {high} % 1RM (load_pct_1rm)",
        "nl": "op {low} tot {high} % 1RM (load_pct_1rm)",
    },
    "rm": {"en": "or {low} to {high} RM (rm)", "nl": "of {low} tot {high} RM (rm)"},
    "sessions_per_week": {
        "en": "with {low} to {high} sessions a week (sessions_per_week)",
        "nl": "met {low} tot {high} trainingen per week (sessions_per_week)",
    },
    "to_failure": {
        "en": "to failure (to_failure: true)",
        "nl": "tot falen (to_failure: true)",
    },
    "short_of_failure": {
        "en": "short of failure (to_failure: false)",
        "nl": "zonder falen (to_failure: false)",
    },
    "any_arm": {"en": "of any kind", "nl": "van welke soort ook"},
    "weeks": {
        "en": "the last visit is at week {week}; the claim is about {low} to {high}",
        "nl": "het laatste meetmoment is in week {week}; de bewering gaat over {low} tot {high}",
    },
    "declare": {
        "en": "no contrast sets them against each other: add "
        "{{contrast: {contrast}, question: {question}}}",
        "nl": "geen contrast zet ze tegenover elkaar: voeg toe "
        "{{contrast: {contrast}, question: {question}}}",
    },
    "change_only": {
        "en": "nothing to set it against: it gives a change over time, not an effect",
        "nl": "niets om het tegenover te zetten: het geeft een verandering, geen effect",
    },
    "not_randomised": {
        "en": "not said to be randomised, so a difference is an association",
        "nl": "er staat niet dat geloot is, dus een verschil is een samenhang",
    },
    "few": {
        "en": "fewer than {fewest} in an arm ({arms}): descriptive only",
        "nl": "minder dan {fewest} in een arm ({arms}): alleen beschrijven",
    },
    "young": {"en": "young", "nl": "jong"},
    "middle": {"en": "middle-aged", "nl": "van middelbare leeftijd"},
    "older": {"en": "older", "nl": "ouder"},
    "mixed": {"en": "of mixed age", "nl": "van gemengde leeftijd"},
    "age": {
        "en": "participants are {age}; the claim is about those who are {ages}",
        "nl": "deelnemers zijn {age}; de bewering gaat over wie {ages} is",
    },
    "age_unknown": {
        "en": "their age is not declared (population.age); the claim is about those who are {ages}",
        "nl": "hun leeftijd is niet opgegeven (population.age); de bewering gaat over wie {ages} "
        "is",
    },
    "arms_there": {"en": "the arms are there ({arms})", "nl": "de armen zijn er ({arms})"},
}


def title(code: str, language: Language) -> str:
    """What a code is about; the code itself where it is not in the catalogue."""
    return TITLES.get(code, {}).get(language, code)


def said(key: str, language: Language, **values: object) -> str:
    """A phrase in one of the languages, with its values."""
    return PHRASES[key][language].format(**values)
