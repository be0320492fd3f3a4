-- Many registrations in one call, each decided by itself, and taken back again. A call takes at most a hundred rows,
-- because their packages' seats are locked until it ends.

-- step: Take back what was done to a registration

-- Brings a registration from what an operation left to what it was before. p_undo, as greenroom.in_bulk told it: status,
-- package, registered_at, cancelled_at and order as the operation left them; before: status, package, place; promoted,
-- promoted_place: who got the seat, and from where in the queue.
--
-- The ticket, the date of registration and the place in the waitlist are those of before: this takes back a mistake that
-- nobody has acted on, it is not a registration made again (ruling 12). Whoever got the seat gives it back only when it
-- is the one that is needed, and keeps it when they have paid, came in, cancelled or were moved since.
-- outcome: undone, not_found, changed, already, full, seat_taken, paid, paying, price_differs, order_shared, or why the
-- package is closed.
CREATE OR REPLACE FUNCTION greenroom.take_back(
  p_actor uuid, p_registration uuid, p_undo jsonb, p_what text,
  OUT outcome text, OUT who text, OUT email text, OUT status text, OUT package_id uuid, OUT package_name text,
  OUT event_title text, OUT place integer, OUT back_who text, OUT back_id uuid, OUT paid numeric, OUT price numeric,
  OUT currency text, OUT sold_in text, OUT held integer, OUT capacity integer, OUT from_package uuid, OUT promoted_id uuid, OUT promoted_who text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_was     jsonb := p_undo -> 'before';
  v_seated  boolean := v_was ->> 'status' = 'registered';
  v_moved   boolean;
  v_carried boolean;
  v_reg     public.event_registrations;
  v_order   public.orders;
  v_next    public.event_registrations;
  v_paying  text;
  v_event   uuid;
BEGIN
  -- Only what bulk operations leave and take (ruling 14): attendance has its ledger.
  IF (p_undo ->> 'status' IN ('registered', 'waitlisted', 'cancelled')
      AND v_was ->> 'status' IN ('registered', 'waitlisted')) IS NOT TRUE THEN
    RAISE EXCEPTION 'no bulk operation leaves that' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  from_package := (p_undo ->> 'package')::uuid;
  package_id := (v_was ->> 'package')::uuid;
  v_moved := from_package <> package_id;
  PERFORM greenroom.lock_seats(ARRAY[from_package, package_id]);
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  who := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);
  email := v_reg.attendee_email;
  status := v_reg.status;
  SELECT p.name, p.price, p.event_id, e.title, s.held, s.capacity
    INTO package_name, price, v_event, event_title, held, capacity
    FROM public.packages p JOIN public.package_seats s ON s.package_id = p.id
    LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = take_back.package_id;
  outcome := CASE
    WHEN v_reg.id IS NULL THEN 'not_found'
    WHEN (v_reg.status, v_reg.package_id, v_reg.registered_at, v_reg.cancelled_at) IS DISTINCT FROM
         (p_undo ->> 'status', from_package, (p_undo ->> 'registered_at')::timestamp, (p_undo ->> 'cancelled_at')::timestamp)
      THEN 'changed'
    WHEN package_name IS NULL THEN 'package_not_found'
    WHEN v_moved AND v_event IS DISTINCT FROM v_reg.event_id THEN 'changed'  -- the package is another event's by now
    ELSE greenroom.closed_because(package_id) END;
  IF outcome IS NOT NULL THEN RETURN; END IF;
  IF (v_moved OR status = 'cancelled')
     AND greenroom.address_taken(p_registration, package_id, email, NOT v_moved) IS NOT NULL THEN
    outcome := 'already';
    status := greenroom.address_taken(p_registration, package_id, email, NOT v_moved);
    RETURN;
  END IF;
  SELECT * INTO v_order FROM public.orders o WHERE o.id = v_reg.order_id FOR UPDATE NOWAIT;
  paid := v_order.amount_paid;
  currency := v_order.currency;
  sold_in := coalesce(
    (SELECT nullif(btrim(to_jsonb(p) ->> 'currency'), '') FROM public.packages p WHERE p.id = package_id),
    (SELECT o.currency FROM public.orders o WHERE o.package_id = take_back.package_id AND o.id <> v_order.id
      ORDER BY o.purchased_at DESC, o.id LIMIT 1), currency);
  v_carried := v_order.id = (p_undo ->> 'order')::uuid;
  outcome := CASE
    WHEN v_order.payment_status = 'pending' AND v_order.payment_gateway <> 'desk'
         AND (v_moved OR status = 'registered') THEN 'paying'
    WHEN v_order.payment_status IS DISTINCT FROM 'paid' THEN NULL
    WHEN status = 'registered' AND NOT v_seated THEN 'paid'
    WHEN NOT v_moved OR v_order.package_id = package_id THEN NULL
    WHEN v_carried IS NOT TRUE AND (sold_in <> currency OR v_order.amount_paid <> price
         AND price <> (SELECT p.price FROM public.packages p WHERE p.id = from_package)) THEN 'price_differs'
    WHEN EXISTS (SELECT FROM public.event_registrations r
                  WHERE r.order_id = v_order.id AND r.id <> p_registration) THEN 'order_shared' END;
  IF outcome IS NOT NULL THEN RETURN; END IF;

  IF v_seated AND (v_moved OR status <> 'registered') AND held >= capacity THEN
    IF held - 1 >= capacity OR p_undo ->> 'promoted' IS NULL THEN
      outcome := 'full';
      RETURN;
    END IF;
    SELECT * INTO v_next FROM public.event_registrations r
     WHERE r.id = (p_undo ->> 'promoted')::uuid AND r.package_id = take_back.package_id FOR UPDATE NOWAIT;
    SELECT o.payment_status INTO v_paying FROM public.orders o
     WHERE o.id = v_next.order_id
       AND (o.payment_status = 'paid' OR o.payment_status = 'pending' AND o.payment_gateway <> 'desk')
       FOR UPDATE NOWAIT;
    back_who := greenroom.called(v_next.attendee_name, v_next.attendee_email);
    IF v_next.status IS DISTINCT FROM 'registered' OR v_paying IS NOT NULL THEN
      outcome := CASE WHEN v_next.status IN ('registered', 'attended') THEN 'seat_taken' ELSE 'full' END;
      RETURN;
    END IF;
    back_id := v_next.id;
    place := greenroom.room_in_queue(package_id, (p_undo ->> 'promoted_place')::integer,
                                     (p_undo ->> 'promoted_position')::integer);
    UPDATE public.event_registrations r SET status = 'waitlisted', waitlist_position = take_back.place
     WHERE r.id = back_id;
    PERFORM greenroom.close_desk_order(v_next.order_id);
    PERFORM greenroom.log(p_actor, 'registration.put_back',
      format('Put %s back on the waitlist of %s: the %s of %s was taken back', back_who,
             greenroom.package_title(package_id), p_what, who), back_id);
  END IF;

  outcome := 'undone';
  status := v_was ->> 'status';
  place := CASE WHEN NOT v_seated THEN greenroom.room_in_queue(package_id, (v_was ->> 'place')::integer,
                                                               (p_undo ->> 'position')::integer) END;
  BEGIN
    UPDATE public.event_registrations r
       SET status = take_back.status, package_id = take_back.package_id, waitlist_position = take_back.place,
           cancelled_at = CASE WHEN v_reg.status <> 'cancelled' THEN r.cancelled_at END
     WHERE r.id = p_registration;
  EXCEPTION WHEN unique_violation THEN  -- the website wrote this address since we looked
    RAISE EXCEPTION 'the address was written meanwhile' USING ERRCODE = 'serialization_failure';
  END;
  IF v_moved AND v_order.payment_status = 'paid' THEN
    UPDATE public.orders o SET package_id = take_back.package_id WHERE o.id = v_order.id;
  ELSIF v_moved OR NOT v_seated THEN
    PERFORM greenroom.close_desk_order(v_order.id);
  END IF;
  IF v_seated AND greenroom.needs_order(package_id) THEN
    PERFORM greenroom.order_for(p_registration, NULL);
  END IF;
  PERFORM greenroom.log(p_actor, 'registration.undo',
    format('Took back the %s of %s: %s%s → %s%s%s', p_what, who, v_reg.status,
           CASE WHEN v_moved THEN format(' in %s', greenroom.package_title(from_package)) ELSE '' END, status,
           ' at #' || place, CASE WHEN v_moved OR v_reg.status = 'cancelled'
                                  THEN format(' in %s, with the same ticket', greenroom.package_title(package_id))
                                  ELSE format(' in %s', greenroom.package_title(package_id)) END), p_registration);
  IF v_moved AND v_reg.status = 'registered' THEN
    SELECT * INTO promoted_id, promoted_who
      FROM greenroom.pass_seat_on(p_actor, from_package, NULL, format('the %s of %s was taken back', p_what, who));
  END IF;
