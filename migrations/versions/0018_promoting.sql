-- Who gets a seat, and who is passed over: docs/decisions/0013-waitlist-preview.md.

-- step: Give seats in the order of a waitlist

-- Why somebody waiting gets no seat, or NULL: the same person holds one in this package already, the address compared
-- without case (ruling 13), or the account is deactivated. It is the account of the registration, else the one an
-- order would go to (ruling 18).
CREATE OR REPLACE FUNCTION greenroom.skipped_because(p_package uuid, p_email text, p_user uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
  v_status text;
  v_same   uuid[] := greenroom.same_person(p_package, p_email);
BEGIN
  IF (SELECT bool_or(greenroom.holds_seat(r.status)) FROM public.event_registrations r WHERE r.id = ANY (v_same)) THEN
    RETURN 'duplicate';
  END IF;
  IF p_user IS NOT NULL THEN
    SELECT u.status INTO v_status FROM public.users u WHERE u.id = p_user;
  ELSE
    SELECT u.status INTO v_status FROM public.users u WHERE lower(u.email) = lower(p_email)
     ORDER BY u.created_at, u.id LIMIT 1;
  END IF;
  RETURN CASE WHEN v_status = 'inactive' THEN 'inactive' END;
END $$;

-- The front of the queue in the order of ruling 10, up to the p_count-th who can get a seat; the others on the way say
-- why they cannot. Reads no further than that.
CREATE OR REPLACE FUNCTION greenroom.in_line(p_package uuid, p_count integer)
RETURNS TABLE (id uuid, who text, turn integer, skip text) LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_sort = off AS $$
DECLARE
  v_row   record;
  v_found integer := 0;
BEGIN
  turn := 0;
  IF p_count < 1 THEN RETURN; END IF;
  FOR v_row IN SELECT r.id, r.attendee_name, r.attendee_email, r.user_id FROM public.event_registrations r
                WHERE r.package_id = p_package AND r.status = 'waitlisted'
                ORDER BY r.waitlist_position, r.registered_at, r.id
  LOOP
    id := v_row.id;
    who := greenroom.called(v_row.attendee_name, v_row.attendee_email);
    turn := turn + 1;
    skip := greenroom.skipped_because(p_package, v_row.attendee_email, v_row.user_id);
    IF skip IS NULL THEN v_found := v_found + 1; END IF;
    RETURN NEXT;
    EXIT WHEN v_found = p_count;
  END LOOP;
END $$;

-- Gives seats to waiting people: to p_registration, or to the next p_count who can get one. given: who got one, in that
-- order; names: theirs; passed: who was passed over and why; ahead: of how many p_registration came. The log says it
-- too. The caller holds the package's lock and has seen that many free seats.
CREATE OR REPLACE FUNCTION greenroom.seat_waiting(
  p_actor uuid, p_package uuid, p_registration uuid, p_count integer, p_because text,
  OUT given uuid[], OUT names text[], OUT passed jsonb, OUT ahead integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET enable_seqscan = off AS $$
DECLARE
  v_notes  text[] := '{}';
  v_passed text[] := '{}';
  v_row    record;
  v_locked integer;
  v_title  text := greenroom.package_title(p_package);
BEGIN
  given := '{}';
  names := '{}';
  passed := '[]';
  ahead := 0;
  IF p_registration IS NULL THEN
    FOR v_row IN SELECT i.id, i.who, i.skip FROM greenroom.in_line(p_package, p_count) i ORDER BY i.turn LOOP
      IF v_row.skip IS NOT NULL THEN
        passed := passed || jsonb_build_object('id', v_row.id, 'who', v_row.who, 'skip', v_row.skip);
        v_passed := v_passed || format('%s (%s)', v_row.who, CASE v_row.skip WHEN 'duplicate' THEN 'has a seat already'
                                                                           ELSE 'account deactivated' END);
        CONTINUE;
      END IF;
      given := given || v_row.id;
      names := names || v_row.who;
      v_notes := v_notes || CASE WHEN v_passed = '{}' THEN '' ELSE
        ', passing over ' || array_to_string(v_passed[1:3], ', ')
        || CASE WHEN cardinality(v_passed) > 3 THEN format(' and %s more', cardinality(v_passed) - 3) ELSE '' END END;
      v_passed := '{}';
    END LOOP;
  ELSE
    SELECT r.package_id, r.status, greenroom.called(r.attendee_name, r.attendee_email) AS who INTO v_row
      FROM public.event_registrations r WHERE r.id = p_registration;
    IF v_row.package_id IS DISTINCT FROM p_package OR v_row.status <> 'waitlisted' THEN RETURN; END IF;
    given := ARRAY[p_registration];
    names := ARRAY[v_row.who];
    ahead := greenroom.place_of(p_registration) - 1;
    v_notes := ARRAY[CASE ahead WHEN 0 THEN '' WHEN 1 THEN ', ahead of 1 other'
                                ELSE format(', ahead of %s others', ahead) END];
  END IF;
  IF given = '{}' THEN RETURN; END IF;
  SELECT count(*) FILTER (WHERE l.status = 'waitlisted' AND l.package_id = p_package) INTO v_locked FROM (
    SELECT r.status, r.package_id FROM public.event_registrations r WHERE r.id = ANY (given)
     ORDER BY r.id FOR UPDATE NOWAIT) l;
  IF v_locked < cardinality(given) THEN
    RAISE EXCEPTION 'somebody left the waitlist meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  UPDATE public.event_registrations r SET status = 'registered', waitlist_position = NULL WHERE r.id = ANY (given);
  IF greenroom.needs_order(p_package) THEN
    PERFORM greenroom.order_for(g.id, NULL) FROM unnest(given) AS g(id);
  END IF;
  PERFORM greenroom.log(p_actor, 'waitlist.promote', format('Promoted %s from the waitlist of %s%s%s', g.who, v_title,
                          g.note, coalesce(' (' || p_because || ')', '')), g.id)
     FROM unnest(given, names, v_notes) WITH ORDINALITY AS g(id, who, note, n) ORDER BY g.n;
END $$;

-- As seat_waiting; who got a seat.
CREATE OR REPLACE FUNCTION greenroom.give_seats(
  p_actor uuid, p_package uuid, p_registration uuid, p_count integer, p_because text)
RETURNS uuid[] LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.given FROM greenroom.seat_waiting(p_actor, p_package, p_registration, p_count, p_because) s
$$;
REVOKE ALL ON FUNCTION greenroom.skipped_because(uuid, text, uuid), greenroom.in_line(uuid, integer),
                       greenroom.seat_waiting(uuid, uuid, uuid, integer, text),
                       greenroom.give_seats(uuid, uuid, uuid, integer, text) FROM PUBLIC;
