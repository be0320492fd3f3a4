-- Whoever a station let in without a seat: ruling 16.

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
