"""Correcting contact data and answers."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services.registrations import Contact, edit_contact, set_answers


@pytest.fixture
def edit(database, organizer):
    """`edit_contact` as the organizer does it."""

    def run(person, seen, wanted):
        return edit_contact(database, organizer, person, seen, wanted)

    return run


@pytest.fixture
def answer(database, organizer):
    """`set_answers` as the organizer does it, having seen ``seen``."""

    def run(person, answers, **seen):
        return set_answers(database, organizer, person, answers, seen=seen)

    return run


def _meta(building, person):
    return building.registered(person)["registration_meta"]


def test_what_was_corrected_is_stored_clean_and_logged_before_and_after(building, edit):
    person = building.registration(building.package(), "old@example.org", attendee_name="Zoe")
    seen = Contact("old@example.org", "Zoe")
    done = edit(person, seen, Contact(" New@Example.ORG ", " Zoë  Fernández", "+49 (170) 1"))
    assert done.contact == Contact("new@example.org", "Zoë Fernández", "+491701")
    assert done.columns == ("attendee_email", "attendee_name", "phone_number")
    row = building.registered(person)
    assert (row["attendee_email"], row["attendee_name"], row["phone_number"], row["name_key"]) == (
        "new@example.org",
        "Zoë Fernández",
        "+491701",
        "zoe fernandez",
    )
    assert building.log(person) == [
        (
            "registration.edit",
            "Edited Zoe in “Workshop pass” of “Monsoon Data Summit”: name “Zoe” → “Zoë Fernández”, "
            "e-mail “old@example.org” → “new@example.org”, phone nothing → “+491701”",
        )
    ]


def test_what_was_not_touched_stays_as_the_website_wrote_it(building, edit):
    """Ruling 13 is about what Greenroom stores: an address nobody edits is not rewritten."""
    person = building.registration(
        building.package(), "Odd Address@X", attendee_name="  Ann ", phone_number=""
    )
    ticket = building.registered(person)["registration_token"]
    edit(person, Contact("Odd Address@X", "  Ann "), Contact("Odd Address@X", "  Ann ", "123"))
    row = building.registered(person)
    assert (row["attendee_email"], row["attendee_name"], row["phone_number"]) == (
        "Odd Address@X",
        "  Ann ",
        "123",
    )
    assert row["registration_token"] == ticket


def test_nothing_changed_writes_nothing(building, edit):
    person = building.registration(building.package(), "a@example.org")
    before = building.registered(person)
    assert edit(person, Contact("a@example.org"), Contact("a@example.org")).columns == ()
    assert building.registered(person) == before
    assert building.log() == []


def test_somebody_elses_change_of_the_same_is_not_overwritten_and_named(building, edit):
    person = building.registration(building.package(), "a@example.org", attendee_name="Ann")
    building.do("UPDATE event_registrations SET attendee_name = 'Anna', phone_number = '1'")
    with pytest.raises(errors.Stale, match="attendee name") as caught:
        edit(person, Contact("a@example.org", "Ann"), Contact("b@example.org", "Annika"))
    assert caught.value.columns == ("attendee_name",)
    assert building.registered(person)["attendee_email"] == "a@example.org"
    # somebody wrote what is wanted, or other columns: nobody is in anybody's way
    assert edit(person, Contact("a@example.org", "Ann"), Contact("b@example.org", "Anna")).columns == (
        "attendee_email",
    )
    assert building.registered(person)["phone_number"] == "1"


@pytest.mark.parametrize(
    ("wanted", "status"),
    [("zoe@example.org", "registered"), ("ZOE@example.org", "cancelled"), ("Zoe@Example.org", "waitlisted")],
)
def test_another_persons_address_is_refused_whatever_its_case(building, edit, wanted, status):
    """Ruling 13: one person, one place per package; cancelled rows count, because the address is theirs."""
    package = building.package()
    building.registration(package, "Zoe@example.org", status=status)
    person = building.registration(package, "a@example.org")
    with pytest.raises(
        errors.AlreadyRegistered, match=r"zoe@example.org is already on the list of “Workshop"
    ):
        edit(person, Contact("a@example.org"), Contact(wanted))
    assert building.registered(person)["attendee_email"] == "a@example.org"
    elsewhere = building.registration(building.package(), "a@example.org")
    assert edit(elsewhere, Contact("a@example.org"), Contact(wanted)).contact.email == "zoe@example.org"


def test_ones_own_address_may_change_its_case(building, edit):
    person = building.registration(building.package(), "Zoe@Example.org")
    edit(person, Contact("Zoe@Example.org"), Contact("zoe@example.org"))
    assert building.registered(person)["attendee_email"] == "zoe@example.org"


def test_the_account_follows_the_address_it_was_found_by_and_no_other(building, edit):
    old, new, friend = (building.user(email=f"{name}@Example.org") for name in ("old", "new", "friend"))
    package = building.package()
    by_address = building.registration(package, "old@example.org", user_id=old)
    by_friend = building.registration(package, "guest@example.org", user_id=friend)
    edit(by_address, Contact("old@example.org"), Contact("new@example.org"))
    edit(by_friend, Contact("guest@example.org"), Contact("old@example.org"))
    assert building.registered(by_address)["user_id"] == new
    assert building.registered(by_friend)["user_id"] == friend
    edit(by_address, Contact("new@example.org"), Contact("nobody@example.org"))
    assert building.registered(by_address)["user_id"] is None


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Contact("no address"), "email"),
        (Contact(""), "email"),
        (Contact("a@example.org", "x" * 151), "name"),
        (Contact("a@example.org", "", "12345678901234567"), "phone"),
    ],
)
def test_what_cannot_be_stored_is_said_beside_its_field(building, edit, wanted, field):
    person = building.registration(building.package(), "a@example.org")
    with pytest.raises(errors.InvalidField) as caught:
        edit(person, Contact("a@example.org"), wanted)
    assert caught.value.field == field


def test_one_address_for_two_people_at_once_is_given_to_one(database, building, organizer, at_once):
    """Ruling 13: decided under the package's lock."""
    package = building.package()
    people = [building.registration(package, f"p{n}@example.org") for n in range(6)]

    def rename(n):
        return lambda: edit_contact(
            database, organizer, people[n], Contact(f"p{n}@example.org"), Contact("one@example.org")
        )

    results = at_once(*(rename(n) for n in range(6)))
    assert sum(isinstance(result, errors.AlreadyRegistered) for result in results) == 5
    assert (
        building.value("SELECT count(*) FROM event_registrations WHERE attendee_email = 'one@example.org'")
        == 1
    )


