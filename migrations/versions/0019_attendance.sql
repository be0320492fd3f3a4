-- Attendance whole (rulings 7, 11, 14 and 16; door.md 2 to 5): the decision as one pure function, all four actions of
-- the ledger, batches of operations, what stations report, the no-shows of an event, and whoever was let in offline
-- without a seat.
--
-- Lock order as everywhere: package_seats by id, then registrations by id. An action that takes or frees a seat (a late
-- arrival, a no-show, a no-show taken back, a release) has the package's seats first; somebody with a seat is let in
-- without them, so that a door is never kept waiting by a stampede on the waitlist.

-- step: Decide what happens at the door

-- The verdict, from facts alone; desktop/services/deciding.py says the same for a station that has no network, and a
-- test compares the two over every combination. p_status is NULL for an unknown ticket. p_event_off: the event is
-- cancelled or deleted; p_closed: it gives out no seats (any more). p_free: the package has a seat. p_inside: a station
-- let the person in by itself and that was not ratified (ruling 16), and nobody took it back. p_own: by whoever acts,
-- or whose it is does not matter. p_decision is “admitted” when the station had let the person in already.
--
-- A seat is asked for before money: nobody pays at the door for a seat that is gone.
CREATE OR REPLACE FUNCTION greenroom.decide(
  p_action text, p_decision text, p_status text, p_wrong_event boolean, p_event_off boolean, p_closed boolean,
  p_paid boolean, p_free boolean, p_inside boolean, p_own boolean, p_released boolean, p_waiting boolean)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN p_status IS NULL THEN 'not_found'
  WHEN p_wrong_event THEN 'wrong_event'
  WHEN p_action = 'admit' THEN CASE
    WHEN p_event_off THEN 'event_cancelled'
    WHEN p_status = 'attended' THEN 'already_inside'
    WHEN p_status IN ('waitlisted', 'cancelled') OR (p_status = 'no_show' AND NOT p_free) THEN CASE
      WHEN p_inside THEN 'already_inside'
      WHEN p_decision = 'admitted' AND p_status = 'cancelled' THEN 'revoked'
      WHEN p_decision = 'admitted' THEN 'admitted_over_capacity'
      WHEN p_status = 'no_show' THEN 'seat_given_away'
      ELSE p_status END
    WHEN NOT p_paid THEN 'payment_due'
    ELSE 'admitted' END
  WHEN p_action = 'undo' THEN CASE
    WHEN p_status = 'attended' OR p_inside THEN CASE WHEN p_own THEN 'undone' ELSE 'not_yours' END
    WHEN p_status <> 'no_show' THEN 'not_inside'
    WHEN NOT p_own THEN 'not_yours'
    WHEN p_event_off THEN 'event_cancelled'
    WHEN NOT p_free THEN 'seat_given_away'
    ELSE 'undone' END
  WHEN p_action = 'no_show' THEN CASE
    WHEN p_event_off THEN 'event_cancelled'
    WHEN p_status = 'attended' OR p_inside THEN 'already_inside'
    WHEN p_status = 'registered' THEN 'no_show'
    WHEN p_status = 'no_show' THEN 'already_no_show'
    ELSE p_status END
  WHEN p_action = 'release' THEN CASE
    WHEN p_status <> 'no_show' THEN 'not_no_show'
    WHEN p_released THEN 'already_released'
    WHEN p_closed THEN 'event_closed'
    WHEN NOT p_free THEN 'seat_given_away'
    WHEN NOT p_waiting THEN 'nobody_waiting'
    ELSE 'released' END
  END;

-- The last entry that says where the person is: what the server refused changes nothing, what a station did by itself
-- does (ruling 16). No row when the ledger knows nothing.
CREATE OR REPLACE FUNCTION greenroom.last_seen(p_registration uuid) RETURNS SETOF public.check_ins
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.* FROM public.check_ins c
   WHERE c.registration_id = p_registration
     AND (c.verdict IN ('admitted', 'undone', 'no_show', 'admitted_over_capacity', 'revoked')
          OR (c.verdict = 'payment_due' AND c.decision = 'admitted'))
   ORDER BY c.recorded_at DESC, c.sequence DESC NULLS LAST LIMIT 1
$$;

-- True when a station let the person in by itself, and the server could not make it true.
CREATE OR REPLACE FUNCTION greenroom.let_in(p_registration uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT c.action = 'admit' AND c.verdict <> 'admitted'
                     FROM greenroom.last_seen(p_registration) c), false)
$$;

