"""Every kind of SQLSTATE, raised by the server itself and by a website's trigger that tells everything it knows."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from desktop import errors
from desktop.db.session import Actor, Scrubbed
from desktop.services import accounts, attendance, importing, registering, waitlist
from desktop.services.attendance import Admission
from desktop.services.permissions import Role
from desktop.services.registering import Registering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop.db.session import Database
    from tests.conftest import Building
    from tests.secrets.canaries import Canaries, Planted
    from tests.secrets.conftest import Ears

GOSSIP = """
    CREATE TABLE public.gossip (state text, message text);
    INSERT INTO public.gossip VALUES ('P0001', '');
    CREATE FUNCTION public.gossip() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE g public.gossip; told text := to_jsonb(NEW)::text; BEGIN
      SELECT * INTO g FROM public.gossip;
      IF g.state IS NULL THEN RETURN NEW; END IF;
      RAISE NOTICE 'look: %', told;
      RAISE WARNING 'look: %', told;
      RAISE EXCEPTION USING ERRCODE = g.state, MESSAGE = g.message || told, DETAIL = told, HINT = told;
    END $$;
    CREATE TRIGGER gossip BEFORE INSERT OR UPDATE ON event_registrations FOR EACH ROW EXECUTE FUNCTION public.gossip();
    CREATE TRIGGER gossip BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION public.gossip();