def test_an_address_the_website_is_writing_at_the_same_time(database, building, organizer, at_once):
    """The website takes no lock: its row in flight is waited for briefly, and then it is there."""
    package = building.package()
    person = building.registration(package, "a@example.org")
    with building.connect(autocommit=False) as website:
        event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
        website.execute(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
            " VALUES (%s, %s, 'new@example.org', 'waitlisted')",
            (event, package),
        )

        def rename():
            return edit_contact(
                database, organizer, person, Contact("a@example.org"), Contact("new@example.org")
            )

        busy, _ = at_once(rename, lambda: None)
        assert isinstance(busy, errors.Busy)
        website.commit()
    with pytest.raises(errors.AlreadyRegistered):
        rename()


def test_an_unknown_registration_is_told_as_one(edit, answer):
    with pytest.raises(errors.NotFound):
        edit(uuid4(), Contact("a@example.org"), Contact("b@example.org"))
    with pytest.raises(errors.NotFound):
        answer(uuid4(), {"meal": "vegan"})


def test_answers_are_set_and_removed_by_name_and_the_rest_stays(building, answer):
    """Specification 5.4: what the website and an import wrote stays."""
    kept = {"import": {"order": "A1"}, "company": "Açme", "nested": {"a": [1]}, "meal": "vegan"}
    person = building.registration(
        building.package(), attendee_name="Ann", registration_meta=json.dumps(kept)
    )
    found = answer(
        person,
        {"meal": None, "allergies": (" nuts ", "", "milk"), "children": 2, "remote": False, "note": "  "},
        meal="vegan",
    )
    assert (
        found
        == _meta(building, person)
        == {
            "import": {"order": "A1"},
            "company": "Açme",
            "nested": {"a": [1]},
            "allergies": ["nuts", "milk"],
            "children": 2,
            "remote": False,
        }
    )
    assert building.log(person) == [
        (
            "registration.answer",
            "Changed the answers of Ann in “Workshop pass” of “Monsoon Data Summit”: “allergies” nothing → "
            '“["nuts", "milk"]”, “children” nothing → “2”, “meal” “vegan” → nothing, “remote” nothing → “false”',
        )
    ]


