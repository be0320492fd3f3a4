-- step: Add the functions that mend what is derived

-- What “greenroom db check --repair” calls: one package, one event, one piece of a waitlist at a time, each call a
-- transaction by itself (concurrency.md). Each decides under the lock whether there is anything to mend, so
-- calling it for nothing changes nothing, and writes its log row beside the change (ruling 23).

-- Recounts a package's seats; what was mended as a sentence, NULL when the counter is right. Whoever changed a
-- registration and is not done yet either holds the counter's row, then we wait and see the change, or waits for it
-- behind us, then it adds its seats to what we wrote. Without a row there is nothing to wait for: then nobody may
-- write registrations while they are counted. row_security = off: a policy must not hide people from the count.
CREATE OR REPLACE FUNCTION greenroom.repair_seats(p_actor uuid, p_package uuid) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' SET row_security = off AS $$
DECLARE
  v_seats    public.package_seats;
  v_title    text;
  v_capacity integer;
  v_held     integer;
  v_done     text;
BEGIN
  v_seats := greenroom.lock_package(p_package);
  IF v_seats.package_id IS NULL THEN
    LOCK TABLE public.event_registrations IN SHARE MODE;
  END IF;
  SELECT p.capacity, greenroom.package_title(p.id) INTO v_capacity, v_title
    FROM public.packages p WHERE p.id = p_package;
  IF NOT FOUND THEN
    IF v_seats.package_id IS NULL THEN RETURN NULL; END IF;
    DELETE FROM public.package_seats s WHERE s.package_id = p_package;
    v_done := 'Removed the seat counter of a package that is gone';
  ELSE
    SELECT count(*) INTO v_held FROM public.event_registrations r
     WHERE r.package_id = p_package AND greenroom.holds_seat(r.status);
    IF v_seats.held = v_held AND v_seats.capacity IS NOT DISTINCT FROM v_capacity THEN RETURN NULL; END IF;
    INSERT INTO public.package_seats AS s (package_id, capacity, held) VALUES (p_package, v_capacity, v_held)
    ON CONFLICT (package_id) DO UPDATE SET capacity = excluded.capacity, held = excluded.held
      WHERE (s.capacity, s.held) IS DISTINCT FROM (excluded.capacity, excluded.held);
    IF NOT FOUND THEN RETURN NULL; END IF;  -- another repair made it meanwhile
    v_done := format('Recounted the seats of %s: %s held%s%s', v_title, v_held,
      CASE WHEN v_seats.package_id IS NULL THEN ' (there was no counter)'
           WHEN v_seats.held <> v_held THEN format(' (the counter said %s)', v_seats.held) ELSE '' END,
      CASE WHEN v_seats.package_id IS NOT NULL AND v_seats.capacity IS DISTINCT FROM v_capacity
           THEN format(', capacity %s (the counter said %s)', coalesce(v_capacity::text, 'without limit'),
                       coalesce(v_seats.capacity::text, 'without limit')) ELSE '' END);
  END IF;
  PERFORM greenroom.log(p_actor, 'repair.seats', v_done, p_package);
  RETURN v_done;
END $$;

-- Lists an event's packages again (ruling 22): those that are right stay where they are in the list, the missing
-- come behind them. The triggers that follow packages lock the event as we do, and look at the list once more
-- when they get it.
CREATE OR REPLACE FUNCTION greenroom.repair_packages_ids(p_actor uuid, p_event uuid) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  v_listed uuid[];
  v_right  uuid[];
  v_title  text;
  v_done   text;
BEGIN
  SELECT ARRAY(SELECT unnest(e.packages_ids)), coalesce(e.title, 'an untitled event') INTO v_listed, v_title
    FROM public.events e WHERE e.id = p_event FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  v_right := ARRAY(SELECT p.id FROM public.packages p WHERE p.event_id = p_event
                    ORDER BY array_position(v_listed, p.id) NULLS LAST, p.created_at, p.id);
  IF v_right = v_listed THEN RETURN NULL; END IF;
  UPDATE public.events e SET packages_ids = v_right WHERE e.id = p_event;
  v_done := format('Listed the packages of “%s” again: %s (the list had %s)', v_title, cardinality(v_right),
                   cardinality(v_listed));
  PERFORM greenroom.log(p_actor, 'repair.packages_ids', v_done, p_event);
  RETURN v_done;
END $$;

-- Numbers a waitlist 1..n again, p_most places at a time (ruling 10, greenroom.close_gaps); how many places it
-- changed. The caller goes on while that is p_most or more.
CREATE OR REPLACE FUNCTION greenroom.repair_waitlist(p_actor uuid, p_package uuid, p_most integer)
RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  v_moved integer := greenroom.close_gaps(p_package, p_most);
BEGIN
  IF v_moved > 0 THEN
    PERFORM greenroom.log(p_actor, 'repair.waitlist',
              format('Numbered the waitlist of %s again: %s %s changed', greenroom.package_title(p_package), v_moved,
                     CASE v_moved WHEN 1 THEN 'place' ELSE 'places' END), p_package);
  END IF;
  RETURN v_moved;
END $$;

REVOKE ALL ON FUNCTION greenroom.repair_seats(uuid, uuid), greenroom.repair_packages_ids(uuid, uuid),
                       greenroom.repair_waitlist(uuid, uuid, integer) FROM PUBLIC;