-- What is due at the door for a package and its order: what a pending order named when it was opened, else the price
-- of today (greenroom.due says the same).
CREATE OR REPLACE FUNCTION greenroom.due_at_door(p_package uuid, p_order uuid) RETURNS jsonb LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
           'amount', coalesce(o.amount_paid, p.price)::text,
           'currency', coalesce(o.currency, greenroom.currency_of(p.id)))
    FROM public.packages p LEFT JOIN public.orders o
      ON o.id = p_order AND o.package_id = p.id AND o.payment_status = 'pending' WHERE p.id = p_package
$$;

-- True when nobody is let in any more who has no seat: 24 hours after the start where no end is given.
CREATE OR REPLACE FUNCTION greenroom.is_over(p_event uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(coalesce(e.end_time, e.start_time + interval '24 hours') < timezone('UTC', now()), false)
    FROM public.events e WHERE e.id = p_event
$$;
REVOKE ALL ON FUNCTION
  greenroom.decide(text, text, text, boolean, boolean, boolean, boolean, boolean, boolean, boolean, boolean, boolean),
  greenroom.last_seen(uuid), greenroom.let_in(uuid), greenroom.due_at_door(uuid, uuid), greenroom.is_over(uuid) FROM PUBLIC;

-- step: Apply an operation of the door exactly once

-- One operation whose locks are taken but for the registration's own. p_locked: the packages whose seats are locked in
-- this transaction. A known id gets the stored verdict again and changes nothing (door.md 3); every other verdict is
-- stored, but for two that cannot be: “number_taken”, when another operation has this station's number, and “invalid”
-- (answer: field), when the operation cannot be read.
CREATE OR REPLACE FUNCTION greenroom.operate(
  p_operation uuid, p_action text, p_registration uuid, p_event uuid, p_station text, p_sequence bigint,
  p_staff uuid, p_decided_at timestamp, p_decision text, p_only_own boolean, p_reason text, p_locked uuid[],
  OUT verdict text, OUT repeated boolean, OUT registration_id uuid, OUT status text, OUT answer jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_reg     public.event_registrations;
  v_seats   public.package_seats;
  v_known   public.check_ins;
  v_last    public.check_ins;
  v_event   record;
  v_wrong   boolean;
  v_moves   boolean;
  v_inside  boolean;
  v_who     text;
  v_title   text;
  v_why     text := coalesce(': ' || nullif(btrim(p_reason), ''), '');
  v_given   uuid;
  v_given_to text;
BEGIN
  registration_id := p_registration;
  repeated := false;
  answer := '{}';
  IF cardinality(p_locked) > 0 THEN
    SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  ELSE
    SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE;
  END IF;
  status := v_reg.status;

  -- Only now, under the row's lock: the first sending may still have been at work when this one arrived.
  SELECT * INTO v_known FROM public.check_ins c WHERE c.id = p_operation;
  IF FOUND THEN
    IF (v_known.action, v_known.registration_id) IS DISTINCT FROM (p_action, p_registration) THEN
      verdict := 'invalid';
      answer := jsonb_build_object('field', 'operation');
    ELSE
      verdict := v_known.verdict;
      answer := v_known.answer;
      repeated := true;
    END IF;
    RETURN;
  END IF;
  answer := CASE
    WHEN p_action IN ('admit', 'undo', 'no_show', 'release') IS NOT TRUE THEN '{"field": "action"}'
    WHEN (btrim(p_station) <> '' AND length(p_station) <= 100) IS NOT TRUE THEN '{"field": "station"}'
    WHEN length(p_decision) <= 30 IS NOT TRUE THEN '{"field": "decision"}'
    WHEN p_decided_at IS NULL OR NOT isfinite(p_decided_at) THEN '{"field": "decided_at"}'
    WHEN p_sequence < 1 THEN '{"field": "sequence"}'
    WHEN p_operation IS NULL OR p_registration IS NULL THEN '{"field": "operation"}' ELSE '{}' END;
  IF answer <> '{}' THEN
    verdict := 'invalid';
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM public.check_ins c WHERE c.station = p_station AND c.sequence = p_sequence) THEN
    verdict := 'number_taken';
    answer := jsonb_build_object('station', p_station, 'sequence', p_sequence);
    RETURN;
  END IF;

  SELECT e.status, e.deleted_at, e.title INTO v_event FROM public.events e WHERE e.id = v_reg.event_id;
  v_wrong := coalesce(p_event <> v_reg.event_id, false);
  SELECT * INTO v_last FROM greenroom.last_seen(p_registration);
  v_inside := coalesce(v_last.action = 'admit' AND v_last.verdict <> 'admitted', false);
  v_moves := NOT v_wrong AND greenroom.moves_seat(p_action, v_reg.status, v_inside);
  IF v_moves THEN
    IF v_reg.package_id = ANY (p_locked) IS NOT TRUE THEN  -- became so, or moved, since the caller looked
      RAISE EXCEPTION 'the registration changed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    SELECT * INTO v_seats FROM public.package_seats s WHERE s.package_id = v_reg.package_id;
  END IF;

  verdict := greenroom.decide(
    p_action, p_decision, v_reg.status, v_wrong,
    coalesce(v_event.status = 'cancelled' OR v_event.deleted_at IS NOT NULL, false),
    p_action = 'release' AND v_moves
      AND (greenroom.closed_because(v_reg.package_id) IS NOT NULL OR greenroom.is_over(v_reg.event_id)),
    p_action <> 'admit' OR v_reg.id IS NULL OR NOT coalesce(greenroom.needs_order(v_reg.package_id), false)
      OR EXISTS (SELECT FROM public.orders o WHERE o.id = v_reg.order_id AND o.payment_status = 'paid'),
    v_moves AND (v_seats.capacity IS NULL OR v_seats.held < v_seats.capacity),
    v_inside,
    NOT p_only_own OR (v_last.staff_id = p_staff AND v_last.action =
      CASE WHEN v_reg.status = 'no_show' AND NOT v_inside THEN 'no_show' ELSE 'admit' END) IS TRUE,
    p_action = 'release' AND EXISTS (
      SELECT FROM public.check_ins c WHERE c.registration_id = p_registration AND c.verdict = 'released'
         AND c.recorded_at >= coalesce(v_last.recorded_at, '-infinity')),
    p_action = 'release' AND EXISTS (
      SELECT FROM public.event_registrations w WHERE w.package_id = v_reg.package_id AND w.status = 'waitlisted'));

  v_who := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);
  v_title := greenroom.package_title(v_reg.package_id);
  CASE
    WHEN verdict = 'wrong_event' THEN
      answer := jsonb_build_object('event', v_event.title);
    WHEN verdict = 'already_inside' AND v_last.action = 'admit' THEN
      answer := jsonb_strip_nulls(jsonb_build_object('station', v_last.station, 'at', v_last.decided_at,
        'staff', (SELECT u.username FROM public.users u WHERE u.id = v_last.staff_id)));
    WHEN verdict = 'waitlisted' THEN
      answer := jsonb_build_object('place', greenroom.place_of(p_registration));
    WHEN verdict = 'payment_due' THEN
      answer := greenroom.due_at_door(v_reg.package_id, v_reg.order_id);
    WHEN verdict = 'admitted_over_capacity' THEN
      answer := jsonb_build_object('was', v_reg.status);
    WHEN verdict = 'admitted' THEN
      status := 'attended';
      PERFORM greenroom.log(p_staff, 'attendance.admit',
        format('Checked in %s at %s (%s)%s%s', v_who, p_station, v_title,
               CASE v_reg.status WHEN 'no_show' THEN ', who was marked as no-show' ELSE '' END, v_why), p_registration);
    WHEN verdict = 'undone' THEN
      status := CASE WHEN v_reg.status = 'attended' OR v_moves THEN 'registered' ELSE v_reg.status END;
      answer := CASE WHEN v_moves THEN '{"was": "no_show"}' ELSE '{}' END;
      PERFORM greenroom.log(p_staff, 'attendance.undo',
        format('Took back the %s of %s at %s (%s)%s', CASE WHEN v_moves THEN 'no-show' ELSE 'check-in' END,
               v_who, p_station, v_title, v_why), p_registration);
    WHEN verdict = 'no_show' THEN
      status := 'no_show';
      PERFORM greenroom.log(p_staff, 'attendance.no_show',
        format('Recorded %s as no-show at %s (%s)%s', v_who, p_station, v_title, v_why), p_registration);
    WHEN verdict = 'released' THEN
      v_given := greenroom.give_seat(p_staff, v_reg.package_id, NULL, 'no-show ' || v_who || ' released the seat');
      IF v_given IS NULL THEN  -- was waiting a moment ago
        RAISE EXCEPTION 'the waitlist changed meanwhile' USING ERRCODE = 'serialization_failure';
      END IF;
      SELECT greenroom.called(r.attendee_name, r.attendee_email) INTO v_given_to
        FROM public.event_registrations r WHERE r.id = v_given;
      answer := jsonb_build_object('promoted', v_given, 'who', v_given_to, 'package', v_reg.package_id);
      PERFORM greenroom.log(p_staff, 'attendance.release',
        format('Released the seat of no-show %s to %s at %s (%s)%s', v_who, v_given_to, p_station, v_title, v_why),
        p_registration);
    ELSE NULL;
  END CASE;
  IF verdict IN ('admitted_over_capacity', 'revoked') THEN
    PERFORM greenroom.log(p_staff, 'attendance.over_capacity',
      format('%s was let in at %s without a seat (%s; the registration is %s)%s', v_who, p_station, v_title,
             replace(v_reg.status, '_', '-'), v_why), p_registration);
  END IF;
  IF status IS DISTINCT FROM v_reg.status THEN
    UPDATE public.event_registrations r SET status = operate.status WHERE r.id = p_registration;
  END IF;
  INSERT INTO public.check_ins (id, registration_id, event_id, package_id, action, station, sequence, staff_id,
                         decided_at, decision, verdict, answer)
  VALUES (p_operation, p_registration, v_reg.event_id, v_reg.package_id, p_action, p_station, p_sequence, p_staff,
          p_decided_at, p_decision, verdict, answer)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN  -- no row to lock (not_found), or the station's number, and it was at work beside this one
    RAISE EXCEPTION 'the operation was decided meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END $$;

