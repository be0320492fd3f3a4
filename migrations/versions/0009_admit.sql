-- One operation at the door, exactly once: 'admit' lets a person in, 'undo' takes that back. p_operation is
-- made by the station; when it comes again, the stored verdict is told again and nothing changes (door.md 3).
-- Every verdict is kept in check_ins. verdict: admitted, already_inside, payment_due, waitlisted, cancelled,
-- seat_given_away, event_cancelled, wrong_event, not_found; for undo: undone, not_inside, not_yours.
-- step: Admit at the door
CREATE FUNCTION greenroom.admit(
  p_operation uuid, p_action text, p_registration uuid, p_event uuid, p_station text, p_sequence bigint,
  p_staff uuid, p_decided_at timestamp, p_decision text, p_only_own boolean, p_reason text,
  OUT verdict text, OUT repeated boolean, OUT registration_id uuid, OUT status text, OUT answer jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_seats public.package_seats;
  v_reg   public.event_registrations;
  v_event record;
  v_last  record;
  v_order record;
  v_name  text;
BEGIN
  IF p_action NOT IN ('admit', 'undo') THEN
    RAISE EXCEPTION 'unknown action %', p_action USING ERRCODE = 'invalid_parameter_value';
  END IF;
  registration_id := p_registration;
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration;
  IF v_reg.status = 'no_show' AND p_action = 'admit' THEN
    v_seats := greenroom.lock_package(v_reg.package_id);  -- this one takes a seat: counter first, then the row
  END IF;
  IF v_seats.package_id IS NOT NULL THEN
    SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  ELSE
    SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE;
  END IF;

  -- Only now, under the row's lock: the first sending may still have been at work when this one arrived.
  SELECT c.verdict, c.answer INTO verdict, answer FROM public.check_ins c WHERE c.id = p_operation;
  IF FOUND THEN
    repeated := true;
    status := v_reg.status;
    RETURN;
  END IF;
  repeated := false;
  answer := '{}';

  SELECT e.id, e.status, e.deleted_at, e.title INTO v_event FROM public.events e WHERE e.id = v_reg.event_id;
  SELECT c.station, c.decided_at, c.staff_id, u.username INTO v_last
    FROM public.check_ins c LEFT JOIN public.users u ON u.id = c.staff_id
   WHERE c.registration_id = p_registration AND c.action = 'admit' AND c.verdict = 'admitted'
   ORDER BY c.recorded_at DESC LIMIT 1;
  v_name := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);

  IF v_reg.id IS NULL THEN
    verdict := 'not_found';
  ELSIF p_event IS NOT NULL AND p_event <> v_reg.event_id THEN
    verdict := 'wrong_event';
    answer := jsonb_build_object('event', v_event.title);
  ELSIF p_action = 'undo' THEN
    verdict := CASE WHEN v_reg.status <> 'attended' THEN 'not_inside'
                    WHEN p_only_own AND v_last.staff_id IS DISTINCT FROM p_staff THEN 'not_yours'
                    ELSE 'undone' END;
  ELSIF v_event.status = 'cancelled' OR v_event.deleted_at IS NOT NULL THEN
    verdict := 'event_cancelled';
  ELSIF v_reg.status = 'attended' THEN
    verdict := 'already_inside';
    answer := jsonb_strip_nulls(jsonb_build_object(
      'station', v_last.station, 'at', v_last.decided_at, 'staff', v_last.username));
  ELSIF v_reg.status = 'waitlisted' THEN
    verdict := 'waitlisted';
    answer := jsonb_build_object('place', greenroom.place_of(p_registration));
  ELSIF v_reg.status = 'cancelled' THEN
    verdict := 'cancelled';
  ELSE
    SELECT o.payment_status, coalesce(o.amount_paid, p.price) AS amount, o.currency INTO v_order
      FROM public.packages p LEFT JOIN public.orders o ON o.id = v_reg.order_id WHERE p.id = v_reg.package_id;
    IF greenroom.needs_order(v_reg.package_id) AND v_order.payment_status IS DISTINCT FROM 'paid' THEN
      verdict := 'payment_due';
      answer := jsonb_strip_nulls(jsonb_build_object('amount', v_order.amount::text, 'currency', v_order.currency));
    ELSIF v_reg.status = 'no_show' THEN
      IF v_seats.package_id IS DISTINCT FROM v_reg.package_id THEN  -- became a no-show while we looked
        RAISE EXCEPTION 'the registration changed meanwhile' USING ERRCODE = 'serialization_failure';
      END IF;
      verdict := CASE WHEN v_seats.held >= v_seats.capacity THEN 'seat_given_away' ELSE 'admitted' END;
    ELSE
      verdict := 'admitted';
    END IF;
  END IF;

  status := v_reg.status;
  IF verdict IN ('admitted', 'undone') THEN
    status := CASE verdict WHEN 'admitted' THEN 'attended' ELSE 'registered' END;
    UPDATE public.event_registrations r SET status = admit.status WHERE r.id = p_registration;
    PERFORM greenroom.log(p_staff, 'attendance.' || p_action,
      format(CASE verdict WHEN 'admitted' THEN 'Checked in %s at %s (%s)%s'
                          ELSE 'Took back the check-in of %s at %s (%s)%s' END,
             v_name, p_station, greenroom.package_title(v_reg.package_id),
             coalesce(': ' || nullif(btrim(p_reason), ''), '')), p_registration);
  END IF;
  INSERT INTO public.check_ins (id, registration_id, event_id, package_id, action, station, sequence, staff_id,
                         decided_at, decision, verdict, answer)
  VALUES (p_operation, p_registration, v_reg.event_id, v_reg.package_id, p_action, p_station, p_sequence, p_staff,
          p_decided_at, p_decision, verdict, answer)
  ON CONFLICT (id) DO NOTHING;
  IF NOT FOUND THEN  -- no row to lock (not_found), and the same operation was at work beside this one
    RAISE EXCEPTION 'the operation was decided meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END $$;
REVOKE ALL ON FUNCTION greenroom.admit FROM PUBLIC;
