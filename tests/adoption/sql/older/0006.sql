-- The "helper row" of section 5.9: one counter per package that no writer can push above the capacity
-- (ruling 8). Kept by AFTER ... FOR EACH STATEMENT triggers with transition tables and a conditional UPDATE,
-- packages in id order: a counter kept by BEFORE ROW triggers drifted under ON CONFLICT DO NOTHING, and a
-- trigger that counts rows oversold 15 of 15 rounds when the writer ran at REPEATABLE READ (concurrency.md).
-- SECURITY DEFINER: whoever may write a registration need not be allowed to write the counter.

CREATE TABLE package_seats (
  package_id UUID PRIMARY KEY REFERENCES packages(id) ON DELETE CASCADE ON UPDATE CASCADE,
  capacity   INT  NULL,
  held       INT  NOT NULL DEFAULT 0
);
COMMENT ON TABLE package_seats IS
  'Seats held (registered or attended) per package, kept by triggers; greenroom db check recounts them';

CREATE FUNCTION greenroom.holds_seat(p_status text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_status IN ('registered', 'attended');

CREATE FUNCTION greenroom.move_seats(p_package uuid, p_delta bigint) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_seats public.package_seats;
BEGIN
  UPDATE public.package_seats s SET held = s.held + p_delta
   WHERE s.package_id = p_package
     AND (p_delta <= 0 OR s.capacity IS NULL OR s.held + p_delta <= s.capacity);
  IF NOT FOUND AND p_delta > 0 THEN  -- freeing a seat is never refused
    SELECT * INTO v_seats FROM public.package_seats s WHERE s.package_id = p_package;
    RAISE EXCEPTION 'package % is full: % of % seats are held', p_package, v_seats.held, v_seats.capacity
      USING ERRCODE = 'check_violation', CONSTRAINT = 'package_capacity', TABLE = 'event_registrations',
            SCHEMA = 'public';
  END IF;
END $$;
REVOKE ALL ON FUNCTION greenroom.move_seats(uuid, bigint) FROM PUBLIC;

CREATE FUNCTION greenroom.count_inserted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v record;
BEGIN
  FOR v IN SELECT n.package_id, count(*) AS delta FROM new_rows n
            WHERE greenroom.holds_seat(n.status) GROUP BY n.package_id ORDER BY n.package_id
  LOOP
    PERFORM greenroom.move_seats(v.package_id, v.delta);
  END LOOP;
  RETURN NULL;
END $$;

CREATE FUNCTION greenroom.count_deleted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v record;
BEGIN
  FOR v IN SELECT o.package_id, count(*) AS delta FROM old_rows o
            WHERE greenroom.holds_seat(o.status) GROUP BY o.package_id ORDER BY o.package_id
  LOOP
    PERFORM greenroom.move_seats(v.package_id, -v.delta);
  END LOOP;
  RETURN NULL;
END $$;

CREATE FUNCTION greenroom.count_updated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v record;
BEGIN
  FOR v IN
    SELECT c.package_id, sum(c.delta) AS delta
      FROM (SELECT n.package_id,  1 AS delta FROM new_rows n WHERE greenroom.holds_seat(n.status)
            UNION ALL
            SELECT o.package_id, -1 FROM old_rows o WHERE greenroom.holds_seat(o.status)) c
     GROUP BY c.package_id HAVING sum(c.delta) <> 0 ORDER BY c.package_id
  LOOP
    PERFORM greenroom.move_seats(v.package_id, v.delta);
  END LOOP;
  RETURN NULL;
END $$;

CREATE FUNCTION greenroom.count_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE public.package_seats SET held = 0 WHERE held <> 0;
  RETURN NULL;
END $$;

-- The counter row is born with its package and follows its capacity. Lowering the capacity below the seats
-- held takes nobody's seat; it only keeps new ones away (ruling 8).
CREATE FUNCTION greenroom.follow_capacity() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO public.package_seats (package_id, capacity) SELECT n.id, n.capacity FROM new_rows n ORDER BY n.id;
  ELSE
    -- In id order, like every other writer of the counters; those that are retired or moved, too (see below).
    PERFORM 1 FROM public.package_seats s JOIN new_rows n ON n.id = s.package_id JOIN old_rows o ON o.id = n.id
      WHERE s.capacity IS DISTINCT FROM n.capacity OR o.event_id IS DISTINCT FROM n.event_id
         OR (o.is_active AND NOT n.is_active)
      ORDER BY s.package_id FOR UPDATE OF s;
    UPDATE public.package_seats s SET capacity = n.capacity
      FROM new_rows n WHERE n.id = s.package_id AND s.capacity IS DISTINCT FROM n.capacity;
  END IF;
  RETURN NULL;
END $$;

-- Whoever closes an event or retires a package takes the lock under which seats are given out. So the decision
-- to give one needs no lock on events or packages: nobody is registered behind the back of somebody who cancels
-- and then writes to everybody registered, and nobody who edits a description is in anybody's way.
CREATE FUNCTION greenroom.close_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM 1 FROM new_rows n
    JOIN old_rows o ON o.id = n.id
    JOIN public.packages p ON p.event_id = n.id
    JOIN public.package_seats s ON s.package_id = p.id
   WHERE o.status = 'published' AND o.deleted_at IS NULL
     AND (n.status <> 'published' OR n.deleted_at IS NOT NULL)
   ORDER BY s.package_id FOR UPDATE OF s;
  RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION greenroom.close_event(), greenroom.count_inserted(), greenroom.count_deleted(), greenroom.count_updated(),
                       greenroom.count_truncated(), greenroom.follow_capacity() FROM PUBLIC;

-- The first count and the triggers under one lock, in one transaction: nobody slips in between.
LOCK TABLE packages, event_registrations IN SHARE ROW EXCLUSIVE MODE;

INSERT INTO package_seats (package_id, capacity, held)
  SELECT p.id, p.capacity, count(r.id) FILTER (WHERE greenroom.holds_seat(r.status))
    FROM packages p LEFT JOIN event_registrations r ON r.package_id = p.id
   GROUP BY p.id;

CREATE TRIGGER trg_seats_insert AFTER INSERT ON event_registrations REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION greenroom.count_inserted();
CREATE TRIGGER trg_seats_delete AFTER DELETE ON event_registrations REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION greenroom.count_deleted();
CREATE TRIGGER trg_seats_update AFTER UPDATE ON event_registrations
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION greenroom.count_updated();
CREATE TRIGGER trg_seats_truncate AFTER TRUNCATE ON event_registrations
  FOR EACH STATEMENT EXECUTE FUNCTION greenroom.count_truncated();
CREATE TRIGGER trg_seats_package_insert AFTER INSERT ON packages REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION greenroom.follow_capacity();
CREATE TRIGGER trg_seats_package_update AFTER UPDATE ON packages
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION greenroom.follow_capacity();
CREATE TRIGGER trg_seats_event_update AFTER UPDATE ON events
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION greenroom.close_event();
