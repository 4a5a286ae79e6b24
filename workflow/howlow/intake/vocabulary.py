# ruff: noqa: SIM905  (lists of words are easier to read and to add to as one text)
"""The words that headers and cells of trial tables use, in English, Dutch and some German.

Everything here is a table of words or a small function over one; what a table as a whole is, is
judged in `howlow.intake.guessing`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

#: Headers that name a role. Compared after `folded`, whole header first, then its parts.
HEADERS: dict[str, frozenset[str]] = {
    "participant": frozenset(
        "id subject subj subjectid participant participantid participantnr pp ppn ppnr proefpersoon"
        " proefpersoonnr proefpersoonnummer deelnemer deelnemernr deelnemernummer patient"
        " patientid pid person persoon record recordid studyid studienummer respondent code nr"
        " nummer number no naam name naamdeelnemer volunteer initials initialen email"
        " proband probandnr probandennr probandennummer teilnehmer teilnehmernr versuchsperson"
        " vp vpn vpnr".split()
    ),
    "arm": frozenset(
        "group groep arm treatment behandeling condition conditie allocation allocatie toewijzing"
        " intervention interventie sets load belasting randomisation randomisatie armname"
        " trainingsgroep traininggroup protocol gruppe trainingsgruppe bedingung behandlung"
        " zuteilung".split()
    ),
    "visit": frozenset(
        "visit time timepoint tijd tijdstip tijdpunt meting meetmoment moment occasion session"
        " sessie week wave phase fase test testmoment visitname bezoek prepost zeitpunkt"
        " messzeitpunkt messung termin".split()
    ),
    "limb": frozenset(
        "limb leg side been zijde kant arm ledemaat leftright linksrechts seite bein".split()
    ),
    "outcome": frozenset(
        "outcome exercise test measure variable oefening uitkomst uitkomstmaat maat parameter"
        " lift movement muscle spier velocity variabele ubung messgrosse".split()
    ),
    "value": frozenset(
        "value load score result waarde resultaat uitslag kg torque 1rm onerm max maximum weight"
        " gewicht uitkomst kracht strength force wert messwert kraft drehmoment".split()
    ),
    "unit": frozenset("unit units eenheid eenheden".split()),
    "period": frozenset("period periode periodnumber periodno periodenummer".split()),
    "sex": frozenset("sex gender geslacht sekse m/f mf mv geschlecht".split()),
    "age": frozenset("age leeftijd lft agey ageyears leeftijdjaren leeftijdjaar alter".split()),
    "height": frozenset(
        "height ht lengte lichaamslengte heightcm lengtecm grosse korpergrosse".split()
    ),
    "sessions_attended": frozenset("sessionsattended attendance gevolgdesessies sessies".split()),
    "include": frozenset("include included inclusion inclusie geincludeerd".split()),
    "date": frozenset("date datum testdate testdatum meetdatum".split()),
}

#: Cells that name a limb: L or R.
LIMBS = {
    **dict.fromkeys(
        ("l", "left", "links", "li", "linker", "linkerbeen", "leftleg", "linkes"), "left"
    ),
    **dict.fromkeys(
        ("r", "right", "rechts", "re", "rechter", "rechterbeen", "rightleg", "rechtes"), "right"
    ),
}

#: Cells that name a sex, and what howlow calls it.
SEXES = {
    **dict.fromkeys(
        ("f", "female", "woman", "v", "vrouw", "vrouwelijk", "w", "weiblich", "frau"), "F"
    ),
    **dict.fromkeys(("m", "male", "man", "mannelijk", "mannlich", "maennlich", "mann"), "M"),
}

#: Cells that say that a person is among the analysed, and the ones that say the opposite.
INCLUDED = frozenset({"incl", "include", "included", "ja", "yes", "geincludeerd"})
EXCLUDED = frozenset({"excl", "exclude", "excluded", "nee", "no", "geexcludeerd"})

#: Cells that stand for a missing value, beside the empty cell.
MISSING = (
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "#N/B",
    "NaN",
    "nan",
    "null",
    ".",
    "--",
    "?",
    "missing",
    "Missing",
    "ontbreekt",
    "nvt",
    "NVT",
    "n.v.t.",
    "n.b.",
    "n.d.",
    "#DIV/0!",
    "#DEEL/0!",
    "#N/V",
    "fehlt",
)
#: The same, but only in a column of numbers, for elsewhere they are words like any other.
MISSING_NUMBERS = ("x", "X", "nb", "-")
#: A cell that is a number, with a decimal point or comma.
NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?%?")
#: Numbers that stand for a missing value where no other value is near them.
SENTINELS = (-9, -99, -999, -9999, 99, 999, 9999, 99999, 99.9, 999.9)

#: First cells of lines below a table that are no participant.
FOOTERS = frozenset(
    "mean means average avg sd se sem sum total totals count n min max median gemiddelde"
    " gemiddeld som totaal aantal mediaan standaarddeviatie std stdev note notes noot opmerking"
    " bron source".split()
)


def folded(text: str) -> str:
    """Small letters and digits alone, accents taken off: two spellings of one word are equal."""
    return re.sub(r"[^a-z0-9]", "", unaccented(text).lower())


def unaccented(text: str) -> str:
    """Text in Latin letters without accents; what is no Latin letter stays."""
    plain = text.translate({0xDF: "ss", 0xE6: "ae", 0xF8: "o", 0xB2: "2", 0xB3: "3", 0xB5: "u"})
    apart = unicodedata.normalize("NFKD", plain)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@dataclass(frozen=True)
class Measured:
    """What the name of an outcome says of it."""

    construct: str
    measure: str
    region: str
    unit: str
    words: str


#: Words found anywhere in the name: region, and what it is. The first that fits counts.
_REGIONS: tuple[tuple[str, str], ...] = (
    (r"leg ?curl|hamstring|knee ?flex|kniebuig(?!ing)|\bflex", "knee_flexors"),
    (r"\bkf\b", "knee_flexors"),
    (
        r"leg ?ext|\bke\b|knee|knie|quad|vastus|\bvl\b|rectus ?fem|\brf\b|isok|isom",
        "knee_extensors",
    ),
    (r"trunk|romp|abdom|android|gynoid", "trunk"),
    (r"calf|kuit|plantar|gastroc|soleus", "plantar_flexors"),
    (
        r"leg|been|bein|squat|deadlift|hip|heup|thigh|dijbeen|oberschenkel|lower|onder",
        "lower_body",
    ),
    (r"biceps|elbow ?flex|elleboogbuig|curl", "elbow_flexors"),
    (r"triceps|elbow ?ext", "elbow_extensors"),
    (r"grip|knijp|hand", "hand"),
    (r"bench|bank|chest|borst|shoulder|schouder|row|pull|lat\b|upper|arm\b|boven", "upper_body"),
    (r"whole|total|totaal|heel|lichaam|body", "whole_body"),
)
_KINDS: tuple[tuple[str, str, str, str], ...] = (
    (
        (
            r"\bfat\b|vetmassa|bmc|bone|botmassa|\bbmi\b|(?<!lean )body ?mass|body ?weight"
            r"|gewicht|weight$|korpermasse|fettmasse"
        ),
        "",
        "",
        "",
    ),
    (r"volume ?load|training ?load|tonnage", "training_load", "training_load", "kg"),
    (r"grip|knijp", "grip", "grip", "kg"),
    (
        (
            r"lean|\bffm\b|\blbm\b|\blm\b|vetvrij|\bvvm\b|\bvlm\b|droge ?massa|spiermassa"
            r"|muscle ?mass|muskelmasse|magermasse|fettfrei"
        ),
        "lean",
        "dxa",
        "g",
    ),
    (r"csa|doorsnede|querschnitt|cross ?section", "muscle_size", "csa", "cm²"),
    (r"thick|dikte|dicke|\bmt\b", "muscle_thickness", "thickness", "mm"),
    (r"volume", "muscle_size", "volume", "cm³"),
    (r"power|vermogen|leistung|\bwatt|wingate", "power", "power", "W"),
    (
        r"chair|stoel|sit ?to ?stand|stair|trap\b|gait|loopsnel|\btug\b|sppb|balans",
        "function",
        "time",
        "s",
    ),
    (r"isok", "strength", "isokinetic", "N·m"),
    (r"isom|mvi?c|torque|koppel|moment", "strength", "isometric", "N·m"),
    (
        r"1 ?rm|one ?rm|press|pers\b|squat|kniebuig|curl|ext|row|pull|lift|bench|strek|druk|flex",
        "strength",
        "one_rm",
        "kg",
    ),
    (r"strength|kracht|force|kraft", "strength", "strength", "kg"),
)


def measured(name: str) -> Measured | None:
    """What the name of an outcome says it is; None where it says nothing we know."""
    plain = re.sub(
        r"[^a-z0-9]+", " ", unaccented(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).lower()
    )
    region, region_word = "whole_body", ""
    for pattern, named in _REGIONS:
        found = re.search(pattern, plain)
        if found:
            region, region_word = named, found[0]
            break
    for pattern, construct, measure, unit in _KINDS:
        found = re.search(pattern, plain)
        if found is None:
            continue
        if not construct:
            return None
        if construct == "lean":
            construct = {"lower_body": "lean_leg", "whole_body": "lean_whole_body"}.get(
                region, "not_mapped"
            )
        words = " and ".join(
            dict.fromkeys(word.strip() for word in (found[0], region_word) if word)
        )
        return Measured(construct, measure, region, unit, words)
    return None


def is_no_outcome(name: str) -> bool:
    """Whether the name is of something that is not analysed, such as body mass or fat."""
    plain = re.sub(r"[^a-z0-9]+", " ", unaccented(name).lower())
    return re.search(_KINDS[0][0], plain) is not None


def safe_name(text: str, prefix: str, taken: Collection[str] = ()) -> str:
    """A name for study.yaml: small letters, digits and _, at most 40, not among the taken ones."""
    plain = re.sub(r"^1\s*rm", "one rm", unaccented(text).strip().lower())
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_")
    if not name:
        name = prefix
    elif not name[0].isalpha():
        name = f"{prefix}_{name}"[:40]
    return distinct(name, taken)


def distinct(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where it is taken."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name[:36]}_{number}", number + 1
    return found


def clean_label(text: str, instead: str) -> str:
    """Text for readers in the signs that labels may have; `instead` where nothing is left."""
    allowed = re.sub(r"[^\w %().,+\-/×·²³°&:;'’<>≥≤–]|_", " ", text)
    return re.sub(r"\s+", " ", re.sub(r"^[\W_]+", "", allowed)).strip()[:80].strip() or instead


def dose_in(text: str) -> tuple[str, tuple[float, float]] | None:
    """The dose an arm's name holds: `RM10` is (`rm`, (10, 10)); None where it holds none."""
    plain = unaccented(text).lower().replace(",", ".")
    number = r"(\d+(?:\.\d+)?)(?:\s*[-–]\s*(\d+(?:\.\d+)?))?"
    for pattern, key in (
        (rf"(?<!1 )(?<!1)\brm\s*[_-]?{number}\b(?!\s*%)", "rm"),
        (rf"{number}\s*[_-]?rm\b", "rm"),
        (rf"{number}\s*(?:%|pct|percent|procent)", "load_pct_1rm"),
        (
            rf"{number}\s*_?(?:x|times|keer|sessions|dagen|days)\s*(?:per|a|/|pw)?\s*_?(?:week|wk|w)?$",
            "",
        ),
        (rf"{number}\s*(?:/|per|p)\s*(?:week|wk|w)$", ""),
        (rf"{number}[\s_-]*sets?\b", "sets"),
    ):
        found = re.search(pattern, plain)
        if found and (key != "rm" or float(found[1]) > 1):
            low, high = float(found[1]), float(found[2] or found[1])
            return key or "sessions_per_week", (low, high)
    words = {"one": 1.0, "single": 1.0, "two": 2.0, "three": 3.0, "een": 1.0, "drie": 3.0}
    found_set = re.search(r"\b(one|single|two|three|een|drie)[\s_-]*sets?\b", plain)
    return ("sets", (words[found_set[1]],) * 2) if found_set else None
