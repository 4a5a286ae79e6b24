"""The phrases of `howlow check` in English and Dutch: headings, and the reasons for its answers."""

from __future__ import annotations

from howlow.report.titles import Language

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
    "estimated": {
        "en": "Estimated in any case: {contrasts}, at {visits}. Of the questions of this project:",
        "nl": "Hoe dan ook geschat: {contrasts}, op {visits}. Van de vragen van dit project:",
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
        "en": "needs an arm for each: {arms}; one arm, or two alike, cannot be both",
        "nl": "heeft aparte armen nodig: {arms}; één arm, of twee gelijke, kan dat niet",
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


def said(key: str, language: Language, **values: object) -> str:
    """A phrase in one of the languages, with its values."""
    return PHRASES[key][language].format(**values)
