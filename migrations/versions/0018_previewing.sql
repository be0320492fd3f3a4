-- Who would get a seat, said beforehand, and done as it was said or not at all.
-- docs/decisions/0013-waitlist-preview.md

-- step: Say beforehand who would be promoted

-- What promoting p_registration, or the next p_count, would do now:
--   closed     why the package gives out no seats, or null
--   held, capacity
--   rows       who would be looked at, in order: id, who, turn (the place), skip (why no seat: duplicate, inactive,
--              closed, full), due and currency (the pending order they would be left with; null when none is)
--   ahead      of how many others, and `names` of the first twenty of them (p_registration only)
-- Amounts are text, so that nobody on the way makes floats of them.
CREATE OR REPLACE FUNCTION greenroom.promotion_plan(p_package uuid, p_registration uuid, p_count integer)
RETURNS jsonb LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_sort = on AS $$
DECLARE
  v_seats   public.package_seats;
  v_package record;
  v_free    integer;
  v_me      public.event_registrations;
  v_ahead   integer := 0;
  v_names   jsonb := '[]';
  v_rows    jsonb;
BEGIN
  SELECT * INTO v_seats FROM public.package_seats s WHERE s.package_id = p_package;
  SELECT CASE WHEN e.deleted_at IS NOT NULL THEN 'event_deleted'
              WHEN e.status <> 'published' THEN 'event_' || e.status
              WHEN NOT p.is_active THEN 'package_retired' END AS closed,
         greenroom.needs_order(p.id) AS needs_order, p.price,
         greenroom.currency_of(p.id) AS currency
    INTO v_package FROM public.packages p JOIN public.events e ON e.id = p.event_id WHERE p.id = p_package;
  v_free := greatest(coalesce(v_seats.capacity - v_seats.held, 2147483647), 0);
  IF p_registration IS NOT NULL THEN
    SELECT r.* INTO v_me FROM public.event_registrations r
     WHERE r.id = p_registration AND r.package_id = p_package AND r.status = 'waitlisted';
    IF FOUND THEN
      SELECT count(*), coalesce(jsonb_agg(a.who ORDER BY a.turn) FILTER (WHERE a.turn <= 20), '[]')
        INTO v_ahead, v_names
        FROM (SELECT greenroom.called(r.attendee_name, r.attendee_email) AS who,
                     row_number() OVER (ORDER BY r.waitlist_position, r.registered_at, r.id) AS turn
                FROM public.event_registrations r
               WHERE r.package_id = p_package AND r.status = 'waitlisted'
                 AND (coalesce(r.waitlist_position, 2147483647), r.registered_at, r.id)
                   < (coalesce(v_me.waitlist_position, 2147483647), v_me.registered_at, v_me.id)) a;
    END IF;
  END IF;
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'who', x.who, 'turn', x.turn, 'skip', x.reason,
                    'due', CASE WHEN x.owes THEN x.amount::text END, 'currency', CASE WHEN x.owes THEN x.currency END)
                  ORDER BY x.turn), '[]')
    INTO v_rows
    FROM (SELECT w.id, w.who, w.turn, s.reason,
                 v_package.needs_order AND s.reason IS NULL AND o.payment_status IS DISTINCT FROM 'paid' AS owes,
                 CASE o.payment_status WHEN 'pending' THEN o.amount_paid ELSE v_package.price END AS amount,
                 CASE o.payment_status WHEN 'pending' THEN o.currency ELSE v_package.currency END AS currency
            FROM (SELECT l.*, count(*) FILTER (WHERE l.skip IS NULL) OVER (ORDER BY l.turn) AS nth
                    FROM (SELECT i.* FROM greenroom.in_line(p_package, p_count) i WHERE p_registration IS NULL
                          UNION ALL
                          SELECT v_me.id, greenroom.called(v_me.attendee_name, v_me.attendee_email), v_ahead + 1,
                                 greenroom.skipped_because(p_package, v_me.attendee_email, v_me.user_id)
                           WHERE v_me.id IS NOT NULL) l) w
           CROSS JOIN LATERAL (
             SELECT CASE WHEN v_package.closed IS NOT NULL THEN 'closed' WHEN w.skip IS NOT NULL THEN w.skip
                         WHEN v_free < w.nth THEN 'full' END AS reason) s
            JOIN public.event_registrations r ON r.id = w.id
            LEFT JOIN public.orders o ON o.id = r.order_id AND o.package_id = r.package_id) x;
  RETURN jsonb_build_object('closed', v_package.closed, 'held', v_seats.held, 'capacity', v_seats.capacity,
                            'rows', v_rows, 'ahead', v_ahead, 'names', v_names);
