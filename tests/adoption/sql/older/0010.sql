-- What an import will do, decided before anything is written: greenroom.plan_import leaves one row per person
-- of the file in pg_temp.import_plan, and everything else about an import only carries that out. The caller
-- holds the package's lock and has filled pg_temp.import_rows.
--
-- Order: the file's cancellations free their seats; the queue that was there before gets these (ruling 11);
-- whoever still waits stays ahead of the file, even when seats are free; then the file's people in its order:
-- seats while there are seats, then the end of the queue.
--
-- The same person again: by address in any case (ruling 13), else by order code and position in
-- registration_meta -> 'import', else by order code and name where one side has no position. Nobody who was
-- cancelled here is revived by a file: it may be older than the cancellation.

CREATE FUNCTION greenroom.import_check_in(p_registration uuid, p_at timestamp) RETURNS uuid LANGUAGE sql
IMMUTABLE STRICT PARALLEL SAFE
RETURN pg_catalog.encode(pg_catalog.substr(pg_catalog.sha256(pg_catalog.convert_to(
         'import ' || p_registration::text || pg_catalog.to_char(p_at, ' YYYY-MM-DD HH24:MI:SS'), 'UTF8')),
         1, 16), 'hex')::uuid;
COMMENT ON FUNCTION greenroom.import_check_in(uuid, timestamp) IS
  'The id of an imported check-in: the same person and time from two files are one operation';

