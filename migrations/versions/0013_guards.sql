-- step: Count again before a seat is refused

-- A counter hears of a statement when its triggers run, and a statement may do several things: an INSERT beside an
-- UPDATE in a WITH, a MERGE, or a trigger of the website's own that promotes the next person when somebody cancels,
-- which PostgreSQL runs before the cancellation is counted. Each of these met a full counter although no seat too
-- many was taken, and a site whose cancelling promotes by trigger could not cancel any more. So before a seat is
-- refused, the people are counted: their rows are written by now, whatever the counter has heard of.
--
-- First without a lock, so that a stampede on a sold-out package queues for nothing. When there seems to be a seat,
-- once more under the counter's lock: whoever else changed seats of this package has committed, and is counted, or
-- waits behind us. At REPEATABLE READ the lock itself fails (40001) when the snapshot is older than that. The counter
-- may stand above the capacity until the rest of the statement is counted; nobody else sees it before that.
--
-- row_security = off: a policy must not hide people from the count; it fails rather than count too few.
CREATE OR REPLACE FUNCTION greenroom.move_seats(p_package uuid, p_delta bigint) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
  v_seats public.package_seats;
  v_taken bigint;
BEGIN
  UPDATE public.package_seats s SET held = s.held + p_delta
   WHERE s.package_id = p_package
     AND (p_delta <= 0 OR s.capacity IS NULL OR s.held + p_delta <= s.capacity);
  IF FOUND OR p_delta <= 0 THEN  -- freeing a seat is never refused
    RETURN;
  END IF;
  SELECT * INTO v_seats FROM public.package_seats s WHERE s.package_id = p_package;
  IF v_seats.package_id IS NULL THEN
    RAISE EXCEPTION 'package % has no seat counter', p_package
      USING ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'package_seats_missing',
            TABLE = 'event_registrations', SCHEMA = 'public',
            HINT = 'It was written while triggers were off. "greenroom db check --repair" counts its seats.';
  END IF;
  SELECT count(*) INTO v_taken FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status IN ('registered', 'attended');
  IF v_taken <= coalesce(v_seats.capacity, v_taken) THEN
    SELECT * INTO v_seats FROM public.package_seats s WHERE s.package_id = p_package FOR UPDATE;
    SELECT count(*) INTO v_taken FROM public.event_registrations r
     WHERE r.package_id = p_package AND r.status IN ('registered', 'attended');
    IF v_taken <= coalesce(v_seats.capacity, v_taken) THEN
      UPDATE public.package_seats s SET held = s.held + p_delta WHERE s.package_id = p_package;
      RETURN;
    END IF;
  END IF;
  RAISE EXCEPTION 'package % is full: % of % seats are held', p_package, v_seats.held, v_seats.capacity
    USING ERRCODE = 'check_violation', CONSTRAINT = 'package_capacity', TABLE = 'event_registrations',
          SCHEMA = 'public';
END $$;
REVOKE ALL ON FUNCTION greenroom.move_seats(uuid, bigint) FROM PUBLIC;

-- step: Keep the counters right when the registrations are truncated

-- TRUNCATE takes away rows a REPEATABLE READ snapshot does not see, and their counters with it: one that looks right
-- in the snapshot kept a seat of somebody who was gone. There is no way to see them, so it is refused there.
CREATE OR REPLACE FUNCTION greenroom.count_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'TRUNCATE of % needs READ COMMITTED: the seat counters must be seen as they are', TG_TABLE_NAME
      USING ERRCODE = 'feature_not_supported', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
  END IF;
  PERFORM 1 FROM public.package_seats s WHERE s.held <> 0 ORDER BY s.package_id FOR UPDATE;
  UPDATE public.package_seats SET held = 0 WHERE held <> 0;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION greenroom.count_truncated() FROM PUBLIC;

-- step: List a package under its new id when it gets one

-- Moves between events were followed, another id was not (ruling 22).
CREATE TRIGGER trg_pkg_rename_update_event_array AFTER UPDATE OF id ON packages
  FOR EACH ROW WHEN (OLD.id <> NEW.id)
  EXECUTE FUNCTION greenroom.follow_packages();
