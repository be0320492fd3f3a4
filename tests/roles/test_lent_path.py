"""What runs with the owner's rights while the website's triggers fire inside our functions, and who might plant it."""

from __future__ import annotations

import psycopg
import pytest

REGISTER = "SELECT outcome FROM greenroom.register(%s, %s, %s, NULL, NULL, 'waitlist', NULL, NULL)"


@pytest.fixture
def noting(building):
    """A website that notes addresses by a trigger whose names are not qualified."""
    building.do("CREATE TABLE public.notes (what text, by text DEFAULT current_user)")
    building.do(
        "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO notes (what) VALUES (lower(NEW.attendee_email)); RETURN NULL; END $$"
    )
    building.do(
        "CREATE TRIGGER note AFTER INSERT ON event_registrations FOR EACH ROW EXECUTE FUNCTION public.note()"
    )


def test_somebody_who_may_create_in_public_plants_nothing_that_runs_as_the_owner(
    building, session, logins, noting
):
    login = logins["organizer"]
    actor, package = building.user(), building.package()
    building.do(f"GRANT CREATE ON SCHEMA public TO {login}")
    try:
        organizer = session("organizer")
        organizer.execute("CREATE TABLE public.stolen AS SELECT current_user::text AS by")
        organizer.execute("GRANT ALL ON public.stolen TO PUBLIC")
        organizer.execute(
            "CREATE FUNCTION public.lower(character varying) RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO public.stolen SELECT current_user || password_hash FROM public.users; RETURN $1; END $$"
        )
        building.do("UPDATE users SET password_hash = 'secret'")
        with pytest.raises(
            psycopg.errors.UndefinedTable
        ):  # the trigger's table, as where everybody may create
            organizer.execute(REGISTER, (actor, package, "ann@example.org"))
        assert building.rows("SELECT * FROM public.stolen WHERE by LIKE '%%secret'") == []
    finally:
        building.do("DROP FUNCTION IF EXISTS public.lower(character varying)")
        building.do("DROP TABLE IF EXISTS public.stolen")
        building.do(f"REVOKE CREATE ON SCHEMA public FROM {login}")


def test_the_owner_of_the_tables_may_create_in_public_by_name(building, session, noting):
    actor, package = building.user(), building.package()
    building.do("GRANT CREATE ON SCHEMA public TO CURRENT_USER")
    assert session("organizer").execute(REGISTER, (actor, package, "A@example.org")).fetchone()[0] == (
        "registered"
    )
    assert building.value("SELECT what FROM public.notes") == "a@example.org"


def test_the_path_is_our_own_again_whatever_the_triggers_wrote_meanwhile(building, session):
    """A trigger with a path as ours, which writes another table whose path is lent, took the note of the first one."""
    actor, package = building.user(), building.package()
    building.do(
        "CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS"
        " $$ BEGIN UPDATE public.users SET status = status; RETURN NEW; END $$"
    )
    building.do(
        "CREATE TRIGGER touch BEFORE INSERT ON event_registrations FOR EACH ROW EXECUTE FUNCTION public.touch()"
    )
    building.do("CREATE TABLE public.paths (path text)")
    building.do(
        "CREATE FUNCTION public.saw() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO public.paths VALUES (current_setting('search_path')); RETURN NULL; END $$"
    )
    organizer = session("organizer")
    building.do(
        "CREATE FUNCTION greenroom.twice(a uuid, b uuid) RETURNS text LANGUAGE plpgsql SECURITY DEFINER"
        " SET search_path = pg_catalog, pg_temp AS $$ BEGIN"
        " PERFORM greenroom.register(a, b, 'ann@example.org', NULL, NULL, 'refuse', NULL, NULL);"
        " INSERT INTO public.event_registrations (event_id, package_id, attendee_email)"
        "   SELECT event_id, id, 'ben@example.org' FROM public.packages WHERE id = b;"
        " RETURN current_setting('search_path') || '/' || current_setting('greenroom.lent'); END $$"
    )
    try:
        told = organizer.execute("SELECT greenroom.twice(%s, %s)", (actor, package)).fetchone()[0]
        assert told == "pg_catalog, pg_temp/"
        organizer.execute("SET greenroom.lent = '1'")
        told = organizer.execute("SELECT greenroom.twice(%s, %s)", (actor, building.package())).fetchone()[0]
        assert told.startswith("pg_catalog, pg_temp/")
    finally:
        building.do("DROP FUNCTION greenroom.twice(uuid, uuid)")


def test_a_temporary_table_of_the_callers_with_a_trigger_gets_nothing_to_run(building, session, noting):
    actor, package = building.user(), building.package()
    organizer = session("organizer")
    organizer.execute("CREATE TEMP TABLE notes (what text)")
    organizer.execute(
        "CREATE FUNCTION pg_temp.caught() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'as %', current_user; END $$"
    )
    organizer.execute(
        "CREATE TRIGGER caught BEFORE INSERT ON pg_temp.notes FOR EACH ROW EXECUTE FUNCTION pg_temp.caught()"
    )
    organizer.execute(REGISTER, (actor, package, "ann@example.org"))
    assert organizer.execute("SELECT * FROM pg_temp.notes").fetchall() == []


@pytest.mark.parametrize(
    "name", ["import_rows", "import_known", "import_plan", "import_match", "import_buyers"]
)
@pytest.mark.parametrize("kind", ["TABLE {} (line int)", "VIEW {} AS SELECT 1 AS line", "SEQUENCE {}"])
def test_an_import_uses_no_temporary_thing_of_the_callers(name, kind, building, session):
    """A table of the caller's could have a trigger, which would run with the owner's rights."""
    actor, package = building.user(), building.package()
    organizer = session("organizer")
    organizer.execute("CREATE TEMP " + kind.format(name))
    with pytest.raises(psycopg.errors.DuplicateTable):
        organizer.execute(
            'SELECT outcome FROM greenroom.import_registrations(%s, %s, \'[{"line": 1, "email": "a@b.c",'
            ' "wish": "seat", "meta": {}}]\', \'f\', false)',
            (actor, package),
        )