"""
STATES = (
    *("08000", "08003", "08006", "0A000", "21000", "22000", "22001", "22003", "22007", "22012", "22021"),
    *("22023", "22P02", "23000", "23001", "23502", "23503", "23505", "23514", "23P01", "25001", "25006"),
    *("25P02", "25P03", "28000", "28P01", "2BP01", "3D000", "3F000", "40001", "40P01", "42501", "42601"),
    *("42703", "42804", "42883", "42P01", "44000", "53100", "53200", "53300", "54000", "55000", "55006"),
    *("55P03", "57014", "57P01", "57P03", "58030", "72000", "GR001", "P0001", "P0002", "P0004", "XX000"),
)
WORDS = ("", "password authentication failed: ", "certificate: ", "connection: ", "Connection refused ")
"""What the translation looks for in messages; each state is told with one of them in front."""


@pytest.fixture
def gossiping(building: Building, planted: Planted, canaries: Canaries) -> Callable[[str | None], None]:
    """A website whose triggers refuse whatever is written with any SQLSTATE, or none, and quote the row."""
    building.registration(planted.package, "waits@example.org", status="waitlisted", waitlist_position=1)
    building.do("UPDATE event_registrations SET registration_token = %s", canaries.registration)
    building.do("UPDATE packages SET capacity = 5")
    building.do(GOSSIP)

    def choose(state: str | None) -> None:
        message = WORDS[STATES.index(state) % len(WORDS)] if state in STATES else ""
        building.do("UPDATE public.gossip SET state = %s, message = %s", state, message)
        building.do("DELETE FROM greenroom.sign_in_attempts")

    choose(None)
    return choose


@pytest.fixture
def services(
    database: Database,
    organizer: Actor,
    building: Building,
    planted: Planted,
    canaries: Canaries,
    tmp_path: Path,
) -> dict[str, Callable[[], object]]:
    """What staff do that writes to the tables with the triggers."""
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'admin'", planted.user)
    people = tmp_path / "people.csv"
    people.write_text(f"E-mail,Name,Secret\nfile@example.org,Ada,{canaries.registration}\n", encoding="utf-8")
    prepared = importing.plan_file(people, None, ZoneInfo("UTC"))
    person = Registering(planted.package, "new@example.org", meta={"password": canaries.typed})
    admission = Admission(planted.registration, "north door")
    planted_admin = Actor(planted.user, "canary", "canary@example.org", frozenset({"admin"}))
    newcomer = ("nora", "nora@example.org", Role.ADMIN, canaries.typed)
    return {
        "register": lambda: registering.register(database, organizer, person),
        "cancel": lambda: registering.cancel(
            database, organizer, planted.registration, canaries.registration
        ),
        "promote": lambda: waitlist.promote_next(database, organizer, planted.package),
        "admit": lambda: attendance.admit(database, organizer, admission),
        "import": lambda: importing.apply(database, organizer, prepared, "canary-fair", "canary-pass"),
        "add staff": lambda: accounts.add_from_command_line(database, *newcomer),
        "sign in": lambda: accounts.sign_in(database, "canary", canaries.typed),
        "set password": lambda: accounts.set_password(database, planted_admin, organizer.id, canaries.typed),
        "change password": lambda: accounts.change_password(
            database, planted_admin, canaries.typed, "changed, with a trigger"
        ),
        "reset password": lambda: accounts.reset_password(database, canaries.reset, "reset, with a trigger"),
        "deactivate": lambda: accounts.deactivate(database, planted_admin, organizer.id, canaries.typed),
    }


@pytest.mark.parametrize(
    "what",
    [
        *("register", "cancel", "promote", "admit", "import", "add staff", "sign in"),
        *("set password", "change password", "reset password", "deactivate"),
    ],
)
def test_a_trigger_that_quotes_the_row_in_every_sqlstate_is_not_quoted(
    what: str,
    services: dict[str, Callable[[], object]],
    canaries: Canaries,
    gossiping: Callable[[str | None], None],
    ears: Ears,
) -> None:
    """Ruling 26."""
    for state in STATES if what != "import" else STATES[::4]:  # its one call takes 50 ms
        gossiping(state)
        with pytest.raises((errors.AppError, Scrubbed)) as caught:
            services[what]()
        ears.hears(caught.value)
        assert canaries.traces(ears.everything()) == [], state
    gossiping(None)
    services[what]()


REAL = {
    "23502": "INSERT INTO event_registrations (event_id, package_id, registration_token)"
    " SELECT event_id, id, :registration FROM packages",
    "23503": "UPDATE event_registrations SET order_id = gen_random_uuid() WHERE registration_token = :registration",
    "23505": "INSERT INTO password_resets (user_id, reset_token, expires_at)"
    " SELECT user_id, reset_token, expires_at FROM password_resets WHERE reset_token = :reset",
    "23514": "UPDATE users SET status = 'asleep' WHERE password_hash = :hash",
    "22P02": "SELECT cast(cast(:registration AS text) AS integer)",
    "22001": "UPDATE users SET username = repeat(:hash, 3)",
    "22003": "SELECT cast(repeat('9', 30) AS integer) WHERE :hash <> ''",
    "22007": "SELECT cast(cast(:hash AS text) AS timestamp)",
    "22008": "SELECT cast('2000-13-45' || right(cast(:hash AS text), 0) AS timestamp)",
    "22012": "SELECT 1 / (length(:hash) - length(:hash))",
    "22023": "SELECT set_config('TimeZone', :hash, true)",
    "22025": "SELECT 'a' LIKE 'a' ESCAPE cast(:hash AS text)",
    "2201B": "SELECT 'a' ~ ('(' || cast(:hash AS text))",
    "21000": "SELECT (SELECT generate_series(1, 2)) WHERE :hash <> ''",
    "25006": "SET TRANSACTION READ ONLY; UPDATE users SET username = 'x'",
    "42501": "SET LOCAL ROLE pg_monitor; SELECT password_hash FROM users",
    "42601": "SELECT FROM WHERE",
    "42703": "SELECT no_such_column FROM users WHERE password_hash = :hash",
    "42804": "SELECT CASE WHEN :hash <> '' THEN 1 ELSE now() END",
    "42883": "SELECT no_such_function(cast(:hash AS text))",
    "42P01": "SELECT * FROM no_such_table WHERE hash = :hash",
    "54000": "SELECT repeat(cast(:hash AS text), 2000000000)",
    "55P03": "SELECT * FROM contacts WHERE token = :contact FOR UPDATE NOWAIT",
    "57014": "SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)",
    "57P01": "SELECT pg_terminate_backend(pg_backend_pid()) FROM users WHERE password_hash = :hash",
    "P0001": "DO $$ BEGIN RAISE '%', (SELECT password_hash FROM users WHERE username = 'canary'); END $$",
    "P0004": "DO $$ BEGIN ASSERT false, (SELECT password_hash FROM users WHERE username = 'canary'); END $$",
}
"""Statements the server itself refuses with that SQLSTATE; several are run one after the other."""


def _provoke(sql: str, canaries: Canaries) -> Callable[[Any], None]:
    def work(tx: Any) -> None:
        for statement in sql.split("; ") if not sql.startswith("DO ") else [sql]:
            known = {one: getattr(canaries, one) for one in ("hash", "registration", "reset", "contact")}
            tx.execute(statement, {name: value for name, value in known.items() if f":{name}" in statement})

    return work


def test_what_the_server_refuses_is_told_without_the_row(
    database: Database, building: Building, planted: Planted, canaries: Canaries, ears: Ears
) -> None:
    with building.connect(autocommit=False) as holder:
        holder.execute("SELECT FROM contacts FOR UPDATE")
        for state, sql in REAL.items():
            with pytest.raises((errors.AppError, Scrubbed)) as caught:
                database.run(_provoke(sql, canaries))
            told = _state_of(caught.value)
            assert told == state, f"{state} was to be provoked, and {told} was: {caught.value}"
            ears.hears(caught.value)
            assert canaries.traces(ears.everything()) == [], state
        holder.rollback()


def _state_of(error: BaseException) -> str | None:
    """The SQLSTATE at the bottom of the chain."""
    cause: BaseException | None = error
    while cause is not None:
        if state := getattr(getattr(cause, "orig", cause), "sqlstate", None):
            return str(state)
        cause = cause.__cause__
    return None


def test_functions_that_run_what_they_assembled_are_not_quoted(
    database: Database, building: Building, planted: Planted, canaries: Canaries, ears: Ears
) -> None:
    building.do(
        "CREATE FUNCTION greenroom.spoil(p_sql text) RETURNS void LANGUAGE plpgsql"
        " AS $$ BEGIN EXECUTE p_sql; END $$"
    )
    spoiling = {
        "23514": f"UPDATE users SET status = 'asleep' WHERE password_hash = '{canaries.hash}'",
        "23505": f"INSERT INTO password_resets SELECT gen_random_uuid(), '{planted.user}', '{canaries.reset}', true,"
        " now() FROM users",
        "22P02": f"SELECT '{canaries.registration}'::integer",
        "42P01": f"SELECT * FROM nowhere WHERE token = '{canaries.contact}'",
    }
    for state, sql in spoiling.items():
        with pytest.raises(Scrubbed) as caught:
            database.call("spoil", {"p_sql": sql})
        assert caught.value.sqlstate == state
        ears.hears(caught.value)
        assert canaries.traces(ears.everything()) == [], state


def test_a_deadlock_and_a_serialization_failure_tell_nothing(
    database: Database, building: Building, planted: Planted, canaries: Canaries, ears: Ears, at_once: Any
) -> None:
    met = threading.Barrier(2, timeout=10)
    users = [planted.user, building.user(password_hash=canaries.hash)]

    def crossing(first: Any, second: Any) -> Callable[[], object]:
        def run() -> object:
            with database.transaction() as tx:
                tx.execute("SET LOCAL deadlock_timeout = '10ms'")
                tx.execute(
                    "UPDATE users SET password_hash = :h WHERE id = :id", {"h": canaries.hash, "id": first}
                )
                met.wait()
                tx.execute(
                    "UPDATE users SET password_hash = :h WHERE id = :id", {"h": canaries.hash, "id": second}
                )
            return None

        return run

    results = at_once(crossing(*users), crossing(*reversed(users)))
    (deadlock,) = [one for one in results if one is not None]
    with pytest.raises(errors.Busy) as caught, database.transaction() as tx:
        tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        tx.rows("SELECT FROM users")
        building.do("UPDATE users SET username = 'meanwhile' WHERE id = %s", planted.user)
        tx.execute(
            "UPDATE users SET password_hash = :h WHERE id = :id", {"h": canaries.hash, "id": planted.user}
        )
    for error, state in ((deadlock, "40P01"), (caught.value, "40001")):
        assert _state_of(error) == state
        ears.hears(error)
    assert canaries.traces(ears.everything()) == []


def test_our_own_faults_with_parameters_tell_none_of_them(
    database: Database, planted: Planted, canaries: Canaries, ears: Ears
) -> None:
    faults = {
        "a parameter is missing": ("SELECT :hash, :more", {"hash": canaries.hash}),
        "a value of no known type": ("SELECT :hash, :more", {"hash": canaries.hash, "more": object()}),
        "a character no text may hold": ("SELECT :hash", {"hash": canaries.hash + "\0"}),
    }
    for what, (sql, values) in faults.items():
        with pytest.raises(Exception) as caught, database.transaction() as tx:
            tx.rows(sql, values)
        ears.hears(caught.value)
        assert canaries.traces(ears.everything()) == [], what
