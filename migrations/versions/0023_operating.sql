-- As 0019_operating.sql made it, but that an operation's number is taken by another operation only. Sent again while
-- its first sending was still at work, for a ticket nobody knows and so without a row to lock, an operation was told that
-- its own number is taken.

-- step: Let an operation that is sent again not meet its own number

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
  -- The first sending of this one may have been written since: it is found in the INSERT then, and the call tried again.
  IF EXISTS (SELECT FROM public.check_ins c
              WHERE c.station = p_station AND c.sequence = p_sequence AND c.id <> p_operation) THEN
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
