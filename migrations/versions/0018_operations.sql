-- As before, but that nobody counts the queue any more; and two operations of people who wait.

-- step: Register at a cost that does not grow with the waitlist

-- Adds a person to a package: a seat while there are seats and nobody waits, else the end of the waitlist
-- (p_when_full = 'waitlist') or a refusal ('refuse'). The same address in another case is the same person
-- (ruling 13); somebody who had cancelled is revived in the same row (ruling 12).
-- outcome: registered, waitlisted, full, already, paid (came back with an order that is paid: takes no second payment,
-- and waits for nothing), or why the package is closed. waitlist_position is what is stored; the person is number
-- `waiting`, which is the same at rest.
CREATE OR REPLACE FUNCTION greenroom.register(
  p_actor uuid, p_package uuid, p_email text, p_name text, p_phone text, p_when_full text, p_paid_with text,
  p_meta jsonb,
  OUT outcome text, OUT registration_id uuid, OUT status text, OUT waitlist_position integer,
  OUT order_id uuid, OUT revived boolean, OUT late boolean, OUT held integer, OUT capacity integer,
  OUT waiting integer, OUT package_name text, OUT event_title text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  v_seats public.package_seats;
  v_old   public.event_registrations;
  v_same  uuid[];
  v_seat  boolean;
  v_paid  boolean;
  v_money text := '';
BEGIN
  v_seats := greenroom.lock_package(p_package);
  SELECT p.name, e.title, coalesce(timezone('UTC', now())
           > coalesce(p.package_registration_deadline, e.registration_deadline), false)
    INTO package_name, event_title, late
    FROM public.packages p LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = p_package;
  held := v_seats.held;
  capacity := v_seats.capacity;
  outcome := greenroom.closed_because(p_package);
  IF outcome IS NOT NULL THEN RETURN; END IF;

  v_same := greenroom.same_person(p_package, p_email);
  SELECT * INTO v_old FROM public.event_registrations r
   WHERE r.id = ANY (v_same)
   ORDER BY (r.status = 'cancelled'), r.registered_at, r.id LIMIT 1 FOR UPDATE NOWAIT;
  IF v_old.id IS NOT NULL AND v_old.status <> 'cancelled' THEN
    outcome := 'already';
    registration_id := v_old.id;
    status := v_old.status;
    waitlist_position := v_old.waitlist_position;
    RETURN;
  END IF;

  waiting := greenroom.waiting(p_package);
  v_seat := waiting = 0 AND (capacity IS NULL OR held < capacity);
  v_paid := EXISTS (SELECT FROM public.orders o WHERE o.id = v_old.order_id AND o.package_id = p_package
                       AND o.payment_status = 'paid');
  IF v_paid AND (p_paid_with IS NOT NULL OR NOT v_seat) THEN
    outcome := 'paid';
    RETURN;
  END IF;
  IF NOT v_seat AND p_when_full = 'refuse' THEN
    outcome := 'full';
    RETURN;
  END IF;

  outcome := CASE WHEN v_seat THEN 'registered' ELSE 'waitlisted' END;
  status := outcome;
  waitlist_position := CASE WHEN NOT v_seat THEN greenroom.next_place(p_package) END;
  revived := v_old.id IS NOT NULL;
  IF revived THEN
    registration_id := v_old.id;
    UPDATE public.event_registrations r
       SET status = register.status, waitlist_position = register.waitlist_position, cancelled_at = NULL,
           registered_at = timezone('UTC', now()), registration_token = gen_random_uuid(),
           attendee_name = coalesce(p_name, r.attendee_name), phone_number = coalesce(p_phone, r.phone_number),
           registration_meta = coalesce(p_meta, r.registration_meta)
     WHERE r.id = v_old.id;
  ELSE
    INSERT INTO public.event_registrations (event_id, package_id, user_id, attendee_name, attendee_email, phone_number,
                                     status, waitlist_position, registration_meta, registered_at, created_at,
                                     updated_at)
    SELECT p.event_id, p.id,
           (SELECT u.id FROM public.users u WHERE lower(u.email) = lower(p_email) ORDER BY u.created_at, u.id LIMIT 1),
           p_name, lower(p_email), p_phone, register.status, register.waitlist_position, p_meta,
           timezone('UTC', now()), timezone('UTC', now()), timezone('UTC', now())
      FROM public.packages p WHERE p.id = p_package
    ON CONFLICT (package_id, attendee_email) DO NOTHING
    RETURNING id INTO registration_id;
    IF NOT FOUND THEN  -- the website wrote this address since we looked: it needs no lock to wait or to cancel
      RAISE EXCEPTION 'the address was written meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
  END IF;
  IF v_seat THEN
    held := held + 1;
    IF greenroom.needs_order(p_package) THEN
      order_id := greenroom.order_for(registration_id, p_paid_with);
      IF p_paid_with IS NOT NULL THEN
        v_money := (SELECT CASE p_paid_with
                      WHEN 'complimentary' THEN format(', %s waived', greenroom.money(p.price, o.currency))
                      ELSE format(', paid %s %s', greenroom.money(o.amount_paid, o.currency),
                                  greenroom.paid_how(p_paid_with, NULL)) END
                      FROM public.orders o JOIN public.packages p ON p.id = o.package_id
                     WHERE o.id = register.order_id);
      END IF;
    END IF;
  ELSE
    waiting := waiting + 1;
  END IF;
  PERFORM greenroom.log(p_actor, CASE WHEN revived THEN 'registration.revive' ELSE 'registration.add' END,
    format('%s %s %s %s%s%s%s', CASE WHEN revived THEN 'Registered again' ELSE 'Registered' END,
           greenroom.called(p_name, lower(p_email)),
           CASE WHEN v_seat THEN 'for' ELSE 'on the waitlist of' END,
           greenroom.package_title(p_package),
           CASE WHEN NOT v_seat THEN format(' at #%s', waiting) ELSE '' END,
           CASE WHEN late THEN ', after the deadline' ELSE '' END, v_money),
    registration_id);
END $$;
REVOKE ALL ON FUNCTION greenroom.register(uuid, uuid, text, text, text, text, text, jsonb) FROM PUBLIC;

-- step: Cancel at a cost that does not grow with the waitlist

-- Cancels a registration that is registered or waitlisted; a freed seat goes to the next person in the same
-- transaction (ruling 11), unless the event gives out no seats any more or is over. outcome: cancelled, not_found,
-- wrong_state.
CREATE OR REPLACE FUNCTION greenroom.cancel(
  p_actor uuid, p_registration uuid, p_reason text,
  OUT outcome text, OUT previous_status text, OUT package_id uuid, OUT who text, OUT payment_status text,
  OUT promoted_id uuid, OUT promoted_who text, OUT held integer, OUT capacity integer, OUT waiting integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  v_seats public.package_seats;
  v_reg   public.event_registrations;
  v_over  boolean;
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
  who := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);
  previous_status := v_reg.status;
  IF v_reg.status NOT IN ('registered', 'waitlisted') THEN
    outcome := 'wrong_state';
    RETURN;
  END IF;

  outcome := 'cancelled';
  UPDATE public.event_registrations r
     SET status = 'cancelled', cancelled_at = timezone('UTC', now()), waitlist_position = NULL
   WHERE r.id = p_registration;
  -- An order the desk opened and nobody paid is closed with the seat. The website's own pending orders are
  -- its gateway's business, and a paid one is refunded by a person (ruling 18).
  PERFORM 1 FROM public.orders o WHERE o.id = v_reg.order_id FOR UPDATE NOWAIT;
  UPDATE public.orders o SET payment_status = 'failed'
   WHERE o.id = v_reg.order_id AND o.payment_status = 'pending' AND o.payment_gateway = 'desk';
  SELECT o.payment_status INTO payment_status FROM public.orders o WHERE o.id = v_reg.order_id;
  PERFORM greenroom.log(p_actor, 'registration.cancel',
    format('Cancelled %s of %s (was %s)%s', who, greenroom.package_title(package_id), v_reg.status,
           coalesce(': ' || nullif(btrim(p_reason), ''), '')), p_registration);

  SELECT s.held INTO held FROM public.package_seats s WHERE s.package_id = cancel.package_id;
  capacity := v_seats.capacity;
  IF v_reg.status = 'registered' THEN
    SELECT coalesce(e.end_time, e.start_time + interval '24 hours') < timezone('UTC', now()) INTO v_over
      FROM public.events e WHERE e.id = v_reg.event_id;
    IF (capacity IS NULL OR held < capacity) AND v_over IS NOT TRUE
       AND greenroom.closed_because(package_id) IS NULL THEN
      promoted_id := greenroom.give_seat(p_actor, package_id, NULL, who || ' cancelled');
      IF promoted_id IS NOT NULL THEN
        held := held + 1;
        SELECT greenroom.called(r.attendee_name, r.attendee_email) INTO promoted_who
          FROM public.event_registrations r WHERE r.id = promoted_id;
      END IF;
    END IF;
  END IF;
  waiting := greenroom.waiting(package_id);
END $$;
REVOKE ALL ON FUNCTION greenroom.cancel(uuid, uuid, text) FROM PUBLIC;

-- step: Leave a waitlist, and change its order

-- Takes somebody off the waitlist, as cancel does, but never out of a seat that was given to them a moment ago.
-- outcome: as cancel; wrong_state for everybody who does not wait.
CREATE OR REPLACE FUNCTION greenroom.leave_waitlist(
  p_actor uuid, p_registration uuid, p_reason text,
  OUT outcome text, OUT previous_status text, OUT package_id uuid, OUT who text, OUT waiting integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
  SELECT r.package_id INTO package_id FROM public.event_registrations r WHERE r.id = p_registration;
  IF package_id IS NULL THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  PERFORM greenroom.lock_package(package_id);
  SELECT r.status, greenroom.called(r.attendee_name, r.attendee_email) INTO previous_status, who
    FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  IF previous_status IS DISTINCT FROM 'waitlisted' THEN
    outcome := CASE WHEN previous_status IS NULL THEN 'not_found' ELSE 'wrong_state' END;
    RETURN;
  END IF;
  SELECT c.outcome, c.waiting INTO outcome, waiting FROM greenroom.cancel(p_actor, p_registration, p_reason) c;
END $$;

-- Puts somebody who waits at another place of the queue, the last one when p_place is beyond it; those between move by
-- one. `others` are the people who were overtaken, or let pass, in their order. A person decides that, so there is a
-- reason (ruling 14). Numbers the whole queue on the way where it was not 1..n.
-- outcome: moved, unmoved (is there already), not_found, wrong_state.
CREATE OR REPLACE FUNCTION greenroom.move_in_waitlist(
  p_actor uuid, p_registration uuid, p_place integer, p_reason text,
  OUT outcome text, OUT status text, OUT package_id uuid, OUT package_name text, OUT who text, OUT old_place integer,
  OUT new_place integer, OUT others text[], OUT waiting integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  v_ids    uuid[];
  v_names  text[];
  v_places integer[];
BEGIN
  SELECT r.package_id INTO package_id FROM public.event_registrations r WHERE r.id = p_registration;
  IF package_id IS NULL THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  PERFORM greenroom.lock_package(package_id);
  SELECT p.name INTO package_name FROM public.packages p WHERE p.id = package_id;
  SELECT array_agg(r.id ORDER BY r.waitlist_position, r.registered_at, r.id),
         array_agg(greenroom.called(r.attendee_name, r.attendee_email)
                   ORDER BY r.waitlist_position, r.registered_at, r.id),
         array_agg(r.waitlist_position ORDER BY r.waitlist_position, r.registered_at, r.id)
    INTO v_ids, v_names, v_places
    FROM public.event_registrations r WHERE r.package_id = move_in_waitlist.package_id AND r.status = 'waitlisted';
  old_place := array_position(v_ids, p_registration);
  IF old_place IS NULL THEN
    SELECT r.status, greenroom.called(r.attendee_name, r.attendee_email) INTO status, who
      FROM public.event_registrations r WHERE r.id = p_registration;
    outcome := CASE WHEN status IS NULL THEN 'not_found' ELSE 'wrong_state' END;
    RETURN;
  END IF;
  who := v_names[old_place];
  waiting := cardinality(v_ids);
  new_place := least(greatest(p_place, 1), waiting);
  others := CASE WHEN new_place < old_place THEN v_names[new_place:old_place - 1]
                 ELSE v_names[old_place + 1:new_place] END;
  outcome := CASE new_place WHEN old_place THEN 'unmoved' ELSE 'moved' END;
  IF outcome = 'unmoved' THEN RETURN; END IF;

  SELECT array_agg(m.id), array_agg(m.place) INTO v_ids, v_places
    FROM (SELECT w.id, w.place AS was,
                 CASE WHEN w.turn = old_place THEN new_place
                      WHEN w.turn BETWEEN new_place AND old_place THEN w.turn + 1
                      WHEN w.turn BETWEEN old_place AND new_place THEN w.turn - 1
                      ELSE w.turn END::integer AS place
            FROM unnest(v_ids, v_places) WITH ORDINALITY AS w(id, place, turn)) m
   WHERE m.was IS DISTINCT FROM m.place;
  PERFORM 1 FROM public.event_registrations r WHERE r.id = ANY (v_ids) ORDER BY r.id FOR UPDATE NOWAIT;
  UPDATE public.event_registrations r SET waitlist_position = m.place
    FROM unnest(v_ids, v_places) AS m(id, place) WHERE r.id = m.id AND r.status = 'waitlisted';
  PERFORM greenroom.log(p_actor, 'waitlist.move',
    format('Moved %s from #%s to #%s on the waitlist of %s, %s %s%s: %s', who, old_place, new_place,
           greenroom.package_title(package_id), CASE WHEN new_place < old_place THEN 'ahead of' ELSE 'behind' END,
           array_to_string(others[1:3], ', '),
           CASE WHEN cardinality(others) > 3 THEN format(' and %s more', cardinality(others) - 3) ELSE '' END,
           btrim(p_reason)), p_registration);
END $$;
REVOKE ALL ON FUNCTION greenroom.leave_waitlist(uuid, uuid, text),
                       greenroom.move_in_waitlist(uuid, uuid, integer, text) FROM PUBLIC;
