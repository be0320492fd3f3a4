-- step: Close events, with everybody in them, in one call

-- The seats of all packages of the event, in id order, and then its row: the order of concurrency.md, which a plain
-- UPDATE of the event has the wrong way round, because there the row comes first and the trigger behind it. Waits for
-- seats only, 100 ms each, which is long before anybody's deadlock_timeout; the row is NOWAIT. An id nobody has: NULL.
CREATE OR REPLACE FUNCTION greenroom.lock_event(p_event uuid) RETURNS public.events LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  v_event public.events;
BEGIN
  PERFORM 1 FROM public.package_seats s JOIN public.packages p ON p.id = s.package_id
    WHERE p.event_id = p_event ORDER BY s.package_id FOR UPDATE OF s;
  SELECT * INTO v_event FROM public.events e WHERE e.id = p_event FOR NO KEY UPDATE NOWAIT;
  RETURN v_event;
END $$;

-- Whom a cancellation of the event concerns, and what money: shown before, and counted again under the locks. refunds
-- is [{currency, orders, amount}] of the paid orders of those whose registration ends; closing are the desk's unpaid
-- orders of the same, which end with them; open are pending orders of others, whose gateway may still be paid; loose
-- are paid orders of the event's packages that no registration names. Free of charge wants no refund.
CREATE OR REPLACE FUNCTION greenroom.event_toll(
  p_event uuid, OUT title text, OUT status text, OUT deleted_at timestamp, OUT registered integer,
  OUT waitlisted integer, OUT attended integer, OUT no_show integer, OUT refunds jsonb, OUT closing integer,
  OUT open integer, OUT loose integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_packages uuid[] := ARRAY(SELECT p.id FROM public.packages p WHERE p.event_id = p_event);
BEGIN
  SELECT e.title, e.status, e.deleted_at INTO title, status, deleted_at FROM public.events e WHERE e.id = p_event;
  SELECT count(*) FILTER (WHERE r.status = 'registered'), count(*) FILTER (WHERE r.status = 'waitlisted'),
         count(*) FILTER (WHERE r.status = 'attended'), count(*) FILTER (WHERE r.status = 'no_show')
    INTO registered, waitlisted, attended, no_show
    FROM public.event_registrations r WHERE r.package_id = ANY (v_packages);
  WITH ending AS (
    SELECT o.* FROM public.orders o
     WHERE o.id IN (SELECT r.order_id FROM public.event_registrations r
                     WHERE r.package_id = ANY (v_packages) AND r.status IN ('registered', 'waitlisted')))
  SELECT coalesce((SELECT jsonb_agg(jsonb_build_object('currency', m.currency, 'orders', m.orders,
                                                       'amount', m.amount::text) ORDER BY m.currency)
                     FROM (SELECT x.currency, count(*) AS orders, sum(x.amount_paid) AS amount FROM ending x
                            WHERE x.payment_status = 'paid' AND x.amount_paid > 0 GROUP BY x.currency) m), '[]'),
         count(*) FILTER (WHERE n.payment_status = 'pending' AND n.payment_gateway = 'desk'),
         count(*) FILTER (WHERE n.payment_status = 'pending' AND n.payment_gateway <> 'desk')
    INTO refunds, closing, open FROM ending n;
  SELECT count(*) INTO loose FROM public.orders o
   WHERE o.package_id = ANY (v_packages) AND o.payment_status = 'paid' AND o.amount_paid > 0
     AND NOT EXISTS (SELECT FROM public.event_registrations r WHERE r.order_id = o.id);
END $$;

-- Cancels the event, and everybody registered or waiting with it; who attended, or never came, stays history. Promotes
-- nobody: those who wait end first, so that no trigger of the website's finds one. Each person's end is in the log,
-- because their history is read there. outcome: cancelled, not_found, deleted or wrong_state; the counts are what was
-- done.
CREATE OR REPLACE FUNCTION greenroom.cancel_event(
  p_actor uuid, p_event uuid, p_reason text,
  OUT outcome text, OUT title text, OUT status text, OUT registered integer, OUT waitlisted integer,
  OUT attended integer, OUT no_show integer, OUT refunds jsonb, OUT closing integer, OUT open integer,
  OUT loose integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_event    public.events;
  v_packages uuid[];
  v_ending   uuid[];
  v_orders   uuid[];
  v_wish     text;
  v_because  text := coalesce(': ' || nullif(btrim(p_reason), ''), '');
  v_done     integer;
  v_now      timestamp := timezone('UTC', now());
BEGIN
  v_event := greenroom.lock_event(p_event);
  title := v_event.title;
  status := v_event.status;
  outcome := CASE WHEN v_event.id IS NULL THEN 'not_found'
                  WHEN v_event.deleted_at IS NOT NULL THEN 'deleted'
                  WHEN v_event.status NOT IN ('draft', 'published') THEN 'wrong_state' END;
  IF outcome IS NOT NULL THEN RETURN; END IF;
  v_packages := ARRAY(SELECT p.id FROM public.packages p WHERE p.event_id = p_event);
  v_ending := ARRAY(
    SELECT r.id FROM public.event_registrations r
     WHERE r.package_id = ANY (v_packages) AND r.status IN ('registered', 'waitlisted')
     ORDER BY r.id FOR UPDATE NOWAIT);
  v_orders := ARRAY(
    SELECT o.id FROM public.orders o
     WHERE o.id IN (SELECT r.order_id FROM public.event_registrations r WHERE r.id = ANY (v_ending))
       AND o.payment_status = 'pending' AND o.payment_gateway = 'desk' ORDER BY o.id FOR UPDATE NOWAIT);
  SELECT t.registered, t.waitlisted, t.attended, t.no_show, t.refunds, t.closing, t.open, t.loose
    INTO registered, waitlisted, attended, no_show, refunds, closing, open, loose
    FROM greenroom.event_toll(p_event) t;

  outcome := 'cancelled';
  FOREACH v_wish IN ARRAY ARRAY['waitlisted', 'registered'] LOOP
    WITH ended AS (
      UPDATE public.event_registrations r SET status = 'cancelled', cancelled_at = v_now, waitlist_position = NULL
       WHERE r.id = ANY (v_ending) AND r.status = v_wish
      RETURNING r.id, r.package_id, greenroom.called(r.attendee_name, r.attendee_email) AS who),
    titles AS MATERIALIZED (SELECT x AS id, greenroom.package_title(x) AS title FROM unnest(v_packages) AS x)
    INSERT INTO public.admin_logs (admin_id, action_type, description, subject_id, logged_at)
    SELECT p_actor, 'registration.cancel',
           format('Cancelled %s of %s (was %s) with the event%s', d.who, t.title, v_wish, v_because), d.id,
           timezone('UTC', clock_timestamp())
      FROM ended d JOIN titles t ON t.id = d.package_id;
    GET DIAGNOSTICS v_done = ROW_COUNT;
    IF v_done <> (CASE v_wish WHEN 'registered' THEN registered ELSE waitlisted END) THEN
      RAISE EXCEPTION 'somebody joined or left meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
  END LOOP;
  -- As greenroom.cancel does: the website's own pending orders are its gateway's business, and what was paid is
  -- refunded by a person (ruling 18).
  UPDATE public.orders o SET payment_status = 'failed' WHERE o.id = ANY (v_orders);
  UPDATE public.events e SET status = 'cancelled', cancelled_at = v_now WHERE e.id = p_event;
  PERFORM greenroom.log(p_actor, 'event.cancel',
    format('Cancelled “%s” (was %s)%s. Ended %s registered and %s waiting%s%s', coalesce(title, 'an untitled event'),
           status, v_because, registered, waitlisted,
           (SELECT '; to be refunded: ' || string_agg(format('%s %s in %s paid %s', m.currency,
                     to_char(m.amount, 'FM999,999,999,990.00'), m.orders,
                     CASE m.orders WHEN 1 THEN 'order' ELSE 'orders' END), ', ' ORDER BY m.currency)
              FROM jsonb_to_recordset(refunds) AS m(currency text, orders integer, amount numeric)),
           CASE WHEN closing > 0 THEN format('; unpaid orders closed: %s', closing) ELSE '' END), p_event);
END $$;

-- Takes the event off the website (p_how = 'unpublish'), completes it ('complete') or puts it into the bin
-- ('delete'). Nobody's registration changes. outcome: done, not_found, deleted, wrong_state or not_begun.
CREATE OR REPLACE FUNCTION greenroom.shut_event(
  p_actor uuid, p_event uuid, p_how text,
  OUT outcome text, OUT title text, OUT status text, OUT start_time timestamp, OUT time_zone text,
  OUT registered integer, OUT waitlisted integer, OUT attended integer, OUT no_show integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_event public.events;
  v_now   timestamp := timezone('UTC', now());
BEGIN
  IF p_how NOT IN ('unpublish', 'complete', 'delete') THEN
    RAISE EXCEPTION 'unknown way to close: %', p_how USING ERRCODE = 'invalid_parameter_value';
  END IF;
  v_event := greenroom.lock_event(p_event);
  title := v_event.title;
  status := v_event.status;
  start_time := v_event.start_time;
  time_zone := v_event.time_zone;
  outcome := CASE WHEN v_event.id IS NULL THEN 'not_found'
                  WHEN v_event.deleted_at IS NOT NULL THEN 'deleted'
                  WHEN p_how <> 'delete' AND v_event.status <> 'published' THEN 'wrong_state'
                  WHEN p_how = 'complete' AND v_event.start_time > v_now THEN 'not_begun' END;
  IF outcome IS NOT NULL THEN RETURN; END IF;
  SELECT t.registered, t.waitlisted, t.attended, t.no_show INTO registered, waitlisted, attended, no_show
    FROM greenroom.event_toll(p_event) t;

  outcome := 'done';
  UPDATE public.events e
     SET status = CASE p_how WHEN 'unpublish' THEN 'draft' WHEN 'complete' THEN 'completed' ELSE e.status END,
         deleted_at = CASE WHEN p_how = 'delete' THEN v_now END
   WHERE e.id = p_event;
  PERFORM greenroom.log(p_actor, 'event.' || p_how,
    format('%s “%s” (was %s): registered %s, waiting %s%s',
           CASE p_how WHEN 'unpublish' THEN 'Unpublished' WHEN 'complete' THEN 'Completed' ELSE 'Deleted' END,
           coalesce(title, 'an untitled event'), status, registered, waitlisted,
           CASE WHEN attended + no_show > 0 THEN format(', attended %s, no-shows %s', attended, no_show)
                ELSE '' END), p_event);
END $$;

REVOKE ALL ON FUNCTION greenroom.lock_event(uuid), greenroom.event_toll(uuid), greenroom.cancel_event(uuid, uuid, text),
                       greenroom.shut_event(uuid, uuid, text) FROM PUBLIC;

-- step: Take an event out of the bin

-- As it was: a published one is on the website again. outcome: restored, not_deleted or not_found. Needs no seats'
-- lock, because nobody who gives out seats minds that there are more.
CREATE OR REPLACE FUNCTION greenroom.restore_event(
  p_actor uuid, p_event uuid, OUT outcome text, OUT title text, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_event public.events;
BEGIN
  SELECT * INTO v_event FROM public.events e WHERE e.id = p_event FOR NO KEY UPDATE NOWAIT;
  title := v_event.title;
  status := v_event.status;
  outcome := CASE WHEN v_event.id IS NULL THEN 'not_found' WHEN v_event.deleted_at IS NULL THEN 'not_deleted'
                  ELSE 'restored' END;
  IF outcome = 'restored' THEN
    UPDATE public.events e SET deleted_at = NULL WHERE e.id = p_event;
    PERFORM greenroom.log(p_actor, 'event.restore',
      format('Restored “%s” (%s) from the bin', coalesce(title, 'an untitled event'), status), p_event);
  END IF;
END $$;
REVOKE ALL ON FUNCTION greenroom.restore_event(uuid, uuid) FROM PUBLIC;

-- step: Publish an event that has what it needs

-- outcome: published, not_ready (missing names the inputs, all of them), not_found, deleted or wrong_state.
-- published_at is the first publication's, whoever published first (ruling 6). priced are the active packages that
-- cost something; free_for_waiting is how many waiting people could have a seat now: nobody was promoted while the
-- event was closed.
CREATE OR REPLACE FUNCTION greenroom.publish_event(
  p_actor uuid, p_event uuid,
  OUT outcome text, OUT missing text[], OUT title text, OUT slug text, OUT status text, OUT start_time timestamp,
  OUT end_time timestamp, OUT registration_deadline timestamp, OUT time_zone text, OUT payment_required boolean,
  OUT published_at timestamp, OUT priced integer, OUT free_for_waiting integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_event  public.events;
  v_active integer;
BEGIN
  SELECT * INTO v_event FROM public.events e WHERE e.id = p_event FOR NO KEY UPDATE NOWAIT;
  title := v_event.title;
  slug := v_event.slug;
  status := v_event.status;
  start_time := v_event.start_time;
  end_time := v_event.end_time;
  registration_deadline := v_event.registration_deadline;
  time_zone := v_event.time_zone;
  payment_required := v_event.payment_required;
  published_at := coalesce(v_event.published_at, timezone('UTC', now()));
  outcome := CASE WHEN v_event.id IS NULL THEN 'not_found'
                  WHEN v_event.deleted_at IS NOT NULL THEN 'deleted'
                  WHEN v_event.status <> 'draft' THEN 'wrong_state' END;
  IF outcome IS NOT NULL THEN RETURN; END IF;
  SELECT count(*), count(*) FILTER (WHERE p.price > 0) INTO v_active, priced
    FROM public.packages p WHERE p.event_id = p_event AND p.is_active;
  missing := array_remove(ARRAY[
    CASE WHEN coalesce(btrim(title), '') = '' THEN 'title' END,
    CASE WHEN coalesce(btrim(slug), '') = '' THEN 'slug' END,
    CASE WHEN start_time IS NULL THEN 'start_time' END,
    CASE WHEN end_time <= start_time THEN 'end_time' END,
    CASE WHEN registration_deadline > end_time THEN 'registration_deadline' END,
    CASE WHEN coalesce(btrim(v_event.location), '') = '' THEN 'location' END,
    CASE WHEN v_active = 0 THEN 'packages' END], NULL);
  IF missing <> '{}' THEN
    outcome := 'not_ready';
    RETURN;
  END IF;

  outcome := 'published';
  UPDATE public.events e SET status = 'published', published_at = publish_event.published_at WHERE e.id = p_event;
  SELECT coalesce(sum(CASE WHEN s.capacity IS NULL THEN w.waiting
                           ELSE least(w.waiting, greatest(s.capacity - s.held, 0)) END), 0)
    INTO free_for_waiting
    FROM public.packages p JOIN public.package_seats s ON s.package_id = p.id
    CROSS JOIN LATERAL (SELECT count(*) AS waiting FROM public.event_registrations r
                         WHERE r.package_id = p.id AND r.status = 'waitlisted') w
   WHERE p.event_id = p_event AND p.is_active;
  PERFORM greenroom.log(p_actor, 'event.publish',
    format('Published “%s”%s', title, CASE WHEN v_event.published_at IS NOT NULL THEN ' again' ELSE '' END), p_event);
END $$;
REVOKE ALL ON FUNCTION greenroom.publish_event(uuid, uuid) FROM PUBLIC;

-- step: Move an event to another zone with its packages' deadlines

-- Writes p_becomes (column: value) into the event, and the packages' deadlines, which are read on the event's clocks as
-- well, all or nothing. p_was and p_deadlines say what both were when the change was worked out; false, and nothing
-- written, when they are not that any more. Deadlines are [{id, was, becomes}], one for each package that has one.
CREATE OR REPLACE FUNCTION greenroom.change_zone(
  p_actor uuid, p_event uuid, p_was jsonb, p_becomes jsonb, p_deadlines jsonb, p_description text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  v_event public.events;
  v_due   text[];
BEGIN
  PERFORM 1 FROM public.packages p WHERE p.event_id = p_event ORDER BY p.id FOR NO KEY UPDATE NOWAIT;
  SELECT * INTO v_event FROM public.events e WHERE e.id = p_event FOR NO KEY UPDATE NOWAIT;
  v_due := ARRAY(SELECT p.id || ' ' || p.package_registration_deadline FROM public.packages p
                  WHERE p.event_id = p_event AND p.package_registration_deadline IS NOT NULL ORDER BY p.id);
  IF v_event.id IS NULL OR to_jsonb(jsonb_populate_record(v_event, p_was)) <> to_jsonb(v_event)
     OR v_due <> ARRAY(SELECT d.id || ' ' || d.was FROM jsonb_to_recordset(p_deadlines) AS d(id uuid, was timestamp)
                        ORDER BY d.id) THEN
    RETURN false;
  END IF;
  UPDATE public.packages p SET package_registration_deadline = d.becomes
    FROM jsonb_to_recordset(p_deadlines) AS d(id uuid, was timestamp, becomes timestamp)
   WHERE p.id = d.id AND d.becomes <> d.was;
  UPDATE public.events e
     SET title = n.title, slug = n.slug, description = n.description, location = n.location,
         start_time = n.start_time, end_time = n.end_time, registration_deadline = n.registration_deadline,
         payment_required = n.payment_required, time_zone = n.time_zone
    FROM jsonb_populate_record(v_event, p_becomes) AS n
   WHERE e.id = p_event;
  PERFORM greenroom.log(p_actor, 'event.edit', p_description, p_event);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION greenroom.change_zone(uuid, uuid, jsonb, jsonb, jsonb, text) FROM PUBLIC;
