-- What staff do with a registration that is there: another package, back to the waitlist, back from a cancellation.
-- Lock order as everywhere (0009): seats of both packages in id order, the registration, its order.

-- step: What moving, putting back and reviving share

-- The seats of several packages, in id order. For the first one we wait as everybody does, holding nothing; for the
-- others as briefly as for a row, because by then somebody may be waiting for what we hold.
CREATE OR REPLACE FUNCTION greenroom.lock_seats(p_packages uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  v_package uuid;
  v_first   boolean := true;
BEGIN
  FOR v_package IN SELECT DISTINCT u.p FROM unnest(p_packages) AS u(p) WHERE u.p IS NOT NULL ORDER BY u.p LOOP
    IF v_first THEN
      PERFORM greenroom.lock_package(v_package);
    ELSE
      PERFORM 1 FROM public.package_seats s WHERE s.package_id = v_package FOR UPDATE;
    END IF;
    v_first := false;
  END LOOP;
END $$;

-- Somebody else's registration of the same person in the package, whatever the case of the address (ruling 13); its
-- status, NULL when there is none. p_living: cancelled ones do not count.
CREATE OR REPLACE FUNCTION greenroom.address_taken(p_registration uuid, p_package uuid, p_email text, p_living boolean)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_sort = off AS $$
DECLARE
  v_email text := lower(p_email);
BEGIN
  -- BETWEEN and the inner order leave the planner one index, also while it has no statistics of a growing package.
  RETURN (SELECT x.status FROM (
            SELECT r.id, r.status, r.registered_at FROM public.event_registrations r
             WHERE r.package_id = p_package AND lower(r.attendee_email) BETWEEN v_email AND v_email
             ORDER BY lower(r.attendee_email) OFFSET 0) x
           WHERE x.id <> p_registration AND NOT (p_living AND x.status = 'cancelled')
           ORDER BY (x.status = 'cancelled'), x.registered_at, x.id LIMIT 1);
END $$;

-- True after the deadline that binds the public (ruling 15).
CREATE OR REPLACE FUNCTION greenroom.is_late(p_package uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(timezone('UTC', now()) > coalesce(p.package_registration_deadline, e.registration_deadline), false)
    FROM public.packages p LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = p_package
$$;

-- An order the desk opened and nobody paid goes with the seat. The website's own pending orders are its gateway's
-- business, and a paid one is refunded by a person (ruling 18).
CREATE OR REPLACE FUNCTION greenroom.close_desk_order(p_order uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM 1 FROM public.orders o WHERE o.id = p_order FOR UPDATE NOWAIT;
  UPDATE public.orders o SET payment_status = 'failed'
   WHERE o.id = p_order AND o.payment_status = 'pending' AND o.payment_gateway = 'desk';
END $$;

-- The first hundred of a waitlist, in the order of ruling 10.
CREATE OR REPLACE FUNCTION greenroom.head_of_queue(p_package uuid) RETURNS uuid[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(w.id ORDER BY w.waitlist_position NULLS LAST, w.registered_at, w.id)
    FROM (SELECT r.id, r.waitlist_position, r.registered_at FROM public.event_registrations r
           WHERE r.package_id = p_package AND r.status = 'waitlisted'
           ORDER BY r.waitlist_position NULLS LAST, r.registered_at, r.id LIMIT 100) w
$$;

-- A seat that became free goes to the next in line (ruling 11), unless that is one of p_except, who were put back
-- behind everybody and would only get their own seats again. Nobody is promoted to an event that is over (decision
-- 0006). promoted_place: where in the queue that person was.
CREATE OR REPLACE FUNCTION greenroom.pass_seat_on(
  p_actor uuid, p_package uuid, p_except uuid[], p_because text,
  OUT promoted_id uuid, OUT promoted_who text, OUT promoted_place integer)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_head uuid[];
BEGIN
  IF NOT EXISTS (SELECT FROM public.package_seats s
                  WHERE s.package_id = p_package AND (s.capacity IS NULL OR s.held < s.capacity))
     OR greenroom.closed_because(p_package) IS NOT NULL
     OR EXISTS (SELECT FROM public.packages p JOIN public.events e ON e.id = p.event_id
                 WHERE p.id = p_package
                   AND coalesce(e.end_time, e.start_time + interval '24 hours') < timezone('UTC', now())) THEN
    RETURN;
  END IF;
  v_head := greenroom.head_of_queue(p_package);
  IF v_head IS NULL OR v_head[1] = ANY (p_except) THEN
    RETURN;
  END IF;
  IF p_except IS NULL THEN
    promoted_id := greenroom.give_seat(p_actor, p_package, NULL, p_because);
  ELSE
    BEGIN
      promoted_id := greenroom.give_seat(p_actor, p_package, NULL, p_because);
      IF promoted_id = ANY (p_except) THEN  -- everybody before them was passed over
        RAISE EXCEPTION 'nobody else' USING ERRCODE = 'no_data_found';
      END IF;
    EXCEPTION WHEN no_data_found THEN
      promoted_id := NULL;
    END;
  END IF;
  IF promoted_id IS NULL THEN RETURN; END IF;
  promoted_place := coalesce(array_position(v_head, promoted_id), 1);
  SELECT greenroom.called(r.attendee_name, r.attendee_email) INTO promoted_who
    FROM public.event_registrations r WHERE r.id = promoted_id;
END $$;

-- Moves those who wait up to where they are once people are at p_places among them (the places they will have in the
-- end), p_most rows each time; how many were moved: the caller goes on while that is p_most. From the back, so that the
-- order is the same at every moment. In short transactions before somebody comes back into a queue of thousands, because
-- room for one at its front is a new number for everybody; what is in its way then costs nothing (ruling 10).
CREATE OR REPLACE FUNCTION greenroom.make_way(p_package uuid, p_places integer[], p_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  v_due uuid[];
  v_to  integer[];
BEGIN
  PERFORM greenroom.lock_package(p_package);
  PERFORM greenroom.next_place(p_package);  -- whoever has no place gets one first
  SELECT array_agg(d.id), array_agg(d.place) INTO v_due, v_to FROM (
    SELECT w.id, w.place + coalesce(b.n, 0) AS place
      FROM (SELECT x.id, x.waitlist_position, 
                   row_number() OVER (ORDER BY x.waitlist_position, x.registered_at, x.id)::integer AS place
              FROM public.event_registrations x WHERE x.package_id = p_package AND x.status = 'waitlisted') w
      CROSS JOIN LATERAL (
        SELECT count(*)::integer AS n
          FROM (SELECT u.p - row_number() OVER (ORDER BY u.p) + 1 AS before FROM unnest(p_places) AS u(p)) c
         WHERE c.before <= w.place) b
     WHERE w.waitlist_position < w.place + b.n ORDER BY w.place DESC LIMIT p_most) d;
  PERFORM 1 FROM public.event_registrations r WHERE r.id = ANY (v_due) ORDER BY r.id FOR UPDATE NOWAIT;
  UPDATE public.event_registrations r SET waitlist_position = d.place
    FROM unnest(v_due, v_to) AS d(id, place) WHERE r.id = d.id;
  RETURN coalesce(cardinality(v_due), 0);
END $$;

-- The position that makes somebody the p_place'th of a waitlist: p_position when that is free and right, else one that
-- is made free; the end without a place, or when fewer are waiting. The caller holds the package's lock.
CREATE OR REPLACE FUNCTION greenroom.room_in_queue(p_package uuid, p_place integer, p_position integer)
RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_end    integer := greenroom.next_place(p_package);  -- whoever has no place gets one first
  v_here   integer;
  v_before integer;
BEGIN
  IF p_place IS NULL THEN RETURN v_end; END IF;
  FOR v_try IN 1..2 LOOP
    SELECT max(w.waitlist_position) FILTER (WHERE w.turn = greatest(p_place, 1)),
           coalesce(max(w.waitlist_position) FILTER (WHERE w.turn = p_place - 1), 0) INTO v_here, v_before
      FROM (SELECT r.waitlist_position, row_number() OVER (ORDER BY r.waitlist_position, r.registered_at, r.id) AS turn
              FROM public.event_registrations r WHERE r.package_id = p_package AND r.status = 'waitlisted'
             ORDER BY r.waitlist_position, r.registered_at, r.id LIMIT greatest(p_place, 1)) w;
    IF v_here IS NULL THEN RETURN greatest(v_end, p_position); END IF;
    EXIT WHEN v_before <> v_here;
    PERFORM greenroom.number_waitlist(p_package);  -- two have the same place, and the person belongs between them
  END LOOP;
  IF v_before < p_position AND p_position < v_here THEN RETURN p_position; END IF;
  IF v_here - v_before > 1 THEN RETURN v_here - 1; END IF;
  PERFORM 1 FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted' AND r.waitlist_position >= v_here
   ORDER BY r.id FOR UPDATE NOWAIT;
  UPDATE public.event_registrations r SET waitlist_position = r.waitlist_position + 1
   WHERE r.package_id = p_package AND r.status = 'waitlisted' AND r.waitlist_position >= v_here;
  RETURN v_here;
END $$;

REVOKE ALL ON FUNCTION
  greenroom.lock_seats(uuid[]), greenroom.address_taken(uuid, uuid, text, boolean), greenroom.is_late(uuid),
  greenroom.close_desk_order(uuid), greenroom.head_of_queue(uuid),
  greenroom.pass_seat_on(uuid, uuid, uuid[], text), greenroom.make_way(uuid, integer[], integer),
  greenroom.room_in_queue(uuid, integer, integer) FROM PUBLIC;

-- step: Revive a cancelled registration

-- The same row with a new date and a new ticket (ruling 12); a seat while there are seats and nobody waits, else the
-- end of the waitlist ('waitlist') or a refusal ('refuse'). Who has paid and was not refunded waits for nothing.
-- outcome: registered, waitlisted, not_found, wrong_state, already, full, paid, or why the package is closed.
CREATE OR REPLACE FUNCTION greenroom.revive(
  p_actor uuid, p_registration uuid, p_when_full text,
  OUT outcome text, OUT who text, OUT email text, OUT status text, OUT package_id uuid, OUT package_name text,
  OUT event_title text, OUT place integer, OUT order_id uuid, OUT payment_status text, OUT late boolean,
  OUT held integer, OUT capacity integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_seats public.package_seats;
  v_reg   public.event_registrations;
  v_seat  boolean;
BEGIN
  SELECT r.package_id INTO package_id FROM public.event_registrations r WHERE r.id = p_registration;
  IF package_id IS NULL THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  v_seats := greenroom.lock_package(package_id);
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  IF v_reg.package_id IS DISTINCT FROM package_id THEN
    RAISE EXCEPTION 'the registration moved to another package meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  SELECT p.name, e.title INTO package_name, event_title
    FROM public.packages p LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = package_id;
  who := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);
  email := v_reg.attendee_email;
  status := v_reg.status;
  held := v_seats.held;
  capacity := v_seats.capacity;
  late := greenroom.is_late(package_id);
  IF status <> 'cancelled' THEN
    outcome := 'wrong_state';
    RETURN;
  END IF;
  outcome := greenroom.closed_because(package_id);
  IF outcome IS NOT NULL THEN RETURN; END IF;
  IF greenroom.address_taken(p_registration, package_id, email, true) IS NOT NULL THEN
    outcome := 'already';
    status := greenroom.address_taken(p_registration, package_id, email, true);
    RETURN;
  END IF;

  SELECT o.payment_status INTO payment_status FROM public.orders o
   WHERE o.id = v_reg.order_id AND o.package_id = v_reg.package_id FOR UPDATE NOWAIT;
  v_seat := (capacity IS NULL OR held < capacity)
            AND NOT EXISTS (SELECT FROM public.event_registrations r
                             WHERE r.package_id = revive.package_id AND r.status = 'waitlisted');
  IF NOT v_seat AND (p_when_full = 'refuse' OR payment_status = 'paid') THEN
    outcome := CASE WHEN payment_status = 'paid' THEN 'paid' ELSE 'full' END;
    RETURN;
  END IF;
  outcome := CASE WHEN v_seat THEN 'registered' ELSE 'waitlisted' END;
  status := outcome;
  place := CASE WHEN NOT v_seat THEN greenroom.next_place(package_id) END;
  UPDATE public.event_registrations r
     SET status = revive.status, waitlist_position = place, cancelled_at = NULL,
         registered_at = timezone('UTC', now()), registration_token = gen_random_uuid()
   WHERE r.id = p_registration;
  place := CASE WHEN NOT v_seat THEN greenroom.place_of(p_registration) END;  -- the position may have gaps before it
  IF v_seat THEN
    held := held + 1;
    IF greenroom.needs_order(package_id) THEN
      order_id := greenroom.order_for(p_registration, NULL);
      SELECT o.payment_status INTO payment_status FROM public.orders o WHERE o.id = order_id;
    END IF;
  END IF;
  PERFORM greenroom.log(p_actor, 'registration.revive',
    format('Registered again %s %s %s%s%s', who, CASE WHEN v_seat THEN 'for' ELSE 'on the waitlist of' END,
           greenroom.package_title(package_id), CASE WHEN NOT v_seat THEN format(' at #%s', place) ELSE '' END,
           CASE WHEN late THEN ', after the deadline' ELSE '' END),
    p_registration);
END $$;
REVOKE ALL ON FUNCTION greenroom.revive(uuid, uuid, text) FROM PUBLIC;

-- step: Put somebody back on the waitlist

-- Takes somebody's seat and puts them at the end of the waitlist (ruling 14: only by a person, with a reason); the seat
-- goes to the next in line, but to nobody of p_except. Who has paid keeps the seat until the order is refunded.
-- outcome: waitlisted, not_found, wrong_state, paid, paying, or why the package is closed.
CREATE OR REPLACE FUNCTION greenroom.put_back(
  p_actor uuid, p_registration uuid, p_reason text, p_except uuid[],
  OUT outcome text, OUT who text, OUT status text, OUT package_id uuid, OUT package_name text,
  OUT event_title text, OUT place integer, OUT promoted_id uuid, OUT promoted_who text, OUT promoted_place integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_reg   public.event_registrations;
  v_order public.orders;
BEGIN
  IF btrim(coalesce(p_reason, '')) = '' THEN
    RAISE EXCEPTION 'a reason is needed' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT r.package_id INTO package_id FROM public.event_registrations r WHERE r.id = p_registration;
  IF package_id IS NULL THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  PERFORM greenroom.lock_package(package_id);
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  IF v_reg.package_id IS DISTINCT FROM package_id THEN
    RAISE EXCEPTION 'the registration moved to another package meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  SELECT p.name, e.title INTO package_name, event_title
    FROM public.packages p LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = package_id;
  who := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);
  status := v_reg.status;
  IF status <> 'registered' THEN
    outcome := 'wrong_state';
    RETURN;
  END IF;
  outcome := greenroom.closed_because(package_id);
  IF outcome IS NOT NULL THEN RETURN; END IF;
  SELECT * INTO v_order FROM public.orders o WHERE o.id = v_reg.order_id FOR UPDATE NOWAIT;
  outcome := CASE WHEN v_order.payment_status = 'paid' THEN 'paid'
                  WHEN v_order.payment_status = 'pending' AND v_order.payment_gateway <> 'desk' THEN 'paying' END;
  IF outcome IS NOT NULL THEN RETURN; END IF;

  outcome := 'waitlisted';
  status := outcome;
  place := greenroom.next_place(package_id);
  UPDATE public.event_registrations r SET status = 'waitlisted', waitlist_position = place
   WHERE r.id = p_registration;
  place := greenroom.place_of(p_registration);  -- the position may have gaps before it
  PERFORM greenroom.close_desk_order(v_reg.order_id);
  PERFORM greenroom.log(p_actor, 'registration.put_back',
    format('Put %s back on the waitlist of %s at #%s: %s', who, greenroom.package_title(package_id), place,
           btrim(p_reason)), p_registration);
  SELECT * INTO promoted_id, promoted_who, promoted_place
    FROM greenroom.pass_seat_on(p_actor, package_id, p_except || p_registration,
                                who || ' was put back on the waitlist');
END $$;
REVOKE ALL ON FUNCTION greenroom.put_back(uuid, uuid, text, uuid[]) FROM PUBLIC;
