-- Windows are told of changes by anybody, the website included: one notification a statement on channel "greenroom",
-- {"table": …, "did": "insert|update|delete", "ids": […], "of": […]}: ids and nothing else, for everybody who may
-- connect can listen. "of" is what the rows belong to: events of registrations and packages, packages of orders,
-- registrations of check-ins, subjects of log entries. It wakes; what is true is read (concurrency.md).
--
-- A transaction that changes more than a hundred rows is bulk work. From there on only what the rows belong to is told,
-- once, because equal notifications collapse: an import of 10,000 rows, or 10,000 inserts before one COMMIT, is a
-- hundred ids and a few notifications more. A hundred ids and a hundred of theirs fit into the 7,999 bytes there are.
-- greenroom.told counts them; a SET LOCAL, so a ROLLBACK TO SAVEPOINT takes back what it takes back of the
-- notifications.
--
-- A NOTIFY makes commits queue for a moment. Whoever cannot have that switches it off for a role or a session:
-- greenroom.notify = 'off'.
--
-- No website's transaction fails because of it (greenroom.may_tell). PostgreSQL refuses to prepare a transaction that
-- notified: where a server has prepared transactions at all, only Greenroom's own sessions tell, and those that say
-- greenroom.notify = 'on'. And it refuses to commit when its queue of notifications is full, because some listener stands
-- still in a transaction: nothing is told from half of that on.

-- step: How changes are told
CREATE FUNCTION greenroom.may_tell() RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp AS $$
  SELECT (current_setting('max_prepared_transactions') = '0' OR current_setting('greenroom.notify', true) = 'on'
          OR current_setting('application_name') = 'greenroom')
     AND pg_notification_queue_usage() < 0.5
$$;
REVOKE ALL ON FUNCTION greenroom.may_tell() FROM PUBLIC;

