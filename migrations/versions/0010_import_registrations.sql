-- Takes a whole file of people into one package: decided and written in one call, set by set, under the
-- package's lock (concurrency.md). The service has read and checked the file; p_rows holds one object per
-- person: line, email, name, phone, meta, order, position, buyer, wish (seat, wait, cancel), attended,
-- attended_at, payment (paid, pending, refunded), amount, currency, gateway, ordered_at. Times are UTC.
--
-- A dry run takes the same lock, makes the same plan with the same statements, and returns before the first
-- write. The real run then carries out that plan and nothing else: where a row count differs from the plan
-- it fails as a whole (serialization_failure, so the caller tries again). So the two cannot tell different
-- stories, and a dry run holds the lock for the plan only.
--
-- outcome: planned, imported, or why the package is closed (greenroom.closed_because). held, capacity and
-- waiting are those afterwards.

-- The plan was shown to a person, or could have been: what is done must be it.
-- step: Carry out an import
CREATE FUNCTION greenroom.as_planned(p_done bigint, p_planned bigint) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_done IS DISTINCT FROM p_planned THEN
    RAISE EXCEPTION 'others changed the package during the import: % rows instead of %', p_done, p_planned
      USING ERRCODE = 'serialization_failure';
  END IF;
END $$;

-- The rows to be changed, locked in the order of concurrency.md; then they must still be as planned.
CREATE FUNCTION greenroom.lock_import(p_package uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM 1 FROM public.event_registrations r JOIN pg_temp.import_plan p ON p.id = r.id
    WHERE p.changes ORDER BY r.id FOR UPDATE OF r NOWAIT;
  PERFORM 1 FROM public.orders o JOIN pg_temp.import_plan p ON p.order_id = o.id
    WHERE p.order_deed IN ('update', 'close') ORDER BY o.id FOR UPDATE OF o NOWAIT;
  PERFORM greenroom.as_planned(
    (SELECT count(*) FROM pg_temp.import_plan p
       JOIN public.event_registrations r ON r.id = p.id
       LEFT JOIN public.orders o ON o.id = r.order_id AND o.package_id = p_package
      WHERE p.changes AND (r.status, r.order_id, o.payment_status)
                          IS NOT DISTINCT FROM (p.was, p.known_order, p.known_payment)),
    (SELECT count(*) FROM pg_temp.import_plan p WHERE p.changes));
END $$;

-- Accounts of buyers as greenroom.buyer makes them (ruling 18), and the orders.
CREATE FUNCTION greenroom.import_orders(p_package uuid, p_planned integer, p_now timestamp) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_rows integer := 0;
BEGIN
  IF p_planned > 0 THEN
    INSERT INTO public.users (username, email, created_at, updated_at)
      SELECT left(regexp_replace(split_part(b.email, '@', 1), '[^a-z0-9._-]', '', 'g'), 36) || '-'
               || left(replace(gen_random_uuid()::text, '-', ''), 12), b.email, p_now, p_now
        FROM pg_temp.import_buyers b WHERE b.user_id IS NULL ORDER BY b.email
      ON CONFLICT DO NOTHING;
    UPDATE pg_temp.import_buyers b SET user_id = u.id FROM public.users u
     WHERE b.user_id IS NULL AND u.email = b.email;
    ANALYZE pg_temp.import_buyers;
    INSERT INTO public.orders (id, user_id, package_id, payment_gateway, payment_id, amount_paid, currency,
                        payment_status, purchased_at, updated_at)
      SELECT p.order_id, b.user_id, p_package,
             coalesce(i.gateway, CASE WHEN i.payment IS NULL THEN 'desk' ELSE 'import' END),
             coalesce(i.payment_id, 'greenroom:' || p.order_id), p.due, p.due_in,
             p.order_status, coalesce(i.ordered_at, p_now), p_now
        FROM pg_temp.import_plan p
        JOIN pg_temp.import_rows i ON i.line = p.line
        JOIN pg_temp.import_buyers b ON b.email = i.buyer
       WHERE p.order_deed = 'insert' AND b.user_id IS NOT NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
  END IF;
  PERFORM greenroom.as_planned(v_rows, p_planned);

  UPDATE public.orders o SET payment_status = 'paid', payment_gateway = coalesce(i.gateway, 'import'),
                      payment_id = coalesce(i.payment_id, o.payment_id),
                      amount_paid = coalesce(i.amount, o.amount_paid),
                      currency = coalesce(i.currency, o.currency),
                      purchased_at = coalesce(i.ordered_at, o.purchased_at)
    FROM pg_temp.import_plan p JOIN pg_temp.import_rows i ON i.line = p.line
   WHERE o.id = p.order_id AND p.order_deed = 'update' AND p.order_status = 'paid';
  UPDATE public.orders o SET payment_status = p.order_status
    FROM pg_temp.import_plan p
   WHERE o.id = p.order_id AND p.order_deed IN ('update', 'close') AND p.order_status <> 'paid';
END $$;

-- The cancellations, each with a log row of its own; then the queue into the seats they freed.
CREATE FUNCTION greenroom.import_cancellations(
  p_actor uuid, p_package uuid, p_file text, p_promoted integer, p_now timestamp)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE public.event_registrations r
     SET status = 'cancelled', cancelled_at = p_now, waitlist_position = NULL,
         order_id = coalesce(p.order_id, r.order_id)
    FROM pg_temp.import_plan p WHERE r.id = p.id AND p.deed = 'cancel' AND NOT p.fresh;
  INSERT INTO public.admin_logs (admin_id, action_type, description, subject_id, logged_at)
    SELECT p_actor, 'registration.cancel',
           format('Cancelled %s of %s (was %s): line %s of %s', greenroom.called(p.known_name, p.known_email),
                  t.title, p.was, p.line, p_file), p.id, timezone('UTC', clock_timestamp())
      FROM pg_temp.import_plan p, (SELECT greenroom.package_title(p_package) AS title) t
     WHERE p.deed = 'cancel' AND NOT p.fresh ORDER BY p.line;
  -- Their orders first: somebody the file calls paid gets no second, pending order with the seat.
  UPDATE public.event_registrations r SET order_id = p.order_id
    FROM pg_temp.import_plan p WHERE r.id = p.id AND p.moves_up AND p.order_deed = 'insert';
  IF p_promoted > 0 THEN
    PERFORM greenroom.as_planned(
      cardinality(greenroom.give_seats(p_actor, p_package, NULL, p_promoted, 'a cancellation in ' || p_file)), p_promoted);
  END IF;
  IF EXISTS (SELECT FROM public.event_registrations r WHERE r.package_id = p_package AND r.status = 'waitlisted'
             HAVING count(DISTINCT r.waitlist_position) < count(*) OR max(r.waitlist_position) <> count(*)) THEN
    PERFORM greenroom.number_waitlist(p_package);
  END IF;
END $$;

-- The new people, what changes for those who were there, and the ledger. registration_meta -> 'import' -> 'log'
-- is the log row of the import that brought or last changed somebody.
CREATE FUNCTION greenroom.import_people(p_actor uuid, p_package uuid, p_log uuid, p_now timestamp)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_event uuid := (SELECT p.event_id FROM public.packages p WHERE p.id = p_package);
  v_rows  integer;
BEGIN
  INSERT INTO public.event_registrations (
      id, event_id, package_id, user_id, attendee_name, attendee_email, phone_number, order_id, status,
      registered_at, cancelled_at, waitlist_position, registration_meta, created_at, updated_at)
    SELECT p.id, v_event, p_package, u.id, i.name, i.email, i.phone, p.order_id, p.becomes,
           coalesce(i.ordered_at, p_now), CASE p.becomes WHEN 'cancelled' THEN p_now END, p.place,
           jsonb_set(jsonb_build_object('import', '{}'::jsonb) || p.meta, '{import,log}', to_jsonb(p_log)),
           p_now, p_now
      FROM pg_temp.import_plan p JOIN pg_temp.import_rows i ON i.line = p.line
      LEFT JOIN LATERAL (SELECT x.id FROM public.users x WHERE lower(x.email) = i.email AND x.created_at < p_now
                          ORDER BY x.created_at, x.id LIMIT 1) u ON true
     WHERE p.fresh ORDER BY p.line
    ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  PERFORM greenroom.as_planned(v_rows, (SELECT count(*) FROM pg_temp.import_plan p WHERE p.fresh));

  UPDATE public.event_registrations r
     SET status = CASE WHEN p.attends THEN 'attended' ELSE r.status END,
         order_id = CASE p.order_deed WHEN 'insert' THEN p.order_id ELSE r.order_id END,
         attendee_name = coalesce(nullif(btrim(r.attendee_name), ''), i.name),
         phone_number = coalesce(nullif(btrim(r.phone_number), ''), i.phone),
         registration_meta =
           CASE WHEN jsonb_typeof(p.meta) = 'object' AND jsonb_typeof(coalesce(p.meta -> 'import', '{}')) = 'object'
                THEN jsonb_set(jsonb_build_object('import', '{}'::jsonb) || p.meta, '{import,log}', to_jsonb(p_log))
                ELSE p.meta END
    FROM pg_temp.import_plan p JOIN pg_temp.import_rows i ON i.line = p.line
   WHERE r.id = p.id AND NOT p.fresh AND (p.attends OR p.details OR p.order_deed = 'insert');

  INSERT INTO public.check_ins (id, registration_id, event_id, package_id, action, station, staff_id, decided_at,
                         decision, verdict)
    SELECT greenroom.import_check_in(p.id, i.attended_at), p.id, v_event, p_package, 'admit', 'import',
           p_actor, i.attended_at, 'admit',
           CASE WHEN p.was = 'attended' AND EXISTS (
                  SELECT FROM public.check_ins c WHERE c.registration_id = p.id AND c.verdict = 'admitted')
                THEN 'already_inside' ELSE 'admitted' END
      FROM pg_temp.import_plan p JOIN pg_temp.import_rows i ON i.line = p.line WHERE p.enters ORDER BY p.line;
END $$;

CREATE FUNCTION greenroom.import_summary(p_package uuid, p_file text, p_counts jsonb, p_late boolean)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v text[] := (SELECT array_agg(to_char((p_counts ->> n.name)::integer, 'FM999,999,990') ORDER BY n.turn)
                 FROM unnest(ARRAY['seated', 'waitlisted', 'kept_cancelled', 'unchanged', 'changed', 'cancelled',
                                   'checked_in', 'paid', 'promoted']) WITH ORDINALITY AS n(name, turn));
BEGIN
  RETURN format('Imported %s people into %s from %s: %s seated, %s waitlisted, %s cancelled already; '
                'of those who were there %s unchanged, %s changed, %s cancelled; '
                '%s checked in, %s paid, %s promoted%s',
    to_char((p_counts ->> 'seated')::integer + (p_counts ->> 'waitlisted')::integer
            + (p_counts ->> 'kept_cancelled')::integer, 'FM999,999,990'),
    greenroom.package_title(p_package), p_file, v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9],
    CASE WHEN p_late THEN '; after the deadline' ELSE '' END);
