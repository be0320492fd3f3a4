"""``greenroom db roles``: exactly the grants of the table, for those who may give them."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from desktop import errors
from desktop.__main__ import run
from desktop.db import privileges, roles, roles_checked, upgrade
from desktop.db.session import Database

GRANTS = """
    SELECT c.oid::regclass::text AS thing, a.grantee::regrole::text, a.privilege_type, a.is_grantable
      FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee <> c.relowner
    UNION ALL
    SELECT t.attrelid::regclass || '.' || t.attname, a.grantee::regrole::text, a.privilege_type, a.is_grantable
      FROM pg_attribute t, aclexplode(t.attacl) a
    UNION ALL
    SELECT p.oid::regprocedure::text, a.grantee::regrole::text, a.privilege_type, a.is_grantable
      FROM pg_proc p, aclexplode(p.proacl) a WHERE a.grantee <> p.proowner
    """


@pytest.fixture
def acls(building):
    """What others than its owner may do with each table, column and function now."""
    return lambda: {tuple(row.values()) for row in building.rows(GRANTS)}


@pytest.fixture
def fresh(monkeypatch, server_url):
    """Groups of other names, which the server does not have yet; removed behind the test."""
    prefix = f"group_{uuid4().hex[:8]}_"
    monkeypatch.setattr(privileges, "PREFIX", prefix)
    yield prefix
    with psycopg.connect(
        server_url.replace("postgresql+psycopg", "postgresql"), autocommit=True
    ) as connection:
        for name in privileges.GROUPS:
            connection.execute(f"DROP ROLE IF EXISTS {prefix}{name}")


@pytest.fixture
def own(server, template, monkeypatch):
    """A database, schema included, that belongs to an ordinary role; its address with that role, and with ours."""
    name, owner = f"own_{uuid4().hex}", f"owner_{uuid4().hex}"
    maintenance = Database(server.url("postgres"))
    with maintenance.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE ROLE {owner} LOGIN CREATEROLE")
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE {template} OWNER {owner}')
        with psycopg.connect(server.url(name).replace("postgresql+psycopg", "postgresql")) as inside:
            inside.execute(f"DROP OWNED BY {', '.join(f'greenroom_{one}' for one in privileges.GROUPS)}")
            for kind, query in _OURS:
                for (thing,) in inside.execute(query).fetchall():
                    inside.execute(f"ALTER {kind} {thing} OWNER TO {owner}")
        ours = server.url(name)
        yield sa.make_url(ours).set(username=owner).render_as_string(hide_password=False), ours, owner
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        connection.exec_driver_sql(f"DROP OWNED BY {owner}")
        connection.exec_driver_sql(f"DROP ROLE {owner}")
    maintenance.close()


_OURS = (
    ("SCHEMA", "SELECT 'greenroom'"),
    ("SCHEMA", "SELECT 'public'"),
    (
        "TABLE",
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'greenroom')",
    ),
    ("MATERIALIZED VIEW", "SELECT format('%I.%I', schemaname, matviewname) FROM pg_matviews"),
    (
        "FUNCTION",
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'greenroom'::regnamespace",
    ),
)


@pytest.fixture
def opened():
    """Opens databases that are closed behind the test."""
    kept = []

    def open_it(url):
        kept.append(Database(url))
        return kept[-1]

    yield open_it
    for one in kept:
        one.close()


def test_installing_again_changes_nothing(database, acls):
    before = acls()
    assert roles.plan(database) == roles.install(database) == roles.Outcome((), None, ())
    assert acls() == before


def test_the_plan_is_what_is_run_and_changes_nothing_itself(database, building, acls, fresh):
    before = acls()
    planned = roles.plan(database).statements
    assert acls() == before
    assert roles.install(database).statements == planned
    assert roles.plan(database).statements == ()
    building.do(f"DROP OWNED BY {', '.join(fresh + name for name in privileges.GROUPS)}")
    assert acls() == before


def test_what_is_too_much_is_revoked_and_what_is_missing_is_granted(database, building, acls):
    before = acls()
    for change in (
        "GRANT SELECT ON users TO greenroom_door",
        "GRANT UPDATE (password_hash) ON users TO greenroom_admin",
        "GRANT SELECT ON events TO greenroom_door",
        "GRANT SELECT (title) ON events TO greenroom_door WITH GRANT OPTION",
        "GRANT EXECUTE ON FUNCTION greenroom.move_seats(uuid, bigint) TO greenroom_editor",
        "GRANT SELECT ON greenroom.sign_in_attempts TO greenroom_organizer",
        "REVOKE SELECT (attendee_name) ON event_registrations FROM greenroom_door",
        "REVOKE ALL ON FUNCTION greenroom.has_staff() FROM greenroom_door",
    ):
        building.do(change)
    assert roles.install(database).statements != ()
    assert acls() == before


def test_grants_of_others_and_on_the_websites_own_tables_are_left_alone(database, building, acls, logins):
    building.do("CREATE TABLE public.sponsors (id int)")
    building.do("GRANT SELECT ON public.sponsors TO greenroom_organizer")
    building.do(f"GRANT SELECT, UPDATE ON users TO {logins['nobody']}")
    before = acls()
    assert roles.install(database).statements == ()
    assert acls() == before


EVERYBODY = (
    (
        "GRANT EXECUTE ON FUNCTION greenroom.log(uuid, text, text, uuid) TO PUBLIC",
        "Everybody (PUBLIC) may call function greenroom.log, and so may all staff.",
        "REVOKE EXECUTE ON FUNCTION greenroom.log(uuid,text,text,uuid) FROM PUBLIC",
    ),
    (
        "GRANT DELETE ON events TO PUBLIC",
        "Everybody (PUBLIC) may delete from events, and so may all staff.",
        "REVOKE DELETE ON public.events FROM PUBLIC",
    ),
    (
        "GRANT SELECT (registration_token) ON event_registrations TO PUBLIC",
        "Everybody (PUBLIC) may read event_registrations.registration_token, and so may all staff.",
        "REVOKE SELECT ON public.event_registrations FROM PUBLIC",
    ),
    (
        "GRANT SELECT ON users TO PUBLIC",
        "Everybody (PUBLIC) may read users.password_hash, and so may all staff.",
        "REVOKE SELECT ON public.users FROM PUBLIC",
    ),
    (
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "Everybody (PUBLIC) may make things in schema public, and so may all staff.",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ),
)


def test_what_everybody_may_is_told_with_the_sql_that_ends_it(database, building):
    assert roles.plan(database).excesses == ()
    for change, _, _ in EVERYBODY:
        building.do(change)
    told = {(one.sentence, one.sql) for one in roles.install(database).excesses}
    assert told == {(sentence, sql) for _, sentence, sql in EVERYBODY}
    for _, sql in told:
        building.do(sql)
    assert roles.plan(database).excesses == ()


@pytest.mark.parametrize(
    "power", ["LOGIN", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS", "SUPERUSER"]
)
def test_a_group_that_is_more_than_a_group_is_told(power, database, building, fresh):
    building.do(f"CREATE ROLE {fresh}door {power}")
    try:
        (excess,) = roles.plan(database).excesses
        assert excess.sentence.startswith(f"{fresh}door ")
        building.do(excess.sql)
        assert roles.plan(database).excesses == ()
    finally:
        building.do(f"DROP ROLE {fresh}door")


def test_a_group_inside_another_role_is_told_with_what_that_may(database, building, fresh):
    building.do(f"CREATE ROLE {fresh}site")
    building.do(f"GRANT DELETE ON users TO {fresh}site")
    building.do(f"CREATE ROLE {fresh}door IN ROLE {fresh}site")
    try:
        found = roles.plan(database).excesses
        assert [one.sentence for one in found] == [
            f"{fresh}door is a member of “{fresh}site” and may do what that role may.",
            f"{fresh}door may delete from users.",
        ]
        building.do(found[0].sql)
        assert roles.plan(database).excesses == ()
    finally:
        building.do(f"DROP OWNED BY {fresh}site")
        building.do(f"DROP ROLE {fresh}site")


def test_two_at_once_end_well(database, building, acls, fresh, at_once):
    results = at_once(*[lambda: roles.install(database)] * 3)
    assert [one for one in results if not isinstance(one, roles.Outcome) or one.refused] == []
    assert roles.plan(database).statements == ()
    building.do(f"DROP OWNED BY {', '.join(fresh + name for name in privileges.GROUPS)}")


def test_beside_a_long_upgrade_it_is_busy(database, building, monkeypatch):
    monkeypatch.setattr(roles, "WAIT_SECONDS", 0)
    building.do("SELECT pg_advisory_lock(%s)", upgrade.LOCK)
    with pytest.raises(errors.Busy):
        roles.install(database)


def test_a_database_that_is_not_upgraded_is_not_touched(empty_url, opened):
    with pytest.raises(errors.SchemaOlder):
        roles.install(opened(empty_url))


def test_the_owner_of_a_website_who_may_create_roles_needs_nobody(fresh, own, opened):
    mine, ours, _ = own
    outcome = roles.install(opened(mine))
    assert (outcome.refused, outcome.excesses) == (None, ())
    assert roles.plan(opened(ours)).statements == ()


def test_an_owner_who_may_not_create_roles_is_told_so_and_gets_the_sql(fresh, own, opened, building):
    mine, ours, owner = own
    building.do(f"ALTER ROLE {owner} NOCREATEROLE")
    database = opened(mine)
    outcome = roles.install(database)
    assert (
        outcome.refused
        == f"The account used for {database.name} may not create roles, so nothing was changed."
    )
    assert outcome.statements == roles.plan(database).statements
    with psycopg.connect(ours.replace("postgresql+psycopg", "postgresql")) as connection:
        for statement in outcome.statements:
            connection.execute(statement)
    assert roles.install(database) == roles.Outcome((), None, ())


def test_an_owner_who_may_not_create_roles_needs_nobody_once_they_are_there(own, opened, building):
    mine, ours, owner = own
    building.do(f"ALTER ROLE {owner} NOCREATEROLE")
    assert roles.install(opened(mine)).refused is None
    assert roles.plan(opened(ours)).statements == ()


def test_somebody_who_owns_nothing_is_told_so_and_changes_nothing(own, opened, url_of, building, acls):
    building.do("REVOKE SELECT (title) ON events FROM greenroom_door")
    before = acls()
    database = opened(url_of("admin"))
    outcome = roles.install(database)
    assert outcome.refused == (
        f"The account used for {database.name} may not grant these privileges, so nothing was changed."
    )
    assert outcome.statements == ("GRANT SELECT (title) ON public.events TO greenroom_door",)
    assert acls() == before


def test_what_an_account_lacks_of_its_group_is_told(connected, building):
    for name in privileges.GROUPS:
        with connected(name).transaction() as tx:
            assert roles_checked.lacking(tx) == ()
    building.do("REVOKE SELECT (held) ON package_seats FROM greenroom_door")
    building.do("REVOKE EXECUTE ON FUNCTION greenroom.has_staff() FROM greenroom_door")
    with connected("door").transaction() as tx:
        assert roles_checked.lacking(tx) == (
            "SELECT on public.package_seats",
            "EXECUTE on greenroom.has_staff()",
        )
    with connected("nobody").transaction() as tx:
        assert (
            "EXECUTE on greenroom.add_staff(uuid,text,text,text,text,text,boolean)"
            in roles_checked.lacking(tx)
        )


def test_the_command_says_what_it_did_and_how_to_let_somebody_in(database_url, building, capsys):
    building.do("REVOKE SELECT (held) ON package_seats FROM greenroom_door")
    assert run(["db", "roles", "--database", database_url]) == 0
    said = capsys.readouterr().out
    assert "brought in order by one statement" in said
    assert "greenroom_door " in said
    assert "CREATE ROLE north_gate LOGIN IN ROLE greenroom_door;" in said
    assert run(["db", "roles", "--database", database_url]) == 0
    assert "as they should be already" in capsys.readouterr().out


def test_the_plan_is_sql_that_psql_takes_and_everything_else_goes_elsewhere(
    database_url, building, capsys, fresh
):
    assert run(["db", "roles", "--plan", "--database", database_url]) == 0
    told = capsys.readouterr()
    assert "nothing was changed" in told.err
    building.do(told.out)
    assert run(["db", "roles", "--plan", "--database", database_url]) == 0
    assert capsys.readouterr().out == ""
    building.do(f"DROP OWNED BY {', '.join(fresh + name for name in privileges.GROUPS)}")


def test_the_command_of_somebody_who_may_not_prints_the_sql_for_the_owner(url_of, building, capsys):
    building.do("REVOKE SELECT (held) ON package_seats FROM greenroom_door")
    assert run(["db", "roles", "--database", url_of("admin")]) == 1
    told = capsys.readouterr()
    assert told.out == "BEGIN;\nGRANT SELECT (held) ON public.package_seats TO greenroom_door;\nCOMMIT;\n"
    assert "may not grant these privileges, so nothing was changed" in told.err


def test_the_command_fails_while_everybody_may_do_what_nobody_should(database_url, building, capsys):
    building.do("GRANT SELECT ON users TO PUBLIC")
    assert run(["db", "roles", "--database", database_url]) == 1
    assert "REVOKE SELECT ON public.users FROM PUBLIC;" in capsys.readouterr().err


def test_taking_the_roles_out_of_a_database_again_leaves_what_was_there(database, building, acls, fresh):
    before = acls()
    roles.install(database)
    building.do(f"DROP OWNED BY {', '.join(fresh + name for name in privileges.GROUPS)}")
    building.do(f"DROP ROLE {', '.join(fresh + name for name in privileges.GROUPS)}")
    assert acls() == before


def test_new_functions_of_ours_are_nobodys_until_the_table_says_so(building):
    """Each revision revokes them from PUBLIC in its own transaction: default privileges would do it for the
    website's functions as well, which is not ours to change."""
    assert building.rows("SELECT * FROM pg_default_acl") == []
    open_to_all = building.rows(
        "SELECT proname AS name FROM pg_proc WHERE pronamespace = 'greenroom'::regnamespace"
        " AND has_function_privilege('public', oid, 'EXECUTE') ORDER BY 1"
    )
    assert [row["name"] for row in open_to_all] == ["fold", "holds_seat"]
