-- What registering, cancelling and promoting cost must not grow with the queue: 10,000 wait as cheaply as ten.
-- So nothing here counts or numbers everybody inside an operation: docs/decisions/0014-waitlist-cost.md.
-- A session keeps its plans, and makes them while a package is small: a hundred people are found by any index, or by
-- none, and then 100,000 are looked for in the same way until somebody gathers statistics (seen: 58 ms, not 1.4). So
-- the plans have no choice: with enable_sort = off only idx_event_regs_waiting yields the queue in its order, and only
-- idx_event_regs_folded_email yields addresses in theirs; enable_seqscan = off leaves the primary keys for the rest.

-- step: Read a waitlist by its index

-- The registrations of one person in a package: the address compared without case (ruling 13). BETWEEN, because what is
-- equal needs no order, and then every index will do.
CREATE OR REPLACE FUNCTION greenroom.same_person(p_package uuid, p_email text) RETURNS uuid[] LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_sort = off SET enable_seqscan = off AS $$
DECLARE
  v_email text := lower(p_email);
BEGIN
  RETURN ARRAY(SELECT r.id FROM public.event_registrations r
                WHERE r.package_id = p_package AND lower(r.attendee_email) BETWEEN v_email AND v_email
                ORDER BY lower(r.attendee_email));
END $$;

-- How many wait: counted up to 100. Beyond that as the places say it, last - first + 1, which is right at rest, and
-- too high by those who left the middle of the queue until the gaps are closed. Counting 10,000 took longer than all
-- the rest of an operation.
CREATE OR REPLACE FUNCTION greenroom.waiting(p_package uuid) RETURNS integer LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_sort = off AS $$
DECLARE
  v_counted integer;
  v_first   integer;
  v_last    integer;
BEGIN
  SELECT count(*) INTO v_counted FROM (
    SELECT FROM public.event_registrations r WHERE r.package_id = p_package AND r.status = 'waitlisted'
     ORDER BY r.waitlist_position, r.registered_at, r.id LIMIT 101) w;
  IF v_counted <= 100 THEN RETURN v_counted; END IF;
  SELECT r.waitlist_position INTO v_first FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted'
   ORDER BY r.waitlist_position, r.registered_at, r.id LIMIT 1;
  SELECT r.waitlist_position INTO v_last FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted' AND r.waitlist_position IS NOT NULL
   ORDER BY r.waitlist_position DESC, r.registered_at DESC, r.id DESC LIMIT 1;
  RETURN greatest(v_counted, coalesce(v_last - v_first + 1, 0) + (
    SELECT count(*) FROM public.event_registrations r
     WHERE r.package_id = p_package AND r.status = 'waitlisted' AND r.waitlist_position IS NULL));
END $$;

-- The number a waiting person is, 1 for the next: counted up to 100, because others write positions as they like;
-- beyond that as the places say it.
CREATE OR REPLACE FUNCTION greenroom.place_of(p_registration uuid) RETURNS integer LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_sort = off AS $$
DECLARE
  v_me      record;
  v_counted integer;
BEGIN
  SELECT r.package_id, r.waitlist_position, r.registered_at, r.id INTO v_me
    FROM public.event_registrations r WHERE r.id = p_registration;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF v_me.waitlist_position IS NULL THEN  -- behind everybody who has a place
    RETURN greenroom.waiting(v_me.package_id) - (
      SELECT count(*) FROM public.event_registrations r
       WHERE r.package_id = v_me.package_id AND r.status = 'waitlisted' AND r.waitlist_position IS NULL
         AND (r.registered_at, r.id) > (v_me.registered_at, v_me.id));
  END IF;
  SELECT count(*) INTO v_counted FROM (
    SELECT FROM public.event_registrations r
     WHERE r.package_id = v_me.package_id AND r.status = 'waitlisted'
       AND (r.waitlist_position, r.registered_at, r.id) < (v_me.waitlist_position, v_me.registered_at, v_me.id)
     ORDER BY r.waitlist_position, r.registered_at, r.id LIMIT 101) w;
  IF v_counted <= 100 THEN RETURN v_counted + 1; END IF;
  RETURN greatest(v_counted + 1, v_me.waitlist_position + 1 - (
    SELECT r.waitlist_position FROM public.event_registrations r
     WHERE r.package_id = v_me.package_id AND r.status = 'waitlisted'
     ORDER BY r.waitlist_position, r.registered_at, r.id LIMIT 1));
END $$;