-- The details a registration gets: what it has stays, what it lacks is added. 'import' identifies the ticket.
CREATE FUNCTION greenroom.import_meta(p_known jsonb, p_file jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN CASE
  WHEN p_known IS NULL THEN p_file
  WHEN pg_catalog.jsonb_typeof(p_known) <> 'object' THEN p_known
  WHEN pg_catalog.jsonb_typeof(p_known -> 'import') = 'object' AND p_file ? 'import'
       AND coalesce(p_known #>> '{import,order}', p_file #>> '{import,order}') = p_file #>> '{import,order}'
    THEN p_file || p_known
         || pg_catalog.jsonb_build_object('import', (p_file -> 'import') || (p_known -> 'import'))
  ELSE p_file || p_known END;

-- Who of the file is there already. One registration is found by one row at most.
CREATE FUNCTION greenroom.match_import(p_package uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CREATE TEMP TABLE import_match (line integer PRIMARY KEY, registration_id uuid UNIQUE, how text) ON COMMIT DROP;
  INSERT INTO pg_temp.import_match
    SELECT DISTINCT ON (i.line) i.line, r.id, 'email'
      FROM pg_temp.import_rows i
      JOIN public.event_registrations r ON r.package_id = p_package AND lower(r.attendee_email) = i.email
     ORDER BY i.line, (r.status = 'cancelled'), r.registered_at, r.id;
  ANALYZE pg_temp.import_match;
  IF EXISTS (SELECT FROM pg_temp.import_rows i WHERE i."order" IS NOT NULL
                AND NOT EXISTS (SELECT FROM pg_temp.import_match m WHERE m.line = i.line)) THEN
    INSERT INTO pg_temp.import_match
      SELECT DISTINCT ON (t.id) t.line, t.id, 'ticket'
        FROM (SELECT DISTINCT ON (i.line) i.line, r.id
                FROM pg_temp.import_rows i
                JOIN public.event_registrations r ON r.package_id = p_package
                 AND r.registration_meta #>> '{import,order}' = i."order"
                 AND (r.registration_meta #>> '{import,position}' = i."position"
                      OR (i."position" IS NULL OR r.registration_meta #>> '{import,position}' IS NULL)
                         AND i.name_key = r.name_key)
               WHERE NOT EXISTS (SELECT FROM pg_temp.import_match m WHERE m.line = i.line)
                 AND NOT EXISTS (SELECT FROM pg_temp.import_match m WHERE m.registration_id = r.id)
               ORDER BY i.line, r.registered_at, r.id) t
       ORDER BY t.id, t.line;
  END IF;
END $$;

-- held, capacity: before the import; afterwards in the answer. promoted: how many of the queue get a seat.
CREATE FUNCTION greenroom.plan_import(
  p_package uuid, p_held integer, p_capacity integer,
  OUT held integer, OUT waiting integer, OUT promoted integer, OUT counts jsonb, OUT notes jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_package  record;
  v_capacity integer := coalesce(p_capacity, 2147483647);  -- NULL: without limit
  v_freed    integer;
  v_free     integer;
BEGIN
  SELECT p.price, greenroom.needs_order(p.id) AS needs_order,
         coalesce(coalesce(e.end_time, e.start_time + interval '24 hours') < timezone('UTC', now()), false) AS ended,
         coalesce((SELECT o.currency FROM public.orders o WHERE o.package_id = p.id ORDER BY o.purchased_at DESC LIMIT 1),
                  'INR') AS currency
    INTO v_package FROM public.packages p JOIN public.events e ON e.id = p.event_id WHERE p.id = p_package;
  PERFORM greenroom.match_import(p_package);

  -- What is true of each row's person now. deed: seat, wait or cancel for new people; cancel or stay for others.
  CREATE TEMP TABLE import_known ON COMMIT DROP AS
    SELECT i.line, coalesce(r.id, gen_random_uuid()) AS id, r.id IS NULL AS fresh, m.how, r.status AS was,
           r.attendee_name AS known_name, r.attendee_email AS known_email, r.name_key AS known_key,
           r.phone_number AS known_phone, r.registration_meta AS known_meta, r.order_id AS known_order,
           o.payment_status AS known_payment,
           -- The desk's pending orders and the file's own; the website's are its gateway's business.
           coalesce(o.payment_gateway IN ('desk', 'import') OR o.payment_id = i.payment_id, false) AS closable,
           CASE WHEN r.id IS NULL THEN i.wish
                WHEN i.wish = 'cancel' AND r.status IN ('registered', 'waitlisted') THEN 'cancel'
                ELSE 'stay' END AS deed,
           coalesce(i.attended, false) AS came, i.attended_at, l.taken_over, l.taken_back,
           -- Nothing is due for a free ticket, so it counts as paid where an order is needed.
           CASE WHEN v_package.needs_order AND i.amount = 0 AND i.payment IS DISTINCT FROM 'refunded' THEN 'paid'
                ELSE i.payment END AS says,
           coalesce(i.amount, v_package.price) AS due, i.currency, coalesce(i.currency, v_package.currency) AS due_in,
           i.wish, i.payment, i.name, i.name_key, i.phone, i.meta
      FROM pg_temp.import_rows i
      LEFT JOIN pg_temp.import_match m ON m.line = i.line
      LEFT JOIN public.event_registrations r ON r.id = m.registration_id
      LEFT JOIN public.orders o ON o.id = r.order_id AND o.package_id = p_package
      CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM public.check_ins c WHERE c.id = greenroom.import_check_in(r.id, i.attended_at)) AS taken_over,
               i.attended AND EXISTS (SELECT FROM public.check_ins c WHERE c.registration_id = r.id AND c.verdict = 'undone')
                 AS taken_back) l;
  ANALYZE pg_temp.import_known;

  -- How many seats there are, and for whom.
  SELECT count(*) INTO waiting FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted';
  SELECT waiting - count(*) FILTER (WHERE k.was = 'waitlisted'), count(*) FILTER (WHERE k.was = 'registered')
    INTO waiting, v_freed FROM pg_temp.import_known k WHERE k.deed = 'cancel';
  held := p_held - v_freed;
  promoted := CASE WHEN v_package.ended THEN 0
                   ELSE least(v_freed, waiting, greatest(v_capacity - held, 0)) END;
  held := held + promoted;
  waiting := waiting - promoted;
  v_free := CASE WHEN waiting > 0 THEN 0 ELSE greatest(v_capacity - held, 0) END;

  -- The plan. Each step is computed from the one before: the seat, the money, the attendance.
  CREATE TEMP TABLE import_plan ON COMMIT DROP AS
    WITH queue AS (
      SELECT r.id FROM public.event_registrations r
       WHERE r.package_id = p_package AND r.status = 'waitlisted'
         AND NOT EXISTS (SELECT FROM pg_temp.import_known k WHERE k.id = r.id AND k.deed = 'cancel')
       ORDER BY r.waitlist_position NULLS LAST, r.registered_at, r.id LIMIT promoted),
    turns AS (
      SELECT k.*, q.id IS NOT NULL AS moves_up,
             count(*) FILTER (WHERE k.fresh AND k.deed = 'seat') OVER (ORDER BY k.line) AS turn
        FROM pg_temp.import_known k LEFT JOIN queue q ON q.id = k.id),
    seats AS (
      SELECT t.*, CASE WHEN t.deed = 'cancel' THEN 'cancelled'
                       WHEN t.moves_up THEN 'registered'
                       WHEN NOT t.fresh THEN t.was
                       WHEN t.deed = 'seat' AND t.turn <= v_free THEN 'registered'
                       ELSE 'waitlisted' END AS seat
        FROM turns t),
    -- One order per registration (ruling 17). What the file says of money is a fact and kept even for those
    -- who wait; a pending order is opened for a seat only.
    money AS (
      SELECT s.*, CASE
               WHEN s.was = 'cancelled' AND s.says IS DISTINCT FROM 'refunded' THEN NULL
               WHEN s.says = 'paid' AND s.known_payment IN ('pending', 'failed') THEN 'update'
               WHEN s.says = 'paid' AND s.known_payment IS NULL AND s.seat <> 'cancelled'
                    AND (s.due > 0 OR v_package.needs_order) THEN 'insert'
               WHEN s.says = 'refunded' AND s.known_payment IN ('pending', 'failed', 'paid')
                    AND s.seat = 'cancelled' THEN 'update'
               WHEN s.says = 'refunded' AND s.known_payment IS NULL AND s.seat = 'cancelled' AND s.due > 0
                    THEN 'insert'
               WHEN s.says = 'pending' AND s.known_payment IS NULL AND s.seat = 'registered' AND s.due > 0
                    THEN 'insert'
               WHEN s.says IS NULL AND s.fresh AND s.seat = 'registered' AND v_package.needs_order THEN 'insert'
               WHEN s.deed = 'cancel' AND s.known_payment = 'pending' AND s.closable THEN 'close'
             END AS order_deed
        FROM seats s),
    paid AS (
      SELECT m.*, CASE WHEN m.order_deed = 'close' THEN 'failed'
                       WHEN m.order_deed IS NOT NULL THEN coalesce(m.says, 'pending') END AS order_status
        FROM money m),
    -- Checked in: only with a seat, and paid for where the event wants it (ruling 17). What was taken over
    -- before, or taken back here since, is not done again.
    attendance AS (
      SELECT p.*, x.may_enter, p.came AND p.seat = 'registered' AND x.may_enter AND NOT x.again AS attends,
             p.came AND p.seat IN ('registered', 'attended') AND (x.may_enter OR p.seat = 'attended')
               AND p.attended_at IS NOT NULL AND NOT p.taken_over AS enters,
             x.again
        FROM paid p
        CROSS JOIN LATERAL (
          SELECT NOT v_package.needs_order OR coalesce(p.order_status, p.known_payment, '') = 'paid' AS may_enter,
                 p.taken_over OR p.attended_at IS NULL AND p.taken_back AS again) x),
    outcome AS (
      SELECT a.line, a.id, a.fresh, a.was, a.deed, a.known_order, a.known_payment, a.known_name, a.known_email,
             a.moves_up, a.attends, a.enters, a.order_deed, a.order_status, a.due,
             a.due_in, a.order_deed = 'insert' AND a.currency IS NULL AS currency_guessed,
             CASE WHEN a.attends THEN 'attended' ELSE a.seat END AS becomes,
             CASE WHEN a.fresh AND a.seat = 'waitlisted' THEN
               waiting + count(*) FILTER (WHERE a.fresh AND a.seat = 'waitlisted') OVER (ORDER BY a.line) END AS place,
             CASE a.order_deed WHEN 'insert' THEN gen_random_uuid() WHEN 'update' THEN a.known_order
                               WHEN 'close' THEN a.known_order END AS order_id,
             d.meta,
             NOT a.fresh AND (
               d.meta IS DISTINCT FROM coalesce(a.known_meta, '{}')
               OR a.name IS NOT NULL AND nullif(btrim(a.known_name), '') IS NULL
               OR a.phone IS NOT NULL AND nullif(btrim(a.known_phone), '') IS NULL) AS details,
             -- What the file says and the rules do not allow, or what a person should look at.
             array_remove(ARRAY[
               CASE WHEN NOT a.came THEN NULL
                    WHEN a.seat = 'waitlisted' THEN 'attended_waiting'
                    WHEN a.seat = 'cancelled' AND a.was IS DISTINCT FROM 'cancelled' THEN 'attended_cancelled'
                    WHEN a.seat = 'no_show' THEN 'attended_no_show'
                    WHEN a.seat = 'registered' AND a.again THEN 'attended_undone'
                    WHEN a.seat = 'registered' AND NOT a.may_enter THEN 'attended_unpaid' END,
               CASE WHEN a.how = 'ticket' THEN 'other_email' END,
               CASE WHEN a.how = 'email' AND nullif(btrim(a.known_name), '') IS NOT NULL
                         AND a.name_key <> a.known_key THEN 'other_name' END,
               CASE WHEN a.wish <> 'cancel' AND a.was = 'cancelled' THEN 'cancelled_here' END,
               CASE WHEN a.wish = 'cancel' AND a.was IN ('attended', 'no_show') THEN 'cancel_' || a.was END,
               CASE WHEN a.wish = 'wait' AND a.was IN ('registered', 'attended') THEN 'has_seat' END,
               CASE WHEN a.payment = 'paid' AND a.known_payment = 'refunded' THEN 'refunded_here' END,
               CASE WHEN a.payment = 'paid' AND a.seat = 'waitlisted' THEN 'paid_waiting' END], NULL) AS remarks
        FROM attendance a
        CROSS JOIN LATERAL (
          SELECT CASE WHEN a.fresh THEN a.meta
                      WHEN a.known_meta @> a.meta THEN a.known_meta
                      ELSE greenroom.import_meta(a.known_meta, a.meta) END AS meta) d)
    SELECT o.*, NOT o.fresh AND (o.deed = 'cancel' OR o.attends OR o.enters OR o.details OR o.moves_up
                                 OR o.order_deed IS NOT NULL) AS changes
      FROM outcome o;
  ALTER TABLE pg_temp.import_plan ADD PRIMARY KEY (line);
  ANALYZE pg_temp.import_plan;
  CREATE TEMP TABLE import_buyers ON COMMIT DROP AS
    SELECT b.email,
           (SELECT u.id FROM public.users u WHERE lower(u.email) = b.email ORDER BY u.created_at, u.id LIMIT 1) AS user_id
      FROM (SELECT DISTINCT i.buyer AS email FROM pg_temp.import_rows i
              JOIN pg_temp.import_plan p ON p.line = i.line WHERE p.order_deed = 'insert') b;

  SELECT jsonb_build_object(
      'seated', count(*) FILTER (WHERE p.fresh AND p.becomes IN ('registered', 'attended')),
      'waitlisted', count(*) FILTER (WHERE p.fresh AND p.becomes = 'waitlisted'),
      'kept_cancelled', count(*) FILTER (WHERE p.fresh AND p.becomes = 'cancelled'),
      'changed', count(*) FILTER (WHERE p.changes),
      'unchanged', count(*) FILTER (WHERE NOT p.fresh AND NOT p.changes),
      'cancelled', count(*) FILTER (WHERE NOT p.fresh AND p.deed = 'cancel'),
      'checked_in', count(*) FILTER (WHERE p.attends),
      'ledger', count(*) FILTER (WHERE p.enters),
      'paid', count(*) FILTER (WHERE p.order_status = 'paid'),
      'pending', count(*) FILTER (WHERE p.order_status = 'pending'),
      'refunded', count(*) FILTER (WHERE p.order_status = 'refunded'),
      'orders', count(*) FILTER (WHERE p.order_deed = 'insert'),
      'orders_without_currency', count(*) FILTER (WHERE p.currency_guessed), 'currency', v_package.currency,
      'accounts', (SELECT count(*) FROM pg_temp.import_buyers b WHERE b.user_id IS NULL),
      'promoted', promoted, 'first_place', min(p.place), 'last_place', max(p.place))
    INTO counts FROM pg_temp.import_plan p;
  SELECT coalesce(jsonb_agg(jsonb_build_array(p.line, x.code, p.known_name, p.known_email) ORDER BY p.line), '[]')
    INTO notes FROM pg_temp.import_plan p CROSS JOIN LATERAL unnest(p.remarks) AS x(code);
  held := held + (counts ->> 'seated')::integer;
  waiting := waiting + (counts ->> 'waitlisted')::integer;
END $$;

REVOKE ALL ON FUNCTION
  greenroom.import_check_in(uuid, timestamp), greenroom.import_meta(jsonb, jsonb), greenroom.match_import(uuid),
  greenroom.plan_import(uuid, integer, integer) FROM PUBLIC;
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