-- Whether an action on somebody with this status takes or frees a seat, or gives one away.
CREATE OR REPLACE FUNCTION greenroom.moves_seat(p_action text, p_status text, p_inside boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(CASE p_action WHEN 'admit' THEN p_status = 'no_show'
                              WHEN 'undo' THEN p_status = 'no_show' AND NOT p_inside
                              WHEN 'no_show' THEN p_status = 'registered' AND NOT p_inside
                              WHEN 'release' THEN p_status = 'no_show' END, false);

-- Locks the seats of these packages, in id order. The first may be waited for; whoever holds seats waits for nothing.
CREATE OR REPLACE FUNCTION greenroom.lock_packages(p_packages uuid[]) RETURNS uuid[] LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_packages uuid[] := ARRAY(SELECT DISTINCT x FROM unnest(p_packages) AS x WHERE x IS NOT NULL ORDER BY x);
BEGIN
  PERFORM greenroom.lock_package(v_packages[1]) WHERE cardinality(v_packages) > 0;
  PERFORM 1 FROM public.package_seats s WHERE s.package_id = ANY (v_packages[2:])
    ORDER BY s.package_id FOR UPDATE NOWAIT;
  RETURN v_packages;
END $$;

CREATE OR REPLACE FUNCTION greenroom.admit(
  p_operation uuid, p_action text, p_registration uuid, p_event uuid, p_station text, p_sequence bigint,
  p_staff uuid, p_decided_at timestamp, p_decision text, p_only_own boolean, p_reason text,
  OUT verdict text, OUT repeated boolean, OUT registration_id uuid, OUT status text, OUT answer jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_locked uuid[] := '{}';
BEGIN
  v_locked := greenroom.lock_packages(ARRAY(
    SELECT r.package_id FROM public.event_registrations r
     WHERE r.id = p_registration AND greenroom.moves_seat(p_action, r.status, greenroom.let_in(r.id))));
  SELECT o.verdict, o.repeated, o.registration_id, o.status, o.answer
    INTO verdict, repeated, registration_id, status, answer
    FROM greenroom.operate(p_operation, p_action, p_registration, p_event, p_station, p_sequence, p_staff,
                           p_decided_at, p_decision, p_only_own, p_reason, v_locked) o;
END $$;

-- Up to 100 operations in the order they are given, each exactly once, in one transaction; their verdicts in that
-- order. Objects with operation, action, registration, event, station, sequence, decided_at, decision, reason.
CREATE OR REPLACE FUNCTION greenroom.admit_batch(p_staff uuid, p_only_own boolean, p_operations jsonb)
RETURNS TABLE (operation_id uuid, verdict text, repeated boolean, registration_id uuid, status text, answer jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_locked uuid[];
  v        record;
BEGIN
  IF jsonb_array_length(p_operations) > 100 THEN
    RAISE EXCEPTION 'a batch has at most 100 operations' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  v_locked := greenroom.lock_packages(ARRAY(
    SELECT r.package_id FROM jsonb_to_recordset(p_operations) AS o(action text, registration uuid)
      JOIN public.event_registrations r ON r.id = o.registration
     WHERE greenroom.moves_seat(o.action, r.status, greenroom.let_in(r.id))));
  IF cardinality(v_locked) > 0 THEN
    PERFORM 1 FROM public.event_registrations r
      WHERE r.id IN (SELECT o.registration FROM jsonb_to_recordset(p_operations) AS o(registration uuid))
      ORDER BY r.id FOR UPDATE NOWAIT;
  ELSE
    PERFORM 1 FROM public.event_registrations r
      WHERE r.id IN (SELECT o.registration FROM jsonb_to_recordset(p_operations) AS o(registration uuid))
      ORDER BY r.id FOR UPDATE;
  END IF;
  FOR v IN SELECT o.* FROM jsonb_array_elements(p_operations) WITH ORDINALITY AS e(one, n)
             CROSS JOIN LATERAL jsonb_to_record(e.one) AS o(
               operation uuid, action text, registration uuid, event uuid, station text, sequence bigint,
               decided_at timestamp, decision text, reason text) ORDER BY e.n
  LOOP
    RETURN QUERY SELECT v.operation, x.verdict, x.repeated, x.registration_id, x.status, x.answer
      FROM greenroom.operate(v.operation, v.action, v.registration, v.event, v.station, v.sequence, p_staff,
                             v.decided_at, v.decision, p_only_own, v.reason, v_locked) x;
  END LOOP;
END $$;

-- Whether somebody may take back what others did (door.md 6): by the roles they have now, and only over a database role
-- that may call greenroom.admit, which the door's may not, whomever it says it acts for.
CREATE OR REPLACE FUNCTION greenroom.takes_back_others(p_staff uuid) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id
                  WHERE ur.user_id = p_staff AND r.name IN ('admin', 'organizer'))
     AND has_function_privilege(session_user,
           'greenroom.admit(uuid, text, uuid, uuid, text, bigint, uuid, timestamp, text, boolean, text)', 'EXECUTE')
$$;

-- What everybody at a door calls: whose entries may be taken back is not the caller's to choose.
CREATE OR REPLACE FUNCTION greenroom.admit_at_door(
  p_operation uuid, p_action text, p_registration uuid, p_event uuid, p_station text, p_sequence bigint,
  p_staff uuid, p_decided_at timestamp, p_decision text, p_reason text,
  OUT verdict text, OUT repeated boolean, OUT registration_id uuid, OUT status text, OUT answer jsonb)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.verdict, a.repeated, a.registration_id, a.status, a.answer
    FROM greenroom.admit(p_operation, p_action, p_registration, p_event, p_station, p_sequence, p_staff, p_decided_at,
                         p_decision, NOT (p_action = 'undo' AND greenroom.takes_back_others(p_staff)), p_reason) a
$$;

CREATE OR REPLACE FUNCTION greenroom.admit_batch_at_door(p_staff uuid, p_operations jsonb)
RETURNS TABLE (operation_id uuid, verdict text, repeated boolean, registration_id uuid, status text, answer jsonb)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT * FROM greenroom.admit_batch(p_staff, NOT greenroom.takes_back_others(p_staff), p_operations)
$$;
REVOKE ALL ON FUNCTION
  greenroom.operate(uuid, text, uuid, uuid, text, bigint, uuid, timestamp, text, boolean, text, uuid[]),
  greenroom.moves_seat(text, text, boolean), greenroom.lock_packages(uuid[]),
  greenroom.admit(uuid, text, uuid, uuid, text, bigint, uuid, timestamp, text, boolean, text),
  greenroom.admit_batch(uuid, boolean, jsonb), greenroom.admit_batch_at_door(uuid, jsonb),
  greenroom.admit_at_door(uuid, text, uuid, uuid, text, bigint, uuid, timestamp, text, text),
  greenroom.takes_back_others(uuid) FROM PUBLIC;

-- step: Take in who was let in without a seat

-- An organizer's answer to the card of ruling 16: the person is inside, so they get a seat, for which the capacity is
-- raised when none is free (by one, or as far above the seats held as it takes), with a reason (ruling 9). Who is owed
-- money for it gets a pending order (ruling 17); a cancelled registration is revived (ruling 12).
-- verdict: admitted, not_found, not_let_in, event_cancelled, or invalid (the operation's id is another one's).
CREATE OR REPLACE FUNCTION greenroom.take_in(
  p_operation uuid, p_registration uuid, p_station text, p_staff uuid, p_decided_at timestamp, p_reason text,
  OUT verdict text, OUT repeated boolean, OUT registration_id uuid, OUT status text, OUT answer jsonb,
  OUT package_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_seats public.package_seats;
  v_reg   public.event_registrations;
  v_known public.check_ins;
  v_raised integer;
  v_who   text;
BEGIN
  registration_id := p_registration;
  repeated := false;
  answer := '{}';
  SELECT r.package_id INTO package_id FROM public.event_registrations r WHERE r.id = p_registration;
  v_seats := greenroom.lock_package(package_id);
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  IF v_reg.package_id IS DISTINCT FROM package_id THEN
    RAISE EXCEPTION 'the registration moved to another package meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  status := v_reg.status;
  SELECT * INTO v_known FROM public.check_ins c WHERE c.id = p_operation;
  IF FOUND THEN
    IF (v_known.decision, v_known.registration_id) IS DISTINCT FROM ('taken in', p_registration) THEN
      verdict := 'invalid';
      answer := '{"field": "operation"}';
      RETURN;
    END IF;
    verdict := v_known.verdict;
    answer := v_known.answer;
    repeated := true;
    RETURN;
  END IF;
  IF p_operation IS NULL OR p_decided_at IS NULL OR NOT isfinite(p_decided_at) THEN
    verdict := 'invalid';
    answer := jsonb_build_object('field', CASE WHEN p_operation IS NULL THEN 'operation' ELSE 'decided_at' END);
    RETURN;
  END IF;
  verdict := CASE
    WHEN v_reg.id IS NULL THEN 'not_found'
    WHEN EXISTS (SELECT FROM public.events e WHERE e.id = v_reg.event_id
                    AND (e.status = 'cancelled' OR e.deleted_at IS NOT NULL)) THEN 'event_cancelled'
    WHEN v_reg.status IN ('attended', 'registered') OR NOT greenroom.let_in(p_registration) THEN 'not_let_in' END;
  IF verdict IS NOT NULL THEN RETURN; END IF;

  verdict := 'admitted';
  status := 'attended';
  v_who := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);
  IF v_seats.held >= v_seats.capacity THEN
    v_raised := v_seats.held + 1;
    PERFORM 1 FROM public.packages p WHERE p.id = package_id FOR NO KEY UPDATE NOWAIT;
    UPDATE public.packages p SET capacity = v_raised WHERE p.id = take_in.package_id;
    answer := jsonb_build_object('capacity_was', v_seats.capacity, 'capacity', v_raised);
    PERFORM greenroom.log(p_staff, 'package.capacity',
      format('Raised the capacity of %s from %s to %s for %s, who is inside: %s',
             greenroom.package_title(package_id), v_seats.capacity, v_raised, v_who, btrim(p_reason)), package_id);
  END IF;
  UPDATE public.event_registrations r
     SET status = 'attended', waitlist_position = NULL, cancelled_at = NULL,
         registered_at = CASE v_reg.status WHEN 'cancelled' THEN timezone('UTC', now()) ELSE r.registered_at END,
         registration_token = CASE v_reg.status WHEN 'cancelled' THEN gen_random_uuid() ELSE r.registration_token END
   WHERE r.id = p_registration;
  IF greenroom.needs_order(package_id) THEN
    PERFORM greenroom.order_for(p_registration, NULL);
    IF NOT EXISTS (SELECT FROM public.event_registrations r JOIN public.orders o ON o.id = r.order_id
                    WHERE r.id = p_registration AND o.payment_status = 'paid') THEN
      answer := answer || (SELECT greenroom.due_at_door(r.package_id, r.order_id)
                             FROM public.event_registrations r WHERE r.id = p_registration);
    END IF;
  END IF;
  INSERT INTO public.check_ins (id, registration_id, event_id, package_id, action, station, staff_id, decided_at,
                                decision, verdict, answer)
  VALUES (p_operation, p_registration, v_reg.event_id, package_id, 'admit', p_station, p_staff, p_decided_at,
          'taken in', verdict, answer);
  PERFORM greenroom.log(p_staff, 'attendance.admit',
    format('Took in %s, who had been let in without a seat (%s; was %s): %s', v_who,
           greenroom.package_title(package_id), replace(v_reg.status, '_', '-'), btrim(p_reason)), p_registration);
END $$;
REVOKE ALL ON FUNCTION greenroom.take_in(uuid, uuid, text, uuid, timestamp, text) FROM PUBLIC;

-- step: What the stations of an event report

CREATE TABLE greenroom.station_reports (
  event_id      UUID         NOT NULL,
  station       VARCHAR(100) NOT NULL,
  heard_at      TIMESTAMP    NOT NULL,
  pending       INT          NOT NULL CHECK (pending >= 0),
  last_sequence BIGINT       NOT NULL DEFAULT 0,
  signed_off    BOOLEAN      NOT NULL DEFAULT FALSE,
  staff_id      UUID         NOT NULL,
  PRIMARY KEY (event_id, station)
);
COMMENT ON TABLE greenroom.station_reports IS
  'What each door station of an event said last: ruling 11 asks it before no-shows are recorded in bulk';
COMMENT ON COLUMN greenroom.station_reports.heard_at IS 'The server''s clock, UTC';
COMMENT ON COLUMN greenroom.station_reports.pending IS 'Operations of its journal the server has not ratified yet';
COMMENT ON COLUMN greenroom.station_reports.last_sequence IS 'The number of its newest operation; 0 before the first';
COMMENT ON COLUMN greenroom.station_reports.signed_off IS 'It scans nobody any more at this event';
REVOKE ALL ON greenroom.station_reports FROM PUBLIC;

-- step: Hear stations, and know which are silent

-- Keeps what a station says of itself, and tells it which of its numbers the server does not have (door.md 5), the
-- lowest thousand: a failover loses what a standby had not got, and the station has it still.
CREATE OR REPLACE FUNCTION greenroom.report_station(
  p_staff uuid, p_event uuid, p_station text, p_pending integer, p_last bigint, p_signing_off boolean,
  OUT heard_at timestamp, OUT missing bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
BEGIN
  heard_at := timezone('UTC', clock_timestamp());
  INSERT INTO greenroom.station_reports AS s
         (event_id, station, heard_at, pending, last_sequence, signed_off, staff_id)
  VALUES (p_event, p_station, report_station.heard_at, p_pending, p_last, p_signing_off, p_staff)
  ON CONFLICT (event_id, station) DO UPDATE
     SET heard_at = excluded.heard_at, pending = excluded.pending, last_sequence = excluded.last_sequence,
         signed_off = excluded.signed_off, staff_id = excluded.staff_id;
  missing := '{}';
  IF greenroom.missing_of(p_station, p_last) > 0 THEN
    -- From one number that is there to the next: a station that says a billion is answered as fast.
    missing := ARRAY(
      SELECT n.n FROM (
        SELECT g.before, g.here FROM (
          SELECT lag(s.sequence, 1, 0::bigint) OVER (ORDER BY s.sequence) AS before, s.sequence AS here
            FROM (SELECT c.sequence FROM public.check_ins c
                   WHERE c.station = p_station AND c.sequence BETWEEN 1 AND p_last
                  UNION ALL SELECT least(p_last, 9223372036854775806) + 1) s) g
         WHERE g.here - g.before > 1 ORDER BY g.before LIMIT 1000) w
        CROSS JOIN LATERAL generate_series(w.before + 1, least(w.here - 1, w.before + 1000)) AS n(n)
       ORDER BY n.n LIMIT 1000);
  END IF;
END $$;

-- How many of a station's numbers 1..p_last the ledger does not have.
CREATE OR REPLACE FUNCTION greenroom.missing_of(p_station text, p_last bigint) RETURNS bigint LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT greatest(p_last, 0) - count(*) FROM public.check_ins c
   WHERE c.station = p_station AND c.sequence BETWEEN 1 AND p_last
$$;

-- The stations of an event: those that reported, and those whose numbered scans are in the ledger. why is NULL when a
-- station surely has nothing left to send: all it made has arrived, and it signed off or was heard since the event
-- ended (or within five minutes, where the event has no end yet). Else: never_reported, pending, missing, not_heard.
CREATE OR REPLACE FUNCTION greenroom.stations_of(p_event uuid)
RETURNS TABLE (station text, heard_at timestamp, pending integer, missing bigint, signed_off boolean, why text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT x.station, x.heard_at, x.pending, x.missing, x.signed_off,
         CASE WHEN x.heard_at IS NULL THEN 'never_reported'
              WHEN x.pending > 0 THEN 'pending'
              WHEN x.missing > 0 THEN 'missing'
              WHEN NOT x.signed_off AND x.heard_at < least(x.end_time, timezone('UTC', now()) - interval '5 minutes')
              THEN 'not_heard' END
    FROM (SELECT n.station::text, s.heard_at, s.pending, greenroom.missing_of(n.station, s.last_sequence) AS missing,
                 s.signed_off, (SELECT e.end_time FROM public.events e WHERE e.id = p_event) AS end_time
            FROM (SELECT r.station FROM greenroom.station_reports r WHERE r.event_id = p_event
                  UNION
                  SELECT c.station FROM public.check_ins c
                   WHERE c.event_id = p_event AND c.sequence IS NOT NULL) n
            LEFT JOIN greenroom.station_reports s ON s.event_id = p_event AND s.station = n.station) x
   ORDER BY x.station
$$;
REVOKE ALL ON FUNCTION greenroom.report_station(uuid, uuid, text, integer, bigint, boolean),
  greenroom.missing_of(text, bigint), greenroom.stations_of(uuid) FROM PUBLIC;

-- step: Record the no-shows of an event

-- Everybody still registered becomes a no-show, once the event is over and every station has nothing left to send, or
-- the silent ones are named in p_confirmed (ruling 11). Whoever a station let in by itself is inside and is left to
-- their card. Nobody is promoted: the event is over. Again is harmless: there is nobody left.
-- outcome: recorded, not_found, event_cancelled, not_over, silent (silent: the stations not named).
CREATE OR REPLACE FUNCTION greenroom.record_no_shows(
  p_actor uuid, p_event uuid, p_station text, p_confirmed text[], p_reason text,
  OUT outcome text, OUT event_title text, OUT recorded uuid[], OUT inside integer, OUT silent jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_event record;
  v_due   uuid[];
  v_named text[];
BEGIN
  recorded := '{}';
  inside := 0;
  silent := '[]';
  PERFORM greenroom.lock_packages(ARRAY(SELECT p.id FROM public.packages p WHERE p.event_id = p_event));
  SELECT e.title, e.status, e.deleted_at INTO v_event FROM public.events e WHERE e.id = p_event;
  event_title := v_event.title;
  outcome := CASE WHEN v_event.status IS NULL THEN 'not_found'
                  WHEN v_event.status = 'cancelled' OR v_event.deleted_at IS NOT NULL THEN 'event_cancelled'
                  WHEN v_event.status <> 'completed' AND NOT greenroom.is_over(p_event) THEN 'not_over' END;
  IF outcome IS NOT NULL THEN RETURN; END IF;
  SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.station) FILTER (WHERE (s.station = ANY (p_confirmed)) IS NOT TRUE), '[]'),
         coalesce(array_agg(s.station ORDER BY s.station), '{}')
    INTO silent, v_named FROM greenroom.stations_of(p_event) s WHERE s.why IS NOT NULL;
  IF silent <> '[]' THEN
    outcome := 'silent';
    RETURN;
  END IF;

  outcome := 'recorded';
  v_due := ARRAY(SELECT r.id FROM public.event_registrations r
                  WHERE r.event_id = p_event AND r.status = 'registered' ORDER BY r.id FOR UPDATE NOWAIT);
  recorded := ARRAY(SELECT d.id FROM unnest(v_due) AS d(id) WHERE NOT greenroom.let_in(d.id) ORDER BY d.id);
  inside := cardinality(v_due) - cardinality(recorded);
  IF recorded = '{}' THEN RETURN; END IF;
  UPDATE public.event_registrations r SET status = 'no_show' WHERE r.id = ANY (recorded);
  INSERT INTO public.check_ins (id, registration_id, event_id, package_id, action, station, staff_id, decided_at,
                                decision, verdict)
  SELECT gen_random_uuid(), r.id, r.event_id, r.package_id, 'no_show', p_station, p_actor, timezone('UTC', now()),
         'in bulk', 'no_show'
    FROM public.event_registrations r WHERE r.id = ANY (recorded);
  INSERT INTO public.admin_logs (admin_id, action_type, description, subject_id, logged_at)
  SELECT p_actor, 'attendance.no_show',
         format('Recorded %s as no-show after the event (%s)', greenroom.called(r.attendee_name, r.attendee_email),
                t.title), r.id, timezone('UTC', clock_timestamp())
    FROM (SELECT p.id, greenroom.package_title(p.id) AS title FROM public.packages p WHERE p.event_id = p_event) t
    JOIN public.event_registrations r ON r.package_id = t.id WHERE r.id = ANY (recorded);
  PERFORM greenroom.log(p_actor, 'attendance.no_shows',
    format('Recorded %s no-show%s of “%s”%s%s', cardinality(recorded),
           CASE cardinality(recorded) WHEN 1 THEN '' ELSE 's' END, coalesce(event_title, 'an untitled event'),
           CASE WHEN v_named = '{}' THEN ''
                ELSE ' without waiting for ' || array_to_string(v_named, ', ') END,
           coalesce(': ' || nullif(btrim(p_reason), ''), '')), p_event);
END $$;
REVOKE ALL ON FUNCTION greenroom.record_no_shows(uuid, uuid, text, text[], text) FROM PUBLIC;

-- step: Tell the history of a registration with those who were let in without a seat

-- As in 0011, but who was let in without a seat was not turned away.
CREATE OR REPLACE FUNCTION greenroom.history_of(p_registration uuid, p_most integer)
RETURNS TABLE (at timestamp, what text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT h.at, h.what
    FROM public.event_registrations r
    CROSS JOIN LATERAL (
      SELECT l.logged_at AS at, coalesce(l.description, l.action_type) || ' · ' || u.username AS what
        FROM public.admin_logs l JOIN public.users u ON u.id = l.admin_id WHERE l.subject_id = r.id
      UNION ALL
      SELECT c.recorded_at,
             CASE WHEN c.decision = 'admitted' THEN 'Let in at ' ELSE 'Turned away at ' END
               || c.station || ': ' || replace(c.verdict, '_', ' ')
        FROM public.check_ins c
       WHERE c.registration_id = r.id AND c.action = 'admit'
         AND c.verdict NOT IN ('admitted', 'admitted_over_capacity', 'revoked')
      UNION ALL
      SELECT r.registered_at, 'Registered'
       WHERE NOT EXISTS (SELECT FROM public.admin_logs l WHERE l.subject_id = r.id
                            AND l.action_type IN ('registration.add', 'registration.revive'))) h
   WHERE r.id = p_registration ORDER BY h.at DESC LIMIT p_most
$$;
REVOKE ALL ON FUNCTION greenroom.history_of(uuid, integer) FROM PUBLIC;
