"""Which column holds what."""

from __future__ import annotations

import pytest

from desktop.errors import ImportRefused
from desktop.services.importing import headers, mapping
from desktop.services.importing.reading import Sheet


def sheet(*header: str) -> Sheet:
    return Sheet("people.csv", "CSV", header, [])


def columns(*header: str, **overrides: str) -> dict[str, str]:
    """{field: header} of what is recognised."""
    found = mapping.recognise(sheet(*header), overrides)
    return {name: header[at] for name, at in found.places.items()}


PRETIX_ORDERS = (
    "Order code", "Position ID", "Status", "Email", "Phone number", "Order date", "Order time", "Product",
    "Variation", "Price", "Attendee name", "Attendee name: Given name", "Attendee name: Family name",
    "Attendee email", "Attendee company", "Voucher", "Pseudonymization ID", "Ticket secret", "Seat name",
    "Invoice address company", "Check-in lists", "Payment providers", "Position order link",
)  # fmt: skip
PRETIX_CHECKIN = (
    "Order code", "Attendee name", "Product", "Price", "Checked in", "Checked out", "Secret", "Email",
    "Phone number", "Company", "Voucher code", "Order date", "Order time",
)  # fmt: skip
EVENTBRITE = (
    "Order #", "Order Date", "First Name", "Last Name", "Email", "Ticket Type", "Attendee #", "Attendee Status",
    "Total Paid", "Currency", "Barcode #",
)  # fmt: skip


def test_the_attendees_own_address_wins_over_the_buyers() -> None:
    found = columns(*PRETIX_ORDERS)

    assert found["email"] == "Attendee email"
    assert found["buyer_email"] == "Email"


def test_a_plain_address_is_the_attendees_where_there_is_no_other() -> None:
    found = columns(*PRETIX_CHECKIN)

    assert found["email"] == "Email"
    assert "buyer_email" not in found


def test_the_columns_of_pretix_orders_are_recognised() -> None:
    found = columns(*PRETIX_ORDERS)

    assert {
        name: found[name] for name in ("order", "position", "status", "name", "given_name", "family_name")
    } == {
        "order": "Order code",
        "position": "Position ID",
        "status": "Status",
        "name": "Attendee name",
        "given_name": "Attendee name: Given name",
        "family_name": "Attendee name: Family name",
    }
    assert (found["payment_provider"], found["checkin_lists"]) == ("Payment providers", "Check-in lists")
    assert (found["company"], found["invoice_company"]) == ("Attendee company", "Invoice address company")


def test_the_columns_of_a_pretix_check_in_list_are_recognised() -> None:
    found = columns(*PRETIX_CHECKIN)

    assert (found["checked_in"], found["order"], found["voucher"]) == (
        "Checked in",
        "Order code",
        "Voucher code",
    )


def test_the_columns_of_eventbrite_are_recognised() -> None:
    assert columns(*EVENTBRITE) == {
        "email": "Email",
        "given_name": "First Name",
        "family_name": "Last Name",
        "status": "Attendee Status",
        "price": "Total Paid",
        "currency": "Currency",
        "order": "Order #",
        "position": "Attendee #",
        "order_date": "Order Date",
        "product": "Ticket Type",
    }


@pytest.mark.parametrize("header", ["E-MAIL", "e mail", "Ｅmail", "E‑Mail", " E-mail: "])
def test_case_and_punctuation_of_a_header_do_not_matter(header: str) -> None:
    assert columns(header, "Name")["email"] == header


def test_accents_of_a_header_do_not_matter() -> None:
    assert columns("Kaufer E-Mail", "Email")["buyer_email"] == "Kaufer E-Mail"
    assert columns("Käufer E-Mail", "Email")["buyer_email"] == "Käufer E-Mail"


def test_beside_a_given_name_a_plain_name_is_the_family_name() -> None:
    assert columns("Vorname", "Name", "E-Mail") == {
        "email": "E-Mail",
        "given_name": "Vorname",
        "family_name": "Name",
    }
    assert columns("Name", "E-Mail")["name"] == "Name"


def test_columns_with_secrets_are_never_used() -> None:
    found = mapping.recognise(sheet(*PRETIX_ORDERS))

    assert {"Pseudonymization ID", "Ticket secret", "Position order link"} <= set(found.ignored)
    for header in ("Ticket secret", "Secret", "Barcode #", "QR code", "Download link", "Order URL", "Token"):
        with pytest.raises(ImportRefused, match="another system's secrets"):
            columns("Email", header, order=header)


def test_a_person_can_choose_a_column_by_its_name_in_any_case() -> None:
    found = columns("Kontakt", "Email", "Was", email="kontakt", product="Was")

    assert (found["email"], found["buyer_email"], found["product"]) == ("Kontakt", "Email", "Was")


def test_a_person_can_leave_a_field_out() -> None:
    assert "status" not in columns("Email", "Status", status="")


def test_an_unknown_field_is_refused_with_the_fields_there_are() -> None:
    with pytest.raises(ImportRefused) as refused:
        columns("Email", mail="Email")

    assert str(refused.value).startswith(
        "“mail” is nothing the import knows. It knows: email, buyer_email, name"
    )


def test_an_unknown_column_is_refused_with_the_columns_there_are() -> None:
    with pytest.raises(ImportRefused) as refused:
        columns("Email", "Name", phone="Fax")

    assert str(refused.value) == "“people.csv” has no column “Fax”. It has: Email, Name."


def test_a_file_without_addresses_is_refused() -> None:
    with pytest.raises(ImportRefused, match=r"--map email=COLUMN\. The columns are: Name, Kontakt\."):
        columns("Name", "Kontakt")


def test_a_file_without_a_header_is_recognised_as_such() -> None:
    with pytest.raises(ImportRefused, match="looks like a person"):
        columns("Ada Lovelace", "ada@example.org")


def test_a_header_that_is_needed_and_stands_there_twice_is_refused_until_one_is_chosen() -> None:
    with pytest.raises(ImportRefused, match="two columns “Email”"):
        columns("Email", "Name", "Email (2)")

    assert columns("Email", "Name", "Email (2)", email="Email (2)")["email"] == "Email (2)"


def test_a_repeated_header_that_nobody_needs_is_no_matter() -> None:
    assert columns("Email", "Address", "Address (2)") == {"email": "Email"}


def test_no_header_belongs_to_two_fields_except_the_addresses() -> None:
    seen: dict[str, str] = {}
    for name, field in headers.FIELDS.items():
        for header in field.headers:
            assert seen.setdefault(header, name) == name or {seen[header], name} == {"email", "buyer_email"}


def test_no_field_is_looked_for_in_a_column_of_secrets() -> None:
    assert not [f for field in headers.FIELDS.values() for f in field.headers if headers.SECRET.search(f)]
