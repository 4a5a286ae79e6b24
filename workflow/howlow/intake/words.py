"""What `howlow new` says, in English and in Dutch: one catalogue, a key for each sentence."""

from __future__ import annotations

import os
from typing import Literal

Language = Literal["en", "nl"]
LANGUAGES: tuple[Language, ...] = ("en", "nl")


class Tell:
    """Says the sentences of the catalogue in one language: `tell("no_rows")`."""

    def __init__(self, language: Language = "en") -> None:
        self.language = language

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence, with what it is about filled in."""
        return SENTENCES[key][self.language].format(**values)


def language_of(chosen: str | None) -> Language:
    """The language asked for; else Dutch where the machine is set to Dutch, else English."""
    if chosen in LANGUAGES:
        return "nl" if chosen == "nl" else "en"
    said = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "nl" if said.lower().startswith("nl") else "en"


SENTENCES: dict[str, dict[Language, str]] = {
    # looking at tables
    "no_table": {"en": "holds no table", "nl": "bevat geen tabel"},
    "no_header": {
        "en": "no line with the names of the columns was found: put one above the data",
        "nl": "geen regel met kolomnamen gevonden: zet er een boven de gegevens",
    },
    "no_rows": {"en": "no rows below the names of the columns", "nl": "geen rijen onder de kop"},
    "sheet_skipped": {
        "en": "the sheet '{sheet}' was passed over: {why}",
        "nl": "het werkblad '{sheet}' is overgeslagen: {why}",
    },
    "sheet_explains": {
        "en": "by its name it explains the others; give --sheet to read it",
        "nl": "naar zijn naam legt het de andere uit; geef --sheet om het te lezen",
    },
    "table_skipped": {
        "en": "{table} was passed over: no participants and values were found in it",
        "nl": "{table} is overgeslagen: er zijn geen deelnemers en waarden in gevonden",
    },
    "why_encoding": {
        "en": "guessed: the file is not UTF-8; {encoding} reads it, check the accents",
        "nl": "geraden: het bestand is geen UTF-8; {encoding} leest het, controleer de accenten",
    },
    "why_delimiter": {
        "en": "guessed: the sign between cells is {delimiter}, on which the lines agree best",
        "nl": "geraden: het teken tussen cellen is {delimiter}, dat past het best op alle regels",
    },
    "why_skip_lines": {
        "en": "guessed: lines above the header, beginning with '{text}'",
        "nl": "geraden: regels boven de kop, beginnend met '{text}'",
    },
    "why_skip_footer": {
        "en": "guessed: lines below the table, beginning with '{text}'",
        "nl": "geraden: regels onder de tabel, beginnend met '{text}'",
    },
    "why_header_lines": {
        "en": "guessed: the names stand in two rows; a column is called upper|lower",
        "nl": "geraden: de namen staan in twee rijen; een kolom heet boven|onder",
    },
    "why_decimal": {
        "en": "guessed: {count} numbers have a decimal comma",
        "nl": "geraden: {count} getallen hebben een decimale komma",
    },
    "why_missing": {
        "en": "guessed: these cells stand for a missing value (how often): {codes}",
        "nl": "geraden: deze cellen staan voor een ontbrekende waarde (hoe vaak): {codes}",
    },
    "why_sentinels": {
        "en": "guessed: no value of the column is near {codes}; change it if that was measured",
        "nl": "geraden: geen waarde in de kolom ligt bij {codes}; verander het als dat gemeten is",
    },
    # roles of columns
    "why_chosen": {"en": "named by you", "nl": "door u genoemd"},
    "why_named": {"en": "by its header '{name}'", "nl": "vanwege de kop '{name}'"},
    "why_participant": {
        "en": "{count} different cells, each about as often",
        "nl": "{count} verschillende cellen, elk ongeveer even vaak",
    },
    "why_limb": {"en": "cells are sides: {values}", "nl": "cellen zijn kanten: {values}"},
    "why_sex": {"en": "guessed: cells are a sex: {values}", "nl": "geraden: geslacht: {values}"},
    "why_unit_column": {"en": "cells are units: {values}", "nl": "cellen zijn eenheden: {values}"},
    "why_include": {"en": "cells say who is included: {values}", "nl": "wie meetelt: {values}"},
    "why_date": {"en": "every cell is a date {format}", "nl": "elke cel is een datum {format}"},
    "why_visit": {
        "en": "guessed: cells are words for visits: {values}",
        "nl": "geraden: cellen zijn woorden voor metingen: {values}",
    },
    "why_visit_from_name": {
        "en": "guessed: no column says when, but the name '{text}' does",
        "nl": "geraden: geen kolom zegt wanneer, maar de naam '{text}' wel",
    },
    "why_arm": {
        "en": "guessed: the header '{name}' names arms: {values}",
        "nl": "geraden: de kop '{name}' noemt groepen: {values}",
    },
    "why_arm_constant": {
        "en": "guessed: {count} values that never change within a participant: {values}",
        "nl": "geraden: {count} waarden die binnen een deelnemer niet veranderen: {values}",
    },
    "why_arm_single": {
        "en": "guessed: no column says in which arm somebody was",
        "nl": "geraden: geen kolom zegt in welke groep iemand zat",
    },
    "why_arm_column": {
        "en": "guessed: the column '{column}' names the limb that was in this arm",
        "nl": "geraden: de kolom '{column}' noemt het been of de arm in deze groep",
    },
    "why_outcome": {
        "en": "guessed: words that change within a participant and visit: {values}",
        "nl": "geraden: woorden die binnen een deelnemer en meting wisselen: {values}",
    },
    "why_outcome_joined": {
        "en": "guessed: only together do these columns tell the rows apart: {columns}",
        "nl": "geraden: alleen samen onderscheiden deze kolommen de rijen: {columns}",
    },
    "why_outcome_constant": {
        "en": "guessed: one thing was measured, as the column, the sheet or the file is called",
        "nl": "geraden: er is één ding gemeten; zo heet de kolom, het werkblad of het bestand",
    },
    "why_value_only": {"en": "the column of numbers", "nl": "de kolom met getallen"},
    "why_people": {
        "en": "guessed: each participant has one row, and nothing says when",
        "nl": "geraden: elke deelnemer heeft één rij, en niets zegt wanneer",
    },
    "is_role": {"en": "guessed: '{column}' is {role}", "nl": "geraden: '{column}' is {role}"},
    "role_participant": {"en": "the participant", "nl": "de deelnemer"},
    "role_value": {"en": "the value", "nl": "de waarde"},
    "role_limb": {"en": "the limb", "nl": "het been of de arm"},
    "role_date": {"en": "the date, day and month as its cells show", "nl": "de datum"},
    "role_age": {"en": "the age in years", "nl": "de leeftijd in jaren"},
    "not_read": {
        "en": "not read, for nothing here needs them: {columns}",
        "nl": "niet gelezen, want niets hier heeft ze nodig: {columns}",
    },
    # the study
    "head_made": {
        "en": "Made by `howlow new` from {files}.",
        "nl": "Gemaakt door `howlow new` uit {files}.",
    },
    "head_read": {
        "en": "Read every line marked `guessed` or ASSUME, correct it where it is wrong, and take "
        "the mark away; then run `howlow check`.",
        "nl": "Lees elke regel met `geraden` of ASSUME, verbeter wat niet klopt, en haal het teken "
        "weg; doe daarna `howlow check`.",
    },
    "population": {"en": "not described yet", "nl": "nog niet beschreven"},
    "assume_population": {
        "en": "say who took part: age, sex, training status",
        "nl": "zeg wie meededen: leeftijd, geslacht, training",
    },
    "assume_randomised": {
        "en": "yes, no or not stated",
        "nl": "yes (geloot), no (niet geloot) of not stated",
    },
    "why_design_single": {
        "en": "guessed: no column names arms",
        "nl": "geraden: geen kolom noemt groepen",
    },
    "why_design_parallel": {
        "en": "guessed: each participant is in one arm",
        "nl": "geraden: elke deelnemer zit in één groep",
    },
    "why_design_crossover": {
        "en": "guessed: {count} of {all} participants are in several arms",
        "nl": "geraden: {count} van {all} deelnemers zitten in meer groepen",
    },
    "why_design_within_participant": {
        "en": "guessed: the limbs of {count} of {all} participants are in different arms",
        "nl": "geraden: de benen of armen van {count} van {all} deelnemers zijn in andere groepen",
    },
    "why_design_limbs_named": {
        "en": "guessed: columns that name a limb say which limb did what: {columns}",
        "nl": "geraden: kolommen met een kant zeggen welk been wat deed: {columns}",
    },
    "label_other_limb": {"en": "Other limb", "nl": "Andere been"},
    "why_dose": {
        "en": "guessed: `{dose}` is taken from the name '{name}'",
        "nl": "geraden: `{dose}` komt uit de naam '{name}'",
    },
    "add_dose": {
        "en": "add the dose, such as load_pct_1rm: [30, 30], sets: [3, 3], sessions_per_week: 2",
        "nl": "voeg de dosis toe, zoals load_pct_1rm: [30, 30], sets: [3, 3], sessions_per_week: 2",
    },
    "assume_reference": {
        "en": "the arm that others are set against",
        "nl": "de groep waarmee de andere worden vergeleken",
    },
    "why_first_visit": {"en": "guessed: the first", "nl": "geraden: de eerste"},
    "why_visit_order": {
        "en": "guessed: in the order that their names say; the first is the baseline",
        "nl": "geraden: in de volgorde van hun namen; de eerste is de beginmeting",
    },
    "assume_week": {
        "en": "no cell says this week",
        "nl": "geen cel zegt deze week",
    },
    "why_range": {
        "en": "range: guessed from the values, half the least to 1.5 times the most; set it "
        "to what is plausible",
        "nl": "range: geraden uit de waarden, van half de kleinste tot 1,5 maal de grootste; "
        "zet er wat aannemelijk is",
    },
    "why_construct": {
        "en": "guessed from the word(s) '{words}' in its name",
        "nl": "geraden uit het woord of de woorden '{words}' in de naam",
    },
    "why_not_mapped": {
        "en": "ASSUME: its name says nothing known: choose construct, measure, region and unit",
        "nl": "ASSUME: de naam zegt niets bekends: kies construct, measure, region en unit",
    },
    "assume_unit": {
        "en": "the unit is not in the table; {unit} is usual",
        "nl": "de eenheid staat niet in de tabel; {unit} is gebruikelijk",
    },
    "why_primary": {
        "en": "guessed: the first of them; name the one that was planned",
        "nl": "geraden: de eerste; noem degene die gepland was",
    },
    "assume_question": {
        "en": "the question is {question}: what the arms differ in",
        "nl": "de vraag is {question}: waarin de groepen verschillen",
    },
    "why_at": {
        "en": "guessed: the last visit of the training",
        "nl": "geraden: de laatste meting van de training",
    },
    "why_reshape": {
        "en": "guessed: {count} columns hold values, their headers say of what and when",
        "nl": "geraden: {count} kolommen hebben waarden, hun koppen zeggen waarvan en wanneer",
    },
    "why_filter_include": {
        "en": "guessed: only people that the column '{column}' includes",
        "nl": "geraden: alleen mensen die volgens de kolom '{column}' meetellen",
    },
    "why_filter_limb": {
        "en": "guessed: {count} rows name no limb, so they belong to no arm",
        "nl": "geraden: {count} rijen noemen geen kant, en horen dus bij geen groep",
    },
    "why_look_up": {
        "en": "guessed: the table of participants says this of each person",
        "nl": "geraden: de tabel met deelnemers zegt dit van elke persoon",
    },
    "why_match": {
        "en": "guessed: a limb is in the arm whose column names it: {columns}",
        "nl": "geraden: een been hoort bij de groep waarvan de kolom het noemt: {columns}",
    },
    "why_combine": {
        "en": "guessed: {count} tests were done more than once; the largest value counts",
        "nl": "geraden: {count} tests zijn meer dan eens gedaan; de grootste waarde telt",
    },
    "left_out": {
        "en": "left out, for they look like slips of the pen; the check asks about them: {words}",
        "nl": "weggelaten, want ze lijken verschrijvingen; de controle vraagt ernaar: {words}",
    },
    # questions
    "ask_study": {
        "en": "Short name of the study (small letters, digits, -)",
        "nl": "Korte naam van de studie (kleine letters, cijfers, -)",
    },
    "ask_arm_column": {
        "en": "Which column says in which arm somebody was? ({columns}; none for one arm)",
        "nl": "Welke kolom zegt in welke groep iemand zat? ({columns}; none voor één groep)",
    },
    "ask_design": {"en": "Design ({options}); {why}", "nl": "Opzet ({options}); {why}"},
    "ask_reference": {
        "en": "Which arm are the others set against? ({options})",
        "nl": "Met welke groep worden de andere vergeleken? ({options})",
    },
    "ask_question": {
        "en": "What do the arms differ in? ({options})",
        "nl": "Waarin verschillen de groepen? ({options})",
    },
    "ask_weeks": {
        "en": "In which week was each visit? ({visits}; numbers with spaces between)",
        "nl": "In welke week was elke meting? ({visits}; getallen met spaties ertussen)",
    },
    "ask_licence": {
        "en": "Licence of the data, or who may see them",
        "nl": "Licentie van de gegevens, of wie ze mag zien",
    },
    "default_licence": {"en": "own data, not shared", "nl": "eigen gegevens, niet gedeeld"},
    "not_an_answer": {
        "en": "'{given}' will not do for {key}: {allowed}",
        "nl": "'{given}' kan niet voor {key}: {allowed}",
    },
    "allowed_study": {
        "en": "small letters, digits, - and _, starting with a letter, at most 40",
        "nl": "kleine letters, cijfers, - en _, beginnend met een letter, hoogstens 40",
    },
    "allowed_weeks": {
        "en": "one number for each of the {count} visits, each larger than the one before",
        "nl": "één getal voor elk van de {count} metingen, elk groter dan het vorige",
    },
    "allowed_text": {"en": "a few words", "nl": "een paar woorden"},
    "no_terminal": {
        "en": "nobody to ask here: the defaults in brackets were taken. Give options, or answer in "
        "a terminal, to choose others",
        "nl": "niemand om het te vragen: de standaard is gekozen. Geef opties, of antwoord in een "
        "terminal, om iets anders te kiezen",
    },
    "taken": {"en": "{key}: {value} (default)", "nl": "{key}: {value} (standaard)"},
    "stopped": {
        "en": "Stopped. Nothing was written.",
        "nl": "Gestopt. Er is niets geschreven.",
    },
    "interrupted": {
        "en": "Stopped. A study's folder is there whole or not at all.",
        "nl": "Gestopt. De map van een studie is er helemaal, of niet.",
    },
    # the command
    "found": {"en": "{table}: {rows} rows, {shape}", "nl": "{table}: {rows} rijen, {shape}"},
    "shape_wide": {
        "en": "wide (a column for each measurement)",
        "nl": "breed (een kolom voor elke meting)",
    },
    "shape_long": {
        "en": "long (a row for each measurement)",
        "nl": "lang (een rij voor elke meting)",
    },
    "shape_people": {"en": "participants", "nl": "deelnemers"},
    "found_role": {"en": "  {role}: '{column}' - {why}", "nl": "  {role}: '{column}' - {why}"},
    "not_a_table": {
        "en": "{path} was passed over: a file of this kind is not read",
        "nl": "{path} is overgeslagen: bestanden van deze soort worden niet gelezen",
    },
    "header_too_long": {
        "en": "not read, for their headers have more than 80 signs: {columns}",
        "nl": "niet gelezen, want hun koppen hebben meer dan 80 tekens: {columns}",
    },
    "cannot_write": {
        "en": "{path}: {why}. Nothing was written",
        "nl": "{path}: {why}. Er is niets geschreven",
    },
    "not_read_told": {"en": "not read: {columns}", "nl": "niet gelezen: {columns}"},
    "no_files": {
        "en": "Name a table: howlow new FILE",
        "nl": "Noem een tabel: howlow new BESTAND",
    },
    "no_participant": {
        "en": "{table}: no column names the participant. Give one with --id-column. "
        "Columns: {columns}",
        "nl": "{table}: geen kolom noemt de deelnemer. Geef er een met --id-column. "
        "Kolommen: {columns}",
    },
    "no_visit": {
        "en": "{table}: nothing says when a row was measured. Give a column with --visit-column. "
        "Columns: {columns}",
        "nl": "{table}: niets zegt wanneer een rij gemeten is. Geef een kolom met --visit-column. "
        "Kolommen: {columns}",
    },
    "no_value": {
        "en": "{table}: no column of measured numbers was found. Give one with --value-column. "
        "Columns: {columns}",
        "nl": "{table}: geen kolom met gemeten getallen gevonden. Geef er een met --value-column. "
        "Kolommen: {columns}",
    },
    "one_visit": {
        "en": "only one visit was found ({visit}); a change needs at least two. Say which "
        "column names the visit with --visit-column, or name the files of the other visits too",
        "nl": "er is maar één meting gevonden ({visit}); een verandering vraagt er twee. Geef met "
        "--visit-column de kolom die de meting noemt, of noem ook de andere bestanden",
    },
    "one_table_of_arms": {
        "en": "a table of what papers print is read alone; name one file",
        "nl": "een tabel van wat artikelen afdrukken wordt apart gelezen; noem één bestand",
    },
    "no_outcome": {
        "en": "no outcome with values was found",
        "nl": "geen uitkomst met waarden gevonden",
    },
    "no_such_column": {
        "en": "--{option}: no table has a column '{name}'. {known}",
        "nl": "--{option}: geen tabel heeft een kolom '{name}'. {known}",
    },
    "no_such_sheet": {
        "en": "--sheet: no workbook has a sheet '{name}'",
        "nl": "--sheet: geen werkmap heeft een werkblad '{name}'",
    },
    "exists": {
        "en": "{folder} is there already; nothing was written. Choose another name with --study, "
        "or remove the folder yourself",
        "nl": "{folder} bestaat al; er is niets geschreven. Kies met --study een andere naam, of "
        "verwijder de map zelf",
    },
    "two_rosters": {
        "en": "two tables have one row for each participant ({tables}); name only one of them",
        "nl": "twee tabellen hebben één rij per deelnemer ({tables}); noem er maar één",
    },
    "written": {
        "en": "Written: {path}. Read each line marked `guessed` or ASSUME.",
        "nl": "Geschreven: {path}. Lees elke regel met `geraden` of ASSUME.",
    },
    "to_config": {
        "en": "Added '{study}' to `studies` in {path}.",
        "nl": "'{study}' toegevoegd aan `studies` in {path}.",
    },
    "not_to_config": {
        "en": "Not added to {path}: {why}. Add '{study}' under `studies` yourself.",
        "nl": "Niet toegevoegd aan {path}: {why}. Zet '{study}' zelf onder `studies`.",
    },
    "checked_fine": {"en": "The check found nothing wrong.", "nl": "De controle vond geen fouten."},
    "checked_wrong": {
        "en": "The check found what must be mended, in the table or in study.yaml; then run "
        "`howlow check {study}`.",
        "nl": "De controle vond wat verbeterd moet worden, in de tabel of in study.yaml; doe "
        "daarna `howlow check {study}`.",
    },
    "names_found": {
        "en": "{table}: '{column}': {kind}",
        "nl": "{table}: '{column}': {kind}",
    },
    "varies": {
        "en": "'{column}' changes within a participant, so it is not taken for the {role}: only "
        "the one at baseline is used, in every row",
        "nl": "'{column}' verandert binnen een deelnemer en is daarom niet de {role}: alleen die "
        "bij de voormeting wordt gebruikt, in elke rij",
    },
    "no_one_date": {
        "en": "'{column}' is not taken: a row holds several visits, and dates are read where a row "
        "is one visit",
        "nl": "'{column}' wordt niet gelezen: een rij bevat meer metingen, en datums worden "
        "gelezen waar een rij één meting is",
    },
    "names_kept": {
        "en": "The copy in raw/ will hold this too. Safer is to stop here (Ctrl-C) and to begin "
        "again with --rekey: that keeps a copy with codes in place of names and without such "
        "columns, and puts the list of codes beside your own file",
        "nl": "De kopie in raw/ zal dit ook bevatten. Veiliger is hier te stoppen (Ctrl-C) en "
        "opnieuw te beginnen met --rekey: dat bewaart een kopie met codes in plaats van namen en "
        "zonder zulke kolommen, en zet de lijst van codes naast uw eigen bestand",
    },
    "no_table_in_folder": {
        "en": "{path}: no table in this folder. It takes files that end in {endings}",
        "nl": "{path}: geen tabel in deze map. Het kan bestanden lezen op {endings}",
    },
    "no_such_file": {
        "en": "{path}: there is no such file. Check the name, and the folder you are in; put "
        "quotes around a name with spaces",
        "nl": "{path}: dit bestand is er niet. Kijk de naam na, en de map waarin u bent; zet een "
        "naam met spaties tussen aanhalingstekens",
    },
    "rekeyed": {
        "en": "Names were replaced by codes in the copy. The list of codes is {path}: keep it "
        "apart from the project.",
        "nl": "Namen zijn in de kopie vervangen door codes. De lijst met codes is {path}: bewaar "
        "die apart van het project.",
    },
    "rekey_left_out": {
        "en": "{table}: not copied, for they may tell who somebody is: {columns}",
        "nl": "{table}: niet gekopieerd, want ze kunnen zeggen wie iemand is: {columns}",
    },
    "rekey_inside": {
        "en": "the list of codes would lie in {folder}, inside the project; give a place outside "
        "it with --key-file",
        "nl": "de lijst met codes zou in {folder} liggen, binnen het project; geef met --key-file "
        "een plek daarbuiten",
    },
    "key_exists": {
        "en": "{path} is there already; give another place with --key-file",
        "nl": "{path} bestaat al; geef met --key-file een andere plek",
    },
    "template_exists": {
        "en": "{path} is there already; choose another name",
        "nl": "{path} bestaat al; kies een andere naam",
    },
    "template_written": {
        "en": "Written: {path}. Fill it in, then run: howlow new {path}",
        "nl": "Geschreven: {path}. Vul het in, en doe dan: howlow new {path}",
    },
    "left_out_told": {
        "en": "look like slips of the pen and were not declared: {words}",
        "nl": "lijken verschrijvingen en zijn niet opgenomen: {words}",
    },
    "title": {"en": "{study}: {outcomes}", "nl": "{study}: {outcomes}"},
    "citation": {"en": "Own data ({files})", "nl": "Eigen gegevens ({files})"},
}
