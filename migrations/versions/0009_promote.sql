-- Gives free seats to waiting people: to p_registration, or to the next p_count of p_package in the order of
-- ruling 10, as many as there are seats for. A package whose event needs payment gets them pending orders
-- (ruling 17). outcome: promoted, full, nobody, not_found, wrong_state, or why the package is closed.
-- step: Promote from the waitlist
CREATE FUNCTION greenroom.promote(
  p_actor uuid, p_package uuid, p_registration uuid, p_count integer,
  OUT outcome text, OUT package_id uuid, OUT package_name text, OUT event_title text, OUT status text,
  OUT who text, OUT promoted uuid[], OUT names text[], OUT unpaid integer, OUT held integer,
  OUT capacity integer, OUT waiting integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_seats public.package_seats;
BEGIN
  promoted := '{}';
  package_id := coalesce((SELECT r.package_id FROM public.event_registrations r WHERE r.id = p_registration),
                         p_package);
  v_seats := greenroom.lock_package(package_id);
  held := v_seats.held;
  capacity := v_seats.capacity;
  SELECT p.name, e.title INTO package_name, event_title
    FROM public.packages p LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = package_id;
  IF p_registration IS NOT NULL THEN
    SELECT r.status, greenroom.called(r.attendee_name, r.attendee_email) INTO status, who
      FROM public.event_registrations r WHERE r.id = p_registration AND r.package_id = promote.package_id;
    IF status IS DISTINCT FROM 'waitlisted' THEN
      outcome := CASE WHEN status IS NULL THEN 'not_found' ELSE 'wrong_state' END;
      RETURN;
    END IF;
  END IF;
  outcome := greenroom.closed_because(package_id);
  IF outcome IS NOT NULL THEN RETURN; END IF;

  IF held >= capacity THEN
    outcome := 'full';
    RETURN;
  END IF;
  promoted := greenroom.give_seats(p_actor, package_id, p_registration,
                                   least(CASE WHEN p_registration IS NULL THEN p_count ELSE 1 END, capacity - held),
                                   NULL);
  IF promoted = '{}' THEN
    IF p_registration IS NOT NULL THEN  -- was waiting a moment ago
      RAISE EXCEPTION 'the registration changed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    outcome := 'nobody';
    RETURN;
  END IF;
  outcome := 'promoted';
  held := held + cardinality(promoted);
  SELECT array_agg(greenroom.called(r.attendee_name, r.attendee_email) ORDER BY g.n),
         count(*) FILTER (WHERE o.payment_status = 'pending')
    INTO names, unpaid
    FROM unnest(promoted) WITH ORDINALITY AS g(id, n)
    JOIN public.event_registrations r ON r.id = g.id LEFT JOIN public.orders o ON o.id = r.order_id;
  SELECT count(*) INTO waiting FROM public.event_registrations r
   WHERE r.package_id = promote.package_id AND r.status = 'waitlisted';
END $$;
REVOKE ALL ON FUNCTION greenroom.promote FROM PUBLIC;
