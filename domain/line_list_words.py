"""The words by which columns and keys of line lists are known: English, Spanish, French.

Words are compared as `plain` leaves them: lower case, without accents, camelCase taken apart, single spaces.
"""

from __future__ import annotations

import re
import unicodedata

_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """The words of a header or key: `Fecha_de-Nacimiento` and `fechaDeNacimiento` are `fecha de nacimiento`."""
    parts = unicodedata.normalize("NFKD", _BORDER.sub(" ", text)).casefold()
    unaccented = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return _NO_WORD.sub(" ", unaccented).strip()


def _listed(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(","))


HEADERS: dict[str, frozenset[str]] = {
    "identifier_column": _listed(
        "uid, uuid, guid, mrn, ssn, sin, identifier, unique identifier, unique id, record id, record number, record no,"
        "case id, case number, case no, study id, subject, subject id, encounter id, visit id, event id, enrollment id,"
        "enrolment number, enrollment number, medical record number, social security number, nhs number, chi number,"
        "health card number, passport, passport number, driver license, insurance number, medicaid id, personal id,"
        "identificador, dni, nie, nif, curp, cedula, expediente, numero de expediente, numero de historia,"
        "historia clinica, numero de seguridad social, pasaporte, codigo unico,"
        "identifiant, nir, ramq, dossier, numero de dossier, no dossier, no de dossier, numero de securite sociale,"
        "numero d assurance maladie, passeport, code unique"
    ),
    "name_column": _listed(
        "name, names, full name, first name, last name, middle name, given name, given names, family name, surname,"
        "forename, nickname, alias, initials, maiden name, mother s name,"
        "nombre, nombres, nombre completo, primer nombre, apellido, apellidos, primer apellido, segundo apellido,"
        "apodo, iniciales, nombre y apellido, nombre y apellidos,"
        "nom, noms, nom complet, prenom, prenoms, nom de famille, nom et prenom, surnom, initiales"
    ),
    "date_of_birth": _listed(
        "dob, d o b, birth, birth date, birthdate, birthday, date of birth, born, year of birth, birth year,"
        "fecha de nacimiento, fecha nacimiento, fecha nac, nacimiento, ano de nacimiento, f nac, fdn,"
        "date de naissance, date naissance, naissance, ne le, nee le, annee de naissance, ddn"
    ),
    "contact_details": _listed(
        "address, home address, street, street address, zip, zip code, zipcode, postcode, postal code, phone,"
        "phone number, telephone, mobile, mobile number, cell phone, email, e mail, email address, e mail address,"
        "emergency contact, next of kin, ip address,"
        "direccion, domicilio, calle, codigo postal, telefono, movil, celular, numero de telefono, correo,"
        "correo electronico, contacto de emergencia,"
        "adresse, rue, domicile, code postal, tel, portable, numero de telephone, courriel, mail, adresse electronique,"
        "personne a prevenir"
    ),
    "timestamps": _listed(
        "timestamp, datetime, date time, date and time, date of visit, visit date, visit time, date of service,"
        "service date, encounter date, event date, admission date, discharge date, intake date, check in, check out,"
        "check in time, check out time, time in, time out, arrival, arrival time, departure time, date of death,"
        "fecha y hora, fecha de visita, fecha visita, fecha de atencion, fecha de ingreso, hora, hora de entrada,"
        "hora de salida, hora de llegada,"
        "horodatage, date et heure, date de visite, date visite, date de la visite, heure, heure d arrivee,"
        "heure de depart, heure d entree, heure de sortie"
    ),
    "health_record": _listed(
        "tracked entity, tracked entity instance, tracked entity instances, tracked entities, enrollments,"
        "redcap event name, redcap repeat instance"
    ),
}
"""What each kind of column is called; the kinds are the words in which a suspicion is told."""

PERSONS = _listed(
    "patient, client, participant, person, personal, member, visitor, guest, user, individual, consumer, enrollee,"
    "paciente, cliente, participante, persona, usuario, usuaria, beneficiario, beneficiaria, individuo,"
    "personne, usager, usagere, beneficiaire, visiteur, individu"
)
OF_A_PERSON = _listed(
    "id, ids, no, nr, num, number, code, key, identifier, ref, reference, name, initials, uid, uuid, hash,"
    "numero, codigo, clave, identificador, nombre, iniciales, identifiant, cle, nom, prenom, initiales"
)
"""A column that says a word of PERSONS and one of OF_A_PERSON identifies somebody: `client_no`, `code patient`."""

TRAITS = _listed(
    "age, sex, gender, race, ethnicity, race ethnicity, housing, housing status, drug, drugs, substance, route,"
    "diagnosis, weight, height, hiv status, nationality, marital status, occupation, zip3, overdose, naloxone,"
    "edad, sexo, genero, raza, etnia, vivienda, sustancia, droga, via, diagnostico, nacionalidad, ocupacion,"
    "sobredosis, sexe, genre, ethnie, logement, voie, diagnostic, nationalite, profession, surdose"
)
"""What is said of persons. As the columns of a long table, several of them make each row one person or visit."""

RECORD_RESOURCES = frozenset(
    "Patient Person RelatedPerson Encounter EpisodeOfCare Observation Condition Procedure MedicationRequest "
    "MedicationAdministration MedicationStatement MedicationDispense Immunization AllergyIntolerance Appointment "
    "CarePlan DiagnosticReport QuestionnaireResponse ServiceRequest Claim Coverage Consent Composition Bundle".split()
)
"""Types of FHIR resources that speak of one person; a MeasureReport is an aggregate and none of them."""
