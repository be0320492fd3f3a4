"""What cannot be adopted is said on the command line, with the way out, and nothing at all is changed."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest

from desktop.__main__ import run
from tests.adoption import websites
from tests.adoption.dumps import dump
from tests.adoption.websites import id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_package_id_attendee_email_key;"

ROWS = {
    ("package type against event", "public.packages"): (
        "UPDATE packages SET event_id = NULL WHERE slug = 'monsoon-vip'",
        {"package monsoon-vip"},
    ),
    ("duplicates", "public.event_registrations"): (
        f"{KEY} UPDATE event_registrations SET attendee_email = 'vip1@example.org'"
        " WHERE attendee_email = 'vip2@example.org'",
        {"registration vip 1", "registration vip 2"},
    ),
    ("orphans", "public.contacts"): (
        "ALTER TABLE contacts DROP CONSTRAINT contacts_user_id_fkey;"
        "INSERT INTO contacts (name, email, country_code, phone_number, message, user_id)"
        " SELECT 'Nobody', 'a@example.org', '+91', '1', 'hello', gen_random_uuid() FROM generate_series(1, 73)",
        73,
    ),
    ("value outside the list", "public.orders"): (
        "ALTER TABLE orders DROP CONSTRAINT orders_payment_status_check;"
        "UPDATE orders SET payment_status = 'disputed' WHERE payment_id = 'pay_3'",
        {"order 3"},
    ),
    ("duplicates", "public.password_resets"): (
        "ALTER TABLE password_resets DROP CONSTRAINT password_resets_reset_token_key;"
        "UPDATE password_resets SET reset_token = md5('one')::uuid",
        {"reset 1", "reset 2"},
    ),
    ("incomplete publication", "public.events"): (
        "ALTER TABLE events DROP CONSTRAINT chk_publish_event; UPDATE events SET location = NULL WHERE slug = 'fete'",
        {"event 2"},
    ),
    ("missing value", "public.users"): (
        "ALTER TABLE users ALTER updated_at DROP NOT NULL; ALTER TABLE users DISABLE TRIGGER USER;"
        "UPDATE users SET updated_at = NULL WHERE username = 'user3'; ALTER TABLE users ENABLE TRIGGER USER",
        {"user 3"},
    ),
}
"""Kind and table, the damage, and the rows it is about (or how many)."""

STRUCTURES = {
    "a column of another type": ("public.users", "ALTER TABLE users ALTER oauth_provider_id TYPE text"),
    "times with a zone": ("public.contacts", "ALTER TABLE contacts ALTER submitted_at TYPE timestamptz"),
    "ids that are numbers": (
        "public.newsletter_subscriptions",
        "ALTER TABLE newsletter_subscriptions DROP COLUMN id, ADD COLUMN id bigserial PRIMARY KEY",
    ),
    "a view in a table's place": (
        "public.blogs",
        "ALTER TABLE blogs RENAME TO posts; CREATE VIEW blogs AS SELECT * FROM posts",
    ),
    "a table in the view's place": (
        "public.package_capacity_status",
        "CREATE TABLE package_capacity_status (package_id uuid, seats int)",
    ),
    "a view of another kind in the view's place": (
        "public.package_capacity_status",
        "CREATE VIEW package_capacity_status AS SELECT id AS package_id FROM packages",
    ),
    "a sequence in our counter's place": ("public.package_seats", "CREATE SEQUENCE package_seats"),
    "a type in a table's place": ("public.check_ins", "CREATE TYPE check_ins AS ENUM ('in', 'out')"),
    "roles of another shape": ("public.roles", "CREATE TABLE roles (id serial PRIMARY KEY, role text)"),
    "check-ins of the website's own": (
        "public.check_ins",
        "CREATE TABLE check_ins (id serial PRIMARY KEY, person text, at timestamptz DEFAULT now())",
    ),
    "a foreign key that does something else": (
        "public.orders",
        "ALTER TABLE orders DROP CONSTRAINT orders_package_id_fkey;"
        "ALTER TABLE orders ADD FOREIGN KEY (package_id) REFERENCES packages(id) ON DELETE CASCADE",
    ),
    "a value demanded where Greenroom has none": (
        "public.event_registrations",
        "UPDATE event_registrations SET attendee_name = '-' WHERE attendee_name IS NULL;"
        "ALTER TABLE event_registrations ALTER attendee_name SET NOT NULL",
    ),
    "a list that lacks a value Greenroom writes": (
        "public.event_registrations",
        "UPDATE event_registrations SET status = 'registered' WHERE status = 'no_show';"
        "ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_status_check;"
        "ALTER TABLE event_registrations ADD CHECK (status IN ('registered','waitlisted','cancelled','attended'))",
    ),
}
"""What is wrong with the tables themselves: the table that must be named, and the damage."""


TOGETHER = (
    "a column of another type",
    "a view in a table's place",
    "a table in the view's place",
    "a type in a table's place",
    "roles of another shape",
    "a foreign key that does something else",
    "a list that lacks a value Greenroom writes",
)


DAMAGE = ";".join([*(sql for sql, _ in ROWS.values()), *(STRUCTURES[case][1] for case in TOGETHER)])


@pytest.fixture(scope="module")
def hopeless(server) -> Iterator[str]:
    """A database with everything wrong, which an upgrade leaves as it is."""
    with websites.empty(server) as made:
        websites.build(made, websites.SPECIFIED)
        damage(made, DAMAGE)
        yield made


@pytest.fixture
def url(server) -> Iterator[str]:
    with websites.empty(server) as made:
        websites.build(made, websites.SPECIFIED)
        yield made


def damage(url: str, sql: str) -> None:
    with websites.connect(url) as website:
        website.execute(sql)


def upgraded(url: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``greenroom db upgrade``."""
    code = run(["db", "upgrade", "--database", url, *more])
    return code, *capsys.readouterr()