END $$;
REVOKE ALL ON FUNCTION greenroom.promotion_plan(uuid, uuid, integer) FROM PUBLIC;

-- step: Promote what was said beforehand, or nothing

-- Gives free seats to waiting people: to p_registration, or to the next p_count of p_package who can get one. Who owes
-- something gets a pending order (ruling 17). p_seen is what the person saw of promotion_plan; when it no longer holds
-- nothing is done, and `plan` is what holds now, `fates` what became of those in p_seen.
-- outcome: promoted, changed, full, nobody, all_skipped, duplicate, inactive, not_found, wrong_state, or why the
-- package is closed.
CREATE OR REPLACE FUNCTION greenroom.promote_seen(
  p_actor uuid, p_package uuid, p_registration uuid, p_count integer, p_seen jsonb,
  OUT outcome text, OUT package_id uuid, OUT package_name text, OUT event_title text, OUT status text,
  OUT who text, OUT promoted uuid[], OUT names text[], OUT unpaid integer, OUT held integer,
  OUT capacity integer, OUT waiting integer, OUT ahead integer, OUT passed jsonb, OUT plan jsonb, OUT fates jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  v_seats public.package_seats;
  v_reg   public.event_registrations;
  v_skip  text;
BEGIN
  promoted := '{}';
  package_id := coalesce((SELECT r.package_id FROM public.event_registrations r WHERE r.id = p_registration),
                         p_package);
  v_seats := greenroom.lock_package(package_id);
  held := v_seats.held;
  capacity := v_seats.capacity;
  SELECT p.name, e.title INTO package_name, event_title
    FROM public.packages p LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = package_id;
  IF p_seen IS NOT NULL AND v_seats.package_id IS NOT NULL THEN
    plan := greenroom.promotion_plan(p_package, p_registration, p_count);
    IF greenroom.what_counts(plan) IS DISTINCT FROM greenroom.what_counts(p_seen) THEN
      outcome := 'changed';
      package_id := p_package;
      fates := (SELECT jsonb_object_agg(r.id, jsonb_build_object(
                         'status', r.status, 'skip', greenroom.skipped_because(p_package, r.attendee_email, r.user_id),
                         'paid', o.payment_status = 'paid',
                         'moved', CASE WHEN r.package_id <> p_package THEN greenroom.package_title(r.package_id) END))
                  FROM jsonb_array_elements(p_seen -> 'rows') s
                  JOIN public.event_registrations r ON r.id = (s ->> 'id')::uuid
                  LEFT JOIN public.orders o ON o.id = r.order_id);
      RETURN;
    END IF;
  END IF;
  IF p_registration IS NOT NULL THEN
    SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration;
    IF v_reg.package_id = package_id THEN  -- else it is being moved at this moment
      status := v_reg.status;
      who := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);
      v_skip := greenroom.skipped_because(package_id, v_reg.attendee_email, v_reg.user_id);
    END IF;
    IF status IS DISTINCT FROM 'waitlisted' THEN
      outcome := CASE WHEN status IS NULL THEN 'not_found' ELSE 'wrong_state' END;
      RETURN;
    END IF;
  END IF;
  outcome := coalesce(greenroom.closed_because(package_id), v_skip);
  IF outcome IS NOT NULL THEN RETURN; END IF;

  IF held >= capacity THEN
    outcome := 'full';
    RETURN;
  END IF;
  SELECT s.given, s.names, s.ahead, s.passed INTO promoted, names, ahead, passed
    FROM greenroom.seat_waiting(p_actor, package_id, p_registration,
           least(CASE WHEN p_registration IS NULL THEN coalesce(p_count, 0) ELSE 1 END, capacity - held), NULL) s;
  IF promoted = '{}' THEN
    IF p_registration IS NOT NULL THEN  -- was waiting a moment ago
      RAISE EXCEPTION 'the registration changed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    outcome := CASE passed WHEN '[]' THEN 'nobody' ELSE 'all_skipped' END;
    RETURN;
  END IF;
  outcome := 'promoted';
  held := held + cardinality(promoted);
  SELECT count(*) INTO unpaid FROM public.event_registrations r JOIN public.orders o ON o.id = r.order_id
   WHERE r.id = ANY (promoted) AND o.payment_status = 'pending';
  waiting := greenroom.waiting(package_id);