def test_the_last_answer_removed_leaves_nothing(building, answer):
    person = building.registration(building.package(), registration_meta='{"meal": "vegan"}')
    assert answer(person, {"meal": None}, meal="vegan") == {}
    assert _meta(building, person) is None
    before = building.log()
    assert answer(person, {"meal": None}) == {}
    assert building.log() == before


def test_somebody_elses_answer_is_not_overwritten(building, answer):
    person = building.registration(building.package(), registration_meta='{"meal": "vegan", "size": "L"}')
    with pytest.raises(errors.Stale, match=r"\(meal\)"):
        answer(person, {"meal": "fish", "size": "M"}, meal=None, size="L")
    assert _meta(building, person) == {"meal": "vegan", "size": "L"}
    answer(person, {"meal": "vegan", "size": "M"}, meal=None, size="L")
    assert _meta(building, person) == {"meal": "vegan", "size": "M"}
    with pytest.raises(errors.Stale):
        answer(person, {"meal": None}, meal="fish")


@pytest.mark.parametrize("meta", ["[1, 2]", '"text"', "7"])
def test_what_is_not_kept_by_name_is_left_alone(building, answer, meta):
    person = building.registration(building.package(), attendee_name="Ann", registration_meta=meta)
    with pytest.raises(errors.AnswersUnreadable, match="answers of Ann"):
        answer(person, {"meal": "vegan"})
    assert _meta(building, person) == json.loads(meta)


def test_a_json_null_holds_no_answers(building, answer):
    person = building.registration(building.package(), registration_meta="null")
    assert answer(person, {"meal": "vegan"}) == {"meal": "vegan"}


@pytest.mark.parametrize(
    ("answers", "match"),
    [
        ({"import": "x"}, "kept by the program"),
        ({" ": "x"}, "needs the name"),
        ({"x" * 101: "x"}, "room for 100"),
        ({"meal": "x" * 5001}, "room for 5,000"),
        ({"meal": "a\0b"}, "cannot be stored"),
        ({"meal": "\ud800"}, "cannot be stored"),
        ({"meal": float("nan")}, "needs a number"),
        ({"meal": {"a": 1}}, "answered with text"),
    ],
)
def test_answers_that_cannot_be_stored_are_refused(building, answer, answers, match):
    person = building.registration(building.package())
    with pytest.raises(errors.InvalidField, match=match):
        answer(person, answers)
    assert _meta(building, person) is None


def test_two_people_answering_different_questions_at_once_keep_both(database, building, organizer, at_once):
    person = building.registration(building.package())
    names = [f"question {n}" for n in range(6)]
    results = at_once(
        *(
            lambda name=name: set_answers(database, organizer, person, {name: "yes"}, seen={name: None})
            for name in names
        )
    )
    kept = {name for name, result in zip(names, results, strict=True) if not isinstance(result, errors.Busy)}
    assert set(_meta(building, person)) == kept
    assert len(building.log(person)) == len(kept) > 0
