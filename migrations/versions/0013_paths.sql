-- Greenroom's functions look for nothing outside pg_catalog, and what they write fires the website's own triggers, whose
-- functions mostly say “outbox” where ours say public.outbox: without this they would not find their tables when staff
-- register somebody, and the work of both would fail. So while a statement of one of our functions fires triggers, the
-- path is the one the website's sessions have; before the function reads its next line it is our own again. The
-- statement itself was parsed before, so nobody can put anything in its way. A statement of the website's own is left
-- alone: WHEN looks at one setting and calls nothing.
--
-- pg_temp comes last, and nothing is lent where others than our owner may create in schema public (everybody may by
-- PostgreSQL 14's default): else they could put something in the triggers' way that runs with our owner's rights.
--
-- greenroom.lent is a stack of trigger depths: what a trigger writes may be lent the path once more.

-- step: Let the website's own triggers find their tables
CREATE OR REPLACE FUNCTION greenroom.lend_path() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_lent text := coalesce(pg_catalog.current_setting('greenroom.lent', true), '');
  v_here text := pg_catalog.concat(' ', pg_catalog.pg_trigger_depth());
BEGIN
  IF TG_WHEN = 'AFTER' THEN
    IF pg_catalog.right(v_lent, pg_catalog.length(v_here)) = v_here THEN
      PERFORM pg_catalog.set_config(
        'greenroom.lent', pg_catalog.left(v_lent, -pg_catalog.length(v_here)), true);
      PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    END IF;
  ELSIF NOT EXISTS (
      SELECT FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
       WHERE n.nspname = 'public' AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner
         AND (r.rolsuper OR r.rolname = current_user) IS NOT TRUE) THEN
    PERFORM pg_catalog.set_config('greenroom.lent', pg_catalog.concat(v_lent, v_here), true);
    PERFORM pg_catalog.set_config('search_path', 'public, pg_temp', true);
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
