"""The words by which a column's name tells that it points at a person, in four languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: Words in a header, English, Dutch, German and French, without accents. `?` marks a word that
#: tells something only as the whole name, or beside a word for a person.
_WORDS = {
    "a name": "?name ?naam ?nom ?names ?namen surname lastname firstname fullname forename "
    "familyname achternaam voornaam familienaam nachname vorname familienname prenom "
    "naamdeelnemer naamproefpersoon patientnaam patientname",
    "initials": "initials initialen initialien initiales voorletters",
    "an e-mail address": "email mail mailadres emailadres emailaddress mailadresse courriel",
    "a telephone number": "phone telephone telefoon telefoonnummer phonenumber telefon "
    "telefonnummer mobielnummer gsm handynummer ?tel ?mobile ?mobiel ?portable ?handy",
    "an address": "address adres adresse anschrift woonadres homeaddress street straat straatnaam "
    "strasse ?rue huisnummer woonplaats wohnort",
    "a postcode": "postcode zip zipcode postalcode codepostal plz postleitzahl",
    "a date of birth": "dob birthdate birthday dateofbirth birthyear yearofbirth geboortedatum "
    "gebdatum geboortedag geboortejaar geburtsdatum geburtstag geburtsjahr naissance "
    "datedenaissance",
    "a national number": "bsn ssn insz sofinummer burgerservicenummer rijksregisternummer "
    "nationalid nationalnumber socialsecurity socialsecuritynumber nhsnumber nhsno "
    "sozialversicherungsnummer svnr personnummer paspoort paspoortnummer passport passportnumber "
    "securitesociale",
    "a patient number": "mrn patientnumber patientnummer patientnr patnr patientno "
    "medicalrecordnumber medicalrecord hospitalnumber ziekenhuisnummer dossiernummer "
    "patientennummer fallnummer numeropatient numerodossier",
    "remarks": "remark remarks comment comments opmerking opmerkingen bemerkung bemerkungen "
    "kommentar kommentare anmerkung anmerkungen commentaire commentaires remarque remarques "
    "toelichting ?note ?notes ?notities ?notizen freetext vrijetekst",
}
#: Words that make a name of a column one of a person.
PERSON = {
    *("participant", "subject", "patient", "person", "client", "volunteer", "full", "family"),
    *("first", "last", "deelnemer", "proefpersoon", "volledige", "cliënt", "teilnehmer"),
    *("proband", "sujet", "de", "van", "of", "du", "the", "number", "nummer", "nr", "no"),
}
_MEANS = {
    word.removeprefix("?"): (kind, word.startswith("?"))
    for kind, words in _WORDS.items()
    for word in words.split()
}


def told_by_name(column: str) -> str:
    """What of a person a column holds by its name, such as `a telephone number`; else nothing."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)
    plain = unicodedata.normalize("NFKD", spaced.replace("ß", "ss")).lower()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.findall(r"[a-z]+", plain)
    joined = "".join(words)
    beside_person = all(word in PERSON or word in _MEANS for word in words)
    for word in (joined, *_runs(words)):
        kind, needs_more = _MEANS.get(word, ("", False))
        if kind and (word == joined or not needs_more or beside_person):
            return kind
    return ""


def _runs(words: list[str]) -> Iterator[str]:
    """Each word of a name, and each two or three that stand together."""
    for length in (3, 2, 1):
        for start in range(len(words) - length + 1):
            yield "".join(words[start : start + length])
