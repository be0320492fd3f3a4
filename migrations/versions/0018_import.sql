-- As in 0010, but that whoever cannot get a seat is passed over in the plan as give_seats passes over them.

-- step: Plan imports for those who can get a seat

-- held, capacity: before the import; afterwards in the answer. promoted: how many of the queue get a seat.
CREATE OR REPLACE FUNCTION greenroom.plan_import(
  p_package uuid, p_held integer, p_capacity integer,
  OUT held integer, OUT waiting integer, OUT promoted integer, OUT counts jsonb, OUT notes jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
  -- Only those who can get a seat: give_seats passes over the others.
  promoted := CASE WHEN v_package.ended THEN 0
                   ELSE least(v_freed, greatest(v_capacity - held, 0), (SELECT count(*) FROM (
                     SELECT FROM public.event_registrations r
                      WHERE r.package_id = p_package AND r.status = 'waitlisted'
                        AND NOT EXISTS (SELECT FROM pg_temp.import_known k WHERE k.id = r.id AND k.deed = 'cancel')
                        AND greenroom.skipped_because(p_package, r.attendee_email, r.user_id) IS NULL
                      LIMIT v_freed) w)) END;
  held := held + promoted;
  waiting := waiting - promoted;
  v_free := CASE WHEN waiting > 0 THEN 0 ELSE greatest(v_capacity - held, 0) END;

  -- The plan. Each step is computed from the one before: the seat, the money, the attendance.
  CREATE TEMP TABLE import_plan ON COMMIT DROP AS
    WITH queue AS (
      SELECT r.id FROM public.event_registrations r
       WHERE r.package_id = p_package AND r.status = 'waitlisted'
         AND NOT EXISTS (SELECT FROM pg_temp.import_known k WHERE k.id = r.id AND k.deed = 'cancel')
         AND greenroom.skipped_because(p_package, r.attendee_email, r.user_id) IS NULL
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
REVOKE ALL ON FUNCTION greenroom.plan_import(uuid, integer, integer) FROM PUBLIC;
