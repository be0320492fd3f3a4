-- step: Cancel beside a website that promotes by itself

-- As in 0009, but for one line: the seats held are read after the cancellation was written. Until now they were counted
-- on from what the lock had shown; beside a website whose own trigger gives the seat to the next person, a second
-- person was promoted into a full package, and the whole cancellation was refused.
CREATE OR REPLACE FUNCTION greenroom.cancel(
  p_actor uuid, p_registration uuid, p_reason text,
  OUT outcome text, OUT previous_status text, OUT package_id uuid, OUT who text, OUT payment_status text,
  OUT promoted_id uuid, OUT promoted_who text, OUT held integer, OUT capacity integer, OUT waiting integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
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
  SELECT count(*) INTO waiting FROM public.event_registrations r
   WHERE r.package_id = cancel.package_id AND r.status = 'waitlisted';
END $$;
REVOKE ALL ON FUNCTION greenroom.cancel(uuid, uuid, text) FROM PUBLIC;