-- True when everybody waiting is at the place that is their turn.
CREATE OR REPLACE FUNCTION greenroom.in_order(p_package uuid) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_sort = off AS $$
  SELECT NOT EXISTS (
    SELECT FROM (SELECT r.waitlist_position,
                        row_number() OVER (ORDER BY r.waitlist_position, r.registered_at, r.id) AS turn
                   FROM public.event_registrations r
                  WHERE r.package_id = p_package AND r.status = 'waitlisted') w
     WHERE w.waitlist_position IS DISTINCT FROM w.turn)
$$;

-- The place at the end of the queue. People others wrote without a place get theirs first, or they would be overtaken
-- (ruling 10); those who share one are ahead of it anyway. The caller holds the package's lock.
CREATE OR REPLACE FUNCTION greenroom.next_place(p_package uuid) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_sort = off SET lock_timeout = '100ms' AS $$
DECLARE
  v_last integer := coalesce((
    SELECT r.waitlist_position FROM public.event_registrations r
     WHERE r.package_id = p_package AND r.status = 'waitlisted' AND r.waitlist_position IS NOT NULL
     ORDER BY r.waitlist_position DESC, r.registered_at DESC, r.id DESC LIMIT 1), 0);
  v_lost uuid[];
BEGIN
  v_lost := ARRAY(SELECT r.id FROM public.event_registrations r
                   WHERE r.package_id = p_package AND r.status = 'waitlisted' AND r.waitlist_position IS NULL
                   ORDER BY r.registered_at, r.id);
  IF v_lost <> '{}' THEN
    PERFORM 1 FROM public.event_registrations r WHERE r.id = ANY (v_lost) ORDER BY r.id FOR UPDATE NOWAIT;
    UPDATE public.event_registrations r SET waitlist_position = v_last + l.turn
      FROM unnest(v_lost) WITH ORDINALITY AS l(id, turn)
     WHERE r.id = l.id AND r.status = 'waitlisted' AND r.waitlist_position IS NULL;
  END IF;
  RETURN v_last + cardinality(v_lost) + 1;
END $$;
REVOKE ALL ON FUNCTION greenroom.same_person(uuid, text), greenroom.waiting(uuid), greenroom.place_of(uuid),
                       greenroom.in_order(uuid),
                       greenroom.next_place(uuid) FROM PUBLIC;

-- step: Close the gaps of a waitlist behind everybody's back

-- Numbers a waitlist 1..n again (ruling 10), at most p_most places; how many it changed. The caller goes on while
-- that is p_most or more. No order is ever changed on the way: places that must grow, because somebody was written
-- twice at one place, grow from the back; then the others shrink from the front, those without a place last of all.
-- Looks without a lock first. Then it takes the package's seats only if nobody else has them: whoever registers or
-- promotes goes first, and this tries again later.
CREATE OR REPLACE FUNCTION greenroom.close_gaps(p_package uuid, p_most integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  v_done   integer := 0;
  v_ids    uuid[];
  v_places integer[];
  v_turns  integer[];
BEGIN
  IF greenroom.in_order(p_package) THEN RETURN 0; END IF;
  PERFORM 1 FROM public.package_seats s WHERE s.package_id = p_package FOR UPDATE NOWAIT;
  FOR v_growing IN 0..1 LOOP
    SELECT array_agg(d.id), array_agg(d.waitlist_position), array_agg(d.turn) INTO v_ids, v_places, v_turns
      FROM (SELECT w.* FROM (
              SELECT r.id, r.waitlist_position,
                     row_number() OVER (ORDER BY r.waitlist_position, r.registered_at, r.id) AS turn
                FROM public.event_registrations r
               WHERE r.package_id = p_package AND r.status = 'waitlisted') w
             WHERE CASE v_growing WHEN 0 THEN w.waitlist_position < w.turn
                                  ELSE coalesce(w.waitlist_position > w.turn, true) END
             ORDER BY CASE v_growing WHEN 0 THEN -w.turn ELSE w.turn END LIMIT p_most - v_done) d;
    CONTINUE WHEN v_ids IS NULL;
    PERFORM 1 FROM public.event_registrations r WHERE r.id = ANY (v_ids) ORDER BY r.id FOR UPDATE NOWAIT;
    UPDATE public.event_registrations r SET waitlist_position = d.turn
      FROM unnest(v_ids, v_places, v_turns) AS d(id, place, turn)
     WHERE r.id = d.id AND r.status = 'waitlisted' AND r.waitlist_position IS NOT DISTINCT FROM d.place;
    v_done := v_done + cardinality(v_ids);
    EXIT WHEN v_done >= p_most;
  END LOOP;
  RETURN v_done;
END $$;
REVOKE ALL ON FUNCTION greenroom.close_gaps(uuid, integer) FROM PUBLIC;
