"""How the columns of other systems' exports are called, and what each becomes here.

The names are those of pretix (orders and positions, check-in list), Eventbrite (attendee report) and of
lists people keep themselves, in English and German.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

UNDECOMPOSED = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
"""Letters that NFKD leaves alone (design/tables.md, "Traps met")."""


def folded(text: str) -> str:
    """``text`` without case, accents, blanks and punctuation: “E-Mail” and “email” are one; “#” is a number."""
    lowered = text.replace("#", " number ").casefold().translate(UNDECOMPOSED)
    return "".join(letter for letter in unicodedata.normalize("NFKD", lowered) if letter.isalnum())


@dataclass(frozen=True, slots=True)
class Field:
    """One thing the import understands. ``headers`` are folded and in order of preference."""

    name: str
    title: str
    headers: tuple[str, ...]


def _field(name: str, title: str, headers: str) -> Field:
    return Field(name, title, tuple(folded(header) for header in headers.split(",")))


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        _field(
            "email",
            "e-mail",
            "Attendee email, Attendee e-mail address, Participant email, Guest email, Ticket holder email,"
            "Teilnehmer E-Mail, E-Mail-Adresse des Teilnehmers, E-Mail Teilnehmer, E-Mail Teilnehmer:in,"
            "Email, E-mail address, Mail, E-Mail-Adresse, Mailadresse, Email 1",
        ),
        _field(
            "buyer_email",
            "e-mail of the buyer",
            "Buyer email, Purchaser email, Customer email, Contact email, Billing email, Orderer email,"
            "Käufer E-Mail, Besteller E-Mail, E-Mail Besteller, E-Mail Käufer,"
            "Email, E-mail address, E-Mail-Adresse",
        ),
        _field(
            "name",
            "name",
            "Attendee name, Attendee, Participant name, Participant, Guest name, Ticket holder,"
            "Teilnehmername, Name des Teilnehmers, Name Teilnehmer, Teilnehmer, Gast,"
            "Full name, Name, Vollständiger Name, Vor- und Nachname",
        ),
        _field(
            "given_name",
            "given name",
            "Attendee name: Given name, Attendee first name, Teilnehmername: Vorname,"
            "Name des Teilnehmers: Vorname, Given name, First name, Forename, Vorname",
        ),
        _field(
            "family_name",
            "family name",
            "Attendee name: Family name, Attendee last name, Attendee surname, Teilnehmername: Nachname,"
            "Teilnehmername: Familienname, Name des Teilnehmers: Nachname, Family name, Last name, Surname,"
            "Nachname, Familienname, Zuname",
        ),
        _field(
            "phone",
            "phone",
            "Attendee phone, Attendee phone number, Phone number, Phone, Mobile phone, Cell phone, Mobile,"
            "Telephone, Telefonnummer, Telefon, Handynummer, Handy, Mobilnummer, Mobil, Tel",
        ),
        _field(
            "status",
            "status",
            "Attendee status, Ticket status, Registration status, Order status, Status,"
            "Teilnehmerstatus, Anmeldestatus, Bestellstatus",
        ),
        _field("payment_status", "payment status", "Payment status, Paid, Zahlungsstatus, Bezahlt"),
        _field(
            "checked_in",
            "checked in",
            "Checked in, Checked in at, Check-in time, Check-in date, Check-in, Attended,"
            "Eingecheckt, Eingecheckt am, Check-in-Zeit, Anwesend",
        ),
        _field("checkin_lists", "check-in lists", "Check-in lists, Check-in-Listen"),
        _field("price", "price", "Ticket price, Price, Total paid, Amount paid, Amount, Preis, Betrag"),
        _field("currency", "currency", "Currency, Currency code, Währung"),
        _field(
            "order",
            "order code",
            "Order code, Order ID, Order #, Order no, Order, Bestellnummer, Bestellcode, Bestellung",
        ),
        _field(
            "position",
            "position in the order",
            "Position ID, Position number, Position, Attendee #, Positionsnummer, Positions-ID",
        ),
        _field(
            "payment_provider",
            "payment provider",
            "Payment providers, Payment provider, Payment method, Payment type,"
            "Zahlungsanbieter, Zahlungsmethode, Zahlungsmethoden, Zahlungsart",
        ),
        _field(
            "order_date",
            "order date",
            "Order date, Ordered at, Purchase date, Date of purchase, Registered at, Registration date,"
            "Bestelldatum, Anmeldedatum, Kaufdatum",
        ),
        _field("order_time", "order time", "Order time, Purchase time, Bestellzeit, Uhrzeit der Bestellung"),
        _field("product", "product", "Product, Ticket type, Ticket name, Ticket, Produkt, Ticketart"),
        _field("variation", "variation", "Variation, Product variation, Variante"),
        _field(
            "company",
            "company",
            "Attendee company, Company, Company name, Organisation, Organization, Firma, Unternehmen",
        ),
        _field(
            "invoice_company",
            "company of the invoice",
            "Invoice address company, Billing company, Rechnungsadresse Firma",
        ),
        _field("seat", "seat", "Seat name, Seat, Sitzplatz, Sitzplatzname"),
        _field("voucher", "voucher", "Voucher code, Voucher, Gutschein, Gutscheincode"),
    )
}
"""Every field by the name used in ``--map NAME=COLUMN``."""

EXTRAS = ("product", "variation", "company", "seat", "voucher")
"""What is kept in ``registration_meta`` under these keys (specification 5.4): what the door or the badge
printer asks for. Addresses, tax numbers and comments stay in the other system."""

SECRET = re.compile(
    r"secret|token|pseudonym|barcode|qr.?code|passwor[dt]|geheim|\blinks?\b|\burls?\b", re.IGNORECASE
)
"""Columns that admit, identify or unlock somebody elsewhere: theirs, not ours; never read (ruling 26)."""


def is_email(header: str) -> bool:
    """Whether a column of this name holds addresses."""
    return folded(header) in FIELDS["email"].headers or folded(header) in FIELDS["buyer_email"].headers