def refusals(out: str) -> dict[tuple[str, str], list[str]]:
    """The part of the report that stops the upgrade."""
    return paragraphs(out.split("These are kept as they are:")[0])


def paragraphs(out: str) -> dict[tuple[str, str], list[str]]:
    """The report's lines by kind and table."""
    found: dict[tuple[str, str], list[str]] = {}
    for part in out.split("\n\n"):
        heading = re.match(r"(.+): ([^(\n]+) \(", part)
        if heading:
            found[heading[2], heading[1]] = part.splitlines()
    return found


def shown_by(lines: list[str]) -> str:
    """The statement of a paragraph, as a person would copy it."""
    after = lines[lines.index("  Shown by:") + 1 :]
    return "\n".join(itertools.takewhile(lambda line: line.startswith("    "), after))


@pytest.mark.parametrize("more", [(), ("--plan",)])
def test_what_cannot_be_adopted_is_listed_and_the_database_stays_as_it_is(hopeless, capsys, more):
    """Ruling 3: it changes nothing at all."""
    before = dump(hopeless)

    code, out, err = upgraded(hopeless, capsys, *more)

    assert dump(hopeless) == before
    assert code == 1
    told = refusals(out)
    assert ROWS.keys() <= told.keys()
    assert {STRUCTURES[case][0] for case in TOGETHER} <= {table for _, table in told}
    assert f"{len(told)} kinds of trouble" in err
    assert "Nothing was changed." in err


def test_each_refusal_comes_with_sql_that_shows_just_its_rows(hopeless, capsys):
    told = refusals(upgraded(hopeless, capsys)[1])
    with websites.connect(hopeless) as website:
        for (kind, table), lines in told.items():
            shown = [str(next(iter(row.values()))) for row in website.execute(shown_by(lines)).fetchall()]
            assert lines[0] == f"{table}: {kind} ({len(shown)})"
            assert [line.strip() for line in lines[2 : 2 + min(len(shown), 50)]] == shown[:50]
            _, what = ROWS.get((kind, table), ("", None))
            if isinstance(what, set):
                assert set(shown) == {str(id_of(one)) for one in what}


def test_of_many_rows_the_report_lists_fifty_and_says_how_many_more(hopeless, capsys):
    lines = refusals(upgraded(hopeless, capsys)[1])["orphans", "public.contacts"]
    assert lines[0].endswith("(73)")
    assert lines[52] == "    … and 23 more"


@pytest.mark.slow
@pytest.mark.parametrize("case", STRUCTURES)
def test_what_is_wrong_with_a_table_is_said_and_the_database_stays_as_it_is(url, capsys, case):
    table, sql = STRUCTURES[case]
    damage(url, sql)
    before = dump(url)

    code, out, err = upgraded(url, capsys)

    assert dump(url) == before
    assert (code, "Nothing was changed." in err) == (1, True)
    assert table in {name for _, name in refusals(out)}


def test_what_was_refused_is_adopted_once_it_is_put_right(url, capsys):
    damage(url, ROWS["duplicates", "public.event_registrations"][0])
    assert upgraded(url, capsys)[0] == 1
    damage(
        url,
        f"UPDATE event_registrations SET attendee_email = 'v@example.org' WHERE id = '{id_of('registration vip 2')}'",
    )
    assert upgraded(url, capsys)[0] == 0


def test_what_is_kept_is_reported_before_and_after_and_stays(url, capsys):
    before = dump(url)
    code, planned, _err = upgraded(url, capsys, "--plan")
    assert dump(url) == before
    assert code == 0
    with websites.connect(url) as website:
        people = "SELECT id, status, attendee_email, waitlist_position FROM event_registrations ORDER BY id"
        lists = "SELECT id, packages_ids FROM events ORDER BY id"
        held = [website.execute(query).fetchall() for query in (people, lists)]
        code, done, _err = upgraded(url, capsys)
        assert [website.execute(query).fetchall() for query in (people, lists)] == held
    assert code == 0
    for out in (planned, done):
        told = paragraphs(out)
        for kind, table in (
            ("overbooked", "public.packages"),
            ("one person twice", "public.event_registrations"),
            ("waitlist positions", "public.event_registrations"),
            ("list of packages", "public.events"),
            ("local time", "public.event_registrations"),
        ):
            assert (kind, table) in told
        assert str(id_of("package monsoon-vip")) in out


def test_no_secret_stands_in_a_report(hopeless, capsys):
    with websites.connect(hopeless) as website:
        secrets = website.execute(
            "SELECT password_hash AS s FROM users WHERE password_hash IS NOT NULL UNION ALL SELECT reset_token::text"
            " FROM password_resets UNION ALL SELECT registration_token::text FROM event_registrations"
            " UNION ALL SELECT token::text FROM contacts"
        ).fetchall()
    _, out, err = upgraded(hopeless, capsys)
    assert "public.password_resets: duplicates (2)" in out
    assert [row["s"] for row in secrets if row["s"] in out + err] == []
