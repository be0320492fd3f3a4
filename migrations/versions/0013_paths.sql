-- Greenroom's functions look for nothing outside pg_catalog, and what they write fires the website's own triggers, whose
-- functions mostly say “outbox” where ours say public.outbox: without this they would not find their tables when staff
-- register somebody, and the work of both would fail. So while a statement of one of our functions fires triggers, the
-- path is the one the website's sessions have; before the function reads its next line it is our own again. The
-- statement itself was parsed before, so nobody can put anything in its way. A statement of the website's own is left
-- alone: WHEN looks at one setting and calls nothing.
--
-- pg_temp comes last, and nothing is lent where everybody may create in schema public (PostgreSQL 14's default): else
-- whoever may call our functions could put something in the triggers' way that runs with our owner's rights.

-- step: Let the website's own triggers find their tables
CREATE OR REPLACE FUNCTION greenroom.lend_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_WHEN = 'BEFORE' AND pg_catalog.has_schema_privilege('public', 'public', 'CREATE') THEN
    RETURN NULL;
  ELSIF TG_WHEN = 'BEFORE' THEN
    PERFORM pg_catalog.set_config('greenroom.lent', pg_catalog.pg_trigger_depth()::text, true);
    PERFORM pg_catalog.set_config('search_path', 'public, pg_temp', true);
  ELSIF pg_catalog.current_setting('greenroom.lent') = pg_catalog.pg_trigger_depth()::text THEN
    PERFORM pg_catalog.set_config('greenroom.lent', '', true);
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION greenroom.lend_path() FROM PUBLIC;

-- step: … those of event_registrations
CREATE TRIGGER a_greenroom_path BEFORE INSERT OR UPDATE OR DELETE ON event_registrations FOR EACH STATEMENT
  WHEN (current_setting('search_path') = 'pg_catalog, pg_temp') EXECUTE FUNCTION greenroom.lend_path();
CREATE TRIGGER zzz_greenroom_path AFTER INSERT OR UPDATE OR DELETE ON event_registrations FOR EACH STATEMENT
  WHEN (current_setting('greenroom.lent', true) <> '') EXECUTE FUNCTION greenroom.lend_path();

-- step: … those of orders
CREATE TRIGGER a_greenroom_path BEFORE INSERT OR UPDATE OR DELETE ON orders FOR EACH STATEMENT
  WHEN (current_setting('search_path') = 'pg_catalog, pg_temp') EXECUTE FUNCTION greenroom.lend_path();
CREATE TRIGGER zzz_greenroom_path AFTER INSERT OR UPDATE OR DELETE ON orders FOR EACH STATEMENT
  WHEN (current_setting('greenroom.lent', true) <> '') EXECUTE FUNCTION greenroom.lend_path();

-- step: … those of users
CREATE TRIGGER a_greenroom_path BEFORE INSERT OR UPDATE OR DELETE ON users FOR EACH STATEMENT
  WHEN (current_setting('search_path') = 'pg_catalog, pg_temp') EXECUTE FUNCTION greenroom.lend_path();
CREATE TRIGGER zzz_greenroom_path AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH STATEMENT
  WHEN (current_setting('greenroom.lent', true) <> '') EXECUTE FUNCTION greenroom.lend_path();

-- step: … those of events
CREATE TRIGGER a_greenroom_path BEFORE INSERT OR UPDATE OR DELETE ON events FOR EACH STATEMENT
  WHEN (current_setting('search_path') = 'pg_catalog, pg_temp') EXECUTE FUNCTION greenroom.lend_path();
CREATE TRIGGER zzz_greenroom_path AFTER INSERT OR UPDATE OR DELETE ON events FOR EACH STATEMENT
  WHEN (current_setting('greenroom.lent', true) <> '') EXECUTE FUNCTION greenroom.lend_path();

-- step: … those of admin_logs
CREATE TRIGGER a_greenroom_path BEFORE INSERT OR UPDATE OR DELETE ON admin_logs FOR EACH STATEMENT
  WHEN (current_setting('search_path') = 'pg_catalog, pg_temp') EXECUTE FUNCTION greenroom.lend_path();
CREATE TRIGGER zzz_greenroom_path AFTER INSERT OR UPDATE OR DELETE ON admin_logs FOR EACH STATEMENT
  WHEN (current_setting('greenroom.lent', true) <> '') EXECUTE FUNCTION greenroom.lend_path();