END $$;

-- The part of a plan that must still hold when it is carried out: the seats, whether they are given out at all, and who
-- gets one or does not, owing what. Neither names nor places, nor those for whom there was no seat anyway.
CREATE OR REPLACE FUNCTION greenroom.what_counts(p_plan jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_array(p_plan -> 'closed', p_plan -> 'held', p_plan -> 'capacity', p_plan -> 'ahead',
           (SELECT jsonb_agg(jsonb_build_array(w.row -> 'id', w.row -> 'skip', w.row -> 'due', w.row -> 'currency')
                             ORDER BY w.n)
              FROM jsonb_array_elements(p_plan -> 'rows') WITH ORDINALITY AS w(row, n)
             WHERE w.row ->> 'skip' IS DISTINCT FROM 'full'))
$$;

-- What promote_seen would do, and its preview's title; nothing is locked. outcome: planned, not_found, or wrong_state.
CREATE OR REPLACE FUNCTION greenroom.preview_promotion(
  p_actor uuid, p_package uuid, p_registration uuid, p_count integer,
  OUT outcome text, OUT package_id uuid, OUT package_name text, OUT event_title text, OUT status text, OUT who text,
  OUT plan jsonb, OUT waiting integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  package_id := p_package;
  IF p_registration IS NOT NULL THEN
    SELECT r.package_id, r.status, greenroom.called(r.attendee_name, r.attendee_email) INTO package_id, status, who
      FROM public.event_registrations r WHERE r.id = p_registration;
  END IF;
  SELECT p.name, e.title INTO package_name, event_title
    FROM public.packages p JOIN public.events e ON e.id = p.event_id WHERE p.id = package_id;
  outcome := CASE WHEN package_name IS NULL THEN 'not_found' WHEN status <> 'waitlisted' THEN 'wrong_state'
                  ELSE 'planned' END;
  IF outcome = 'planned' THEN
    plan := greenroom.promotion_plan(package_id, p_registration, p_count);
    waiting := greenroom.waiting(package_id);
  END IF;
END $$;

-- As promote_seen, for those who saw nothing beforehand.
CREATE OR REPLACE FUNCTION greenroom.promote(
  p_actor uuid, p_package uuid, p_registration uuid, p_count integer,
  OUT outcome text, OUT package_id uuid, OUT package_name text, OUT event_title text, OUT status text,
  OUT who text, OUT promoted uuid[], OUT names text[], OUT unpaid integer, OUT held integer,
  OUT capacity integer, OUT waiting integer)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.outcome, s.package_id, s.package_name, s.event_title, s.status, s.who, s.promoted, s.names, s.unpaid, s.held,
         s.capacity, s.waiting
    FROM greenroom.promote_seen(p_actor, p_package, p_registration, p_count, NULL) s
$$;
REVOKE ALL ON FUNCTION greenroom.promote_seen(uuid, uuid, uuid, integer, jsonb), greenroom.what_counts(jsonb),
                       greenroom.preview_promotion(uuid, uuid, uuid, integer),
                       greenroom.promote(uuid, uuid, uuid, integer) FROM PUBLIC;