CREATE FUNCTION greenroom.tell(p_table text, p_did text, p_ids uuid[], p_of uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_told int := coalesce(nullif(current_setting('greenroom.told', true), ''), '0')::int + cardinality(p_ids);
BEGIN
  IF NOT coalesce(greenroom.may_tell(), false) THEN
    RETURN;
  END IF;
  IF v_told <= 100 THEN
    PERFORM set_config('greenroom.told', v_told::text, true);
  END IF;
  PERFORM pg_notify('greenroom', concat(
    '{"table":"', p_table, '","did":"', p_did, '"',
    CASE WHEN v_told <= 100 THEN concat(',"ids":', array_to_json(p_ids)) END,
    CASE WHEN cardinality(p_of) <= 100 THEN concat(',"of":', array_to_json(p_of)) END, '}'));
END $$;
REVOKE ALL ON FUNCTION greenroom.tell(text, text, uuid[], uuid[]) FROM PUBLIC;

CREATE FUNCTION greenroom.tell_registrations() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_ids uuid[];
  v_of  uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    v_ids := ARRAY(SELECT n.id FROM new_rows n LIMIT 101);
    v_of := ARRAY(SELECT DISTINCT n.event_id FROM new_rows n ORDER BY n.event_id LIMIT 101);
  ELSIF TG_OP = 'UPDATE' THEN
    v_ids := ARRAY(SELECT n.id FROM new_rows n LIMIT 101);
    v_of := ARRAY(SELECT n.event_id FROM new_rows n UNION SELECT o.event_id FROM old_rows o ORDER BY 1 LIMIT 101);
  ELSE
    v_ids := ARRAY(SELECT o.id FROM old_rows o LIMIT 101);
    v_of := ARRAY(SELECT DISTINCT o.event_id FROM old_rows o ORDER BY o.event_id LIMIT 101);
  END IF;
  IF v_ids <> '{}' THEN
    PERFORM greenroom.tell(TG_TABLE_NAME, lower(TG_OP), v_ids, v_of);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION greenroom.tell_packages() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_ids uuid[];
  v_of  uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    v_ids := ARRAY(SELECT n.id FROM new_rows n LIMIT 101);
    v_of := ARRAY(SELECT DISTINCT n.event_id FROM new_rows n WHERE n.event_id IS NOT NULL ORDER BY 1 LIMIT 101);
  ELSIF TG_OP = 'UPDATE' THEN
    v_ids := ARRAY(SELECT n.id FROM new_rows n LIMIT 101);
    v_of := ARRAY(SELECT n.event_id FROM new_rows n WHERE n.event_id IS NOT NULL
                  UNION SELECT o.event_id FROM old_rows o WHERE o.event_id IS NOT NULL ORDER BY 1 LIMIT 101);
  ELSE
    v_ids := ARRAY(SELECT o.id FROM old_rows o LIMIT 101);
    v_of := ARRAY(SELECT DISTINCT o.event_id FROM old_rows o WHERE o.event_id IS NOT NULL ORDER BY 1 LIMIT 101);
  END IF;
  IF v_ids <> '{}' THEN
    PERFORM greenroom.tell(TG_TABLE_NAME, lower(TG_OP), v_ids, v_of);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION greenroom.tell_orders() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_ids uuid[];
  v_of  uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    v_ids := ARRAY(SELECT n.id FROM new_rows n LIMIT 101);
    v_of := ARRAY(SELECT DISTINCT n.package_id FROM new_rows n ORDER BY n.package_id LIMIT 101);
  ELSIF TG_OP = 'UPDATE' THEN
    v_ids := ARRAY(SELECT n.id FROM new_rows n LIMIT 101);
    v_of := ARRAY(SELECT n.package_id FROM new_rows n UNION SELECT o.package_id FROM old_rows o ORDER BY 1 LIMIT 101);
  ELSE
    v_ids := ARRAY(SELECT o.id FROM old_rows o LIMIT 101);
    v_of := ARRAY(SELECT DISTINCT o.package_id FROM old_rows o ORDER BY o.package_id LIMIT 101);
  END IF;
  IF v_ids <> '{}' THEN
    PERFORM greenroom.tell(TG_TABLE_NAME, lower(TG_OP), v_ids, v_of);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION greenroom.tell_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_ids uuid[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    v_ids := ARRAY(SELECT o.id FROM old_rows o LIMIT 101);
  ELSE
    v_ids := ARRAY(SELECT n.id FROM new_rows n LIMIT 101);
  END IF;
  IF v_ids <> '{}' THEN
    PERFORM greenroom.tell(TG_TABLE_NAME, lower(TG_OP), v_ids, '{}');
  END IF;
  RETURN NULL;
END $$;

-- The two ledgers only grow.
CREATE FUNCTION greenroom.tell_log() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_ids uuid[] := ARRAY(SELECT n.id FROM new_rows n LIMIT 101);
BEGIN
  IF v_ids <> '{}' THEN
    PERFORM greenroom.tell(TG_TABLE_NAME, lower(TG_OP), v_ids,
      ARRAY(SELECT DISTINCT n.subject_id FROM new_rows n WHERE n.subject_id IS NOT NULL ORDER BY 1 LIMIT 101));
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION greenroom.tell_check_ins() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_ids uuid[] := ARRAY(SELECT n.id FROM new_rows n LIMIT 101);
BEGIN
  IF v_ids <> '{}' THEN
    PERFORM greenroom.tell(TG_TABLE_NAME, lower(TG_OP), v_ids,
      ARRAY(SELECT DISTINCT n.registration_id FROM new_rows n ORDER BY n.registration_id LIMIT 101));
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION greenroom.tell_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF greenroom.may_tell() THEN
    PERFORM pg_notify('greenroom', concat('{"table":"', TG_TABLE_NAME, '","did":"delete"}'));
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION greenroom.tell_registrations(), greenroom.tell_packages(), greenroom.tell_orders(),
                       greenroom.tell_events(), greenroom.tell_log(), greenroom.tell_check_ins(),
                       greenroom.tell_truncated() FROM PUBLIC;

-- step: Tell of changes of event_registrations
CREATE TRIGGER trg_tell_insert AFTER INSERT ON event_registrations REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_registrations();
CREATE TRIGGER trg_tell_update AFTER UPDATE ON event_registrations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_registrations();
CREATE TRIGGER trg_tell_delete AFTER DELETE ON event_registrations REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_registrations();
CREATE TRIGGER trg_tell_truncate AFTER TRUNCATE ON event_registrations
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_truncated();

-- step: Tell of changes of packages
CREATE TRIGGER trg_tell_insert AFTER INSERT ON packages REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_packages();
CREATE TRIGGER trg_tell_update AFTER UPDATE ON packages REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_packages();
CREATE TRIGGER trg_tell_delete AFTER DELETE ON packages REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_packages();
CREATE TRIGGER trg_tell_truncate AFTER TRUNCATE ON packages
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_truncated();

-- step: Tell of changes of orders
CREATE TRIGGER trg_tell_insert AFTER INSERT ON orders REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_orders();
CREATE TRIGGER trg_tell_update AFTER UPDATE ON orders REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_orders();
CREATE TRIGGER trg_tell_delete AFTER DELETE ON orders REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_orders();
CREATE TRIGGER trg_tell_truncate AFTER TRUNCATE ON orders
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_truncated();

-- step: Tell of changes of events
CREATE TRIGGER trg_tell_insert AFTER INSERT ON events REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_events();
CREATE TRIGGER trg_tell_update AFTER UPDATE ON events REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_events();
CREATE TRIGGER trg_tell_delete AFTER DELETE ON events REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_events();
CREATE TRIGGER trg_tell_truncate AFTER TRUNCATE ON events
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_truncated();

-- step: Tell of changes of admin_logs
CREATE TRIGGER trg_tell_insert AFTER INSERT ON admin_logs REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_log();

-- step: Tell of changes of check_ins
CREATE TRIGGER trg_tell_insert AFTER INSERT ON check_ins REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (current_setting('greenroom.notify', true) IS DISTINCT FROM 'off')
  EXECUTE FUNCTION greenroom.tell_check_ins();
