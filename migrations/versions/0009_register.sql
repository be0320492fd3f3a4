-- Adds a person to a package: a seat while there are seats and nobody waits, else the end of the waitlist
-- (p_when_full = 'waitlist') or a refusal ('refuse'). The same address in another case is the same person
-- (ruling 13); somebody who had cancelled is revived in the same row (ruling 12).
-- outcome: registered, waitlisted, full, already, or why the package is closed.
-- step: Register a person
CREATE FUNCTION greenroom.register(
  p_actor uuid, p_package uuid, p_email text, p_name text, p_phone text, p_when_full text, p_paid_with text,
  p_meta jsonb,
  OUT outcome text, OUT registration_id uuid, OUT status text, OUT waitlist_position integer,
  OUT order_id uuid, OUT revived boolean, OUT late boolean, OUT held integer, OUT capacity integer,
  OUT waiting integer, OUT package_name text, OUT event_title text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_seats public.package_seats;
  v_old   public.event_registrations;
  v_seat  boolean;
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

  SELECT * INTO v_old FROM public.event_registrations r
   WHERE r.package_id = p_package AND lower(r.attendee_email) = lower(p_email)
   ORDER BY (r.status = 'cancelled'), r.registered_at, r.id LIMIT 1 FOR UPDATE NOWAIT;
  IF v_old.id IS NOT NULL AND v_old.status <> 'cancelled' THEN
    outcome := 'already';
    registration_id := v_old.id;
    status := v_old.status;
    waitlist_position := v_old.waitlist_position;
    RETURN;
  END IF;

  SELECT count(*) INTO waiting FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted';
  v_seat := waiting = 0 AND (capacity IS NULL OR held < capacity);
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
    END IF;
  ELSE
    waiting := waiting + 1;
  END IF;
  PERFORM greenroom.log(p_actor, CASE WHEN revived THEN 'registration.revive' ELSE 'registration.add' END,
    format('%s %s %s %s%s%s', CASE WHEN revived THEN 'Registered again' ELSE 'Registered' END,
           greenroom.called(p_name, lower(p_email)),
           CASE WHEN v_seat THEN 'for' ELSE 'on the waitlist of' END,
           greenroom.package_title(p_package),
           CASE WHEN NOT v_seat THEN format(' at #%s', waitlist_position) ELSE '' END,
           CASE WHEN late THEN ', after the deadline' ELSE '' END),
    registration_id);
END $$;
REVOKE ALL ON FUNCTION greenroom.register FROM PUBLIC;