END $$;

CREATE FUNCTION greenroom.import_registrations(
  p_actor uuid, p_package uuid, p_rows jsonb, p_file text, p_dry_run boolean,
  OUT outcome text, OUT package_name text, OUT event_title text, OUT late boolean, OUT held integer,
  OUT capacity integer, OUT waiting integer, OUT counts jsonb, OUT notes jsonb, OUT locked_ms integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET work_mem = '64MB' AS $$
#variable_conflict use_column
DECLARE
  v_seats public.package_seats;
  v_since timestamptz;
  v_plan  record;
  v_log   uuid := gen_random_uuid();
  v_now   timestamp := timezone('UTC', now());
BEGIN
  -- Before the lock: what needs only the file.
  CREATE TEMP TABLE import_rows ON COMMIT DROP AS
    SELECT x.*, greenroom.fold(x.name) AS name_key, x."order" || coalesce('-' || x."position", '') AS payment_id
      FROM jsonb_to_recordset(p_rows) AS x(
        line integer, email text, name text, phone text, meta jsonb, "order" text, "position" text, buyer text,
        wish text, attended boolean, attended_at timestamp, payment text, amount numeric, currency text,
        gateway text, ordered_at timestamp);
  ALTER TABLE pg_temp.import_rows ADD PRIMARY KEY (line);
  ANALYZE pg_temp.import_rows;

  v_seats := greenroom.lock_package(p_package);
  v_since := clock_timestamp();
  SELECT p.name, e.title, coalesce(v_now > coalesce(p.package_registration_deadline, e.registration_deadline), false)
    INTO package_name, event_title, late
    FROM public.packages p LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = p_package;
  outcome := greenroom.closed_because(p_package);
  IF outcome IS NOT NULL THEN RETURN; END IF;

  v_plan := greenroom.plan_import(p_package, v_seats.held, v_seats.capacity);
  held := v_plan.held;
  capacity := v_seats.capacity;
  waiting := v_plan.waiting;
  counts := v_plan.counts;
  notes := v_plan.notes;
  outcome := 'planned';
  IF NOT p_dry_run THEN
    PERFORM greenroom.lock_import(p_package);
    PERFORM greenroom.import_orders(p_package, (counts ->> 'orders')::integer, v_now);
    PERFORM greenroom.import_cancellations(p_actor, p_package, p_file, v_plan.promoted, v_now);
    PERFORM greenroom.import_people(p_actor, p_package, v_log, v_now);
    PERFORM greenroom.as_planned((SELECT s.held FROM public.package_seats s WHERE s.package_id = p_package), held);
    INSERT INTO public.admin_logs (id, admin_id, action_type, description, subject_id, logged_at)
    VALUES (v_log, p_actor, 'registration.import', greenroom.import_summary(p_package, p_file, counts, late),
            p_package, timezone('UTC', clock_timestamp()));
    outcome := 'imported';
  END IF;
  locked_ms := extract(epoch FROM clock_timestamp() - v_since) * 1000;
END $$;

REVOKE ALL ON FUNCTION
  greenroom.as_planned(bigint, bigint), greenroom.lock_import(uuid),
  greenroom.import_orders(uuid, integer, timestamp),
  greenroom.import_cancellations(uuid, uuid, text, integer, timestamp),
  greenroom.import_people(uuid, uuid, uuid, timestamp), greenroom.import_summary(uuid, text, jsonb, boolean),
  greenroom.import_registrations(uuid, uuid, jsonb, text, boolean) FROM PUBLIC;