END $$;
REVOKE ALL ON FUNCTION greenroom.take_back(uuid, uuid, jsonb, text) FROM PUBLIC;

-- step: Do the same to many registrations

-- Where in their waitlists those of p_ids are that wait, in the order of p_ids.
CREATE OR REPLACE FUNCTION greenroom.places_of(p_ids uuid[]) RETURNS integer[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg(w.place::integer ORDER BY i.n)
    FROM unnest(p_ids) WITH ORDINALITY AS i(id, n)
    LEFT JOIN (SELECT x.id, row_number() OVER (PARTITION BY x.package_id
                        ORDER BY x.waitlist_position NULLS LAST, x.registered_at, x.id) AS place
                 FROM public.event_registrations x
                WHERE x.status = 'waitlisted'
                  AND x.package_id IN (SELECT r.package_id FROM public.event_registrations r
                                        WHERE r.id = ANY (p_ids) AND r.status = 'waitlisted')) w ON w.id = i.id
$$;

-- p_verb: cancel, promote, move, put_back or undo. p_rows: objects with id, done in their order, and what the verb needs:
-- package, when_full (move), undo (undo). p_ways, for an undo: the places
-- that will be taken in each package's waitlist (greenroom.make_way). Each row is decided and written by itself: one that is refused, or that
-- somebody else holds ('busy'), stops no other. All seats are locked first, in id order, then the rows.
-- answer: what the verb's function told; undo: what takes it back.
CREATE OR REPLACE FUNCTION greenroom.in_bulk(
  p_actor uuid, p_verb text, p_rows jsonb, p_reason text, p_except uuid[], p_ways jsonb)
RETURNS TABLE (n integer, registration_id uuid, outcome text, who text, answer jsonb, undo jsonb) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_ids    uuid[];
  v_locked uuid[];
  v_free   uuid[];
  v_places integer[];
  v_left   integer[] := '{}';  -- who left a waitlist so far: the place before the first row, 0 for who was next
  v_of     uuid[] := '{}';     -- and the packages of these waitlists
  v_row    jsonb;
  v_was    public.event_registrations;
  v_is     public.event_registrations;
  v_head   uuid[];
  v_place  integer;
  v_next   uuid;
BEGIN
  IF p_verb NOT IN ('cancel', 'promote', 'move', 'put_back', 'undo') OR jsonb_array_length(p_rows) > 100 THEN
    RAISE EXCEPTION '% of % rows', p_verb, jsonb_array_length(p_rows) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  v_ids := ARRAY(SELECT (x.value ->> 'id')::uuid FROM jsonb_array_elements(p_rows) WITH ORDINALITY AS x ORDER BY x.ordinality);
  v_locked := ARRAY(
    SELECT r.package_id FROM public.event_registrations r WHERE r.id = ANY (v_ids)
    UNION SELECT (x.value ->> 'package')::uuid FROM jsonb_array_elements(p_rows) AS x
    UNION SELECT (x.value #>> '{undo,package}')::uuid FROM jsonb_array_elements(p_rows) AS x
    UNION SELECT (x.value #>> '{undo,before,package}')::uuid FROM jsonb_array_elements(p_rows) AS x);
  PERFORM greenroom.lock_seats(v_locked);
  -- Not who was moved elsewhere since: whoever holds seats waits for no others.
  v_free := ARRAY(SELECT r.id FROM public.event_registrations r
                   WHERE r.id = ANY (v_ids) AND r.package_id = ANY (v_locked) ORDER BY r.id FOR UPDATE SKIP LOCKED);
  PERFORM greenroom.make_way(w.key::uuid, ARRAY(SELECT p.value::integer FROM jsonb_array_elements_text(w.value) p), NULL)
     FROM jsonb_each(p_ways) w;
  v_places := greenroom.places_of(v_ids);

  FOR n IN 1 .. coalesce(cardinality(v_ids), 0) LOOP
    v_row := p_rows -> (n - 1);
    registration_id := v_ids[n];
    outcome := NULL;
    who := NULL;
    answer := '{}';
    undo := NULL;
    v_next := NULL;
    SELECT * INTO v_was FROM public.event_registrations r WHERE r.id = registration_id;
    IF v_was.id IS NOT NULL AND v_was.id <> ALL (v_free) THEN
      outcome := 'busy';
      who := greenroom.called(v_was.attendee_name, v_was.attendee_email);
      RETURN NEXT;
      CONTINUE;
    END IF;
    IF v_was.status = 'waitlisted' THEN
      v_place := v_places[n] - (SELECT count(*) FROM unnest(v_of, v_left) AS l(package_id, place)
                                 WHERE l.package_id = v_was.package_id AND l.place < v_places[n]);
    ELSE
      v_place := NULL;
      v_head := greenroom.head_of_queue(v_was.package_id);
    END IF;

    BEGIN  -- a row that cannot be done leaves nothing behind
      CASE p_verb
        WHEN 'cancel' THEN
          SELECT to_jsonb(f) INTO answer FROM greenroom.cancel(p_actor, registration_id, p_reason) f;
        WHEN 'promote' THEN
          SELECT to_jsonb(f) INTO answer FROM greenroom.promote(p_actor, NULL, registration_id, 1) f;
        WHEN 'move' THEN
          SELECT to_jsonb(f) INTO answer
            FROM greenroom.move(p_actor, registration_id, (v_row ->> 'package')::uuid, v_row ->> 'when_full', p_reason) f;
        WHEN 'put_back' THEN
          SELECT to_jsonb(f) INTO answer FROM greenroom.put_back(p_actor, registration_id, p_reason, p_except) f;
        ELSE
          SELECT to_jsonb(f) INTO answer FROM greenroom.take_back(p_actor, registration_id, v_row -> 'undo', p_reason) f;
      END CASE;
      outcome := answer ->> 'outcome';
    EXCEPTION
      WHEN lock_not_available OR serialization_failure THEN
        outcome := 'busy';
      WHEN check_violation THEN  -- a trigger of the website's own took the seat while we gave it
        GET STACKED DIAGNOSTICS outcome = CONSTRAINT_NAME;
        IF outcome <> 'package_capacity' THEN RAISE; END IF;
        outcome := 'busy';
    END;

    who := coalesce(answer ->> 'who', answer #>> '{names,0}', greenroom.called(v_was.attendee_name, v_was.attendee_email));
    SELECT * INTO v_is FROM public.event_registrations r WHERE r.id = registration_id;
    IF p_verb <> 'undo' AND (v_was.status, v_was.package_id) IS DISTINCT FROM (v_is.status, v_is.package_id) THEN
      IF v_was.status = 'waitlisted' THEN
        v_left := v_left || v_places[n];
        v_of := v_of || v_was.package_id;
      END IF;
      v_next := (answer ->> 'promoted_id')::uuid;
      IF v_next IS NOT NULL THEN
        v_left := v_left || 0;
        v_of := v_of || v_was.package_id;
      END IF;
      undo := jsonb_build_object(
        'status', v_is.status, 'package', v_is.package_id, 'registered_at', v_is.registered_at,
        'cancelled_at', v_is.cancelled_at, 'order', answer ->> 'carried_order', 'promoted', v_next,
        'promoted_place', coalesce((answer ->> 'promoted_place')::integer, array_position(v_head, v_next), 1),
        'before', jsonb_build_object('status', v_was.status, 'package', v_was.package_id, 'place', v_place));
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION greenroom.places_of(uuid[]), greenroom.in_bulk(uuid, text, jsonb, text, uuid[], jsonb) FROM PUBLIC;
