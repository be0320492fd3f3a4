-- What the four operations share. Lock order everywhere: package_seats -> event_registrations -> orders ->
-- packages -> events -> ledgers (concurrency.md). Whoever holds a package's seats waits for no row: what comes
-- after is locked NOWAIT, and the caller tries again. When FOR SHARE on the event waited for 100 ms, a crowd of 24
-- staff kept a website, which had edited the event and then inserted, in the queue for the seats until its own
-- deadlock check found the circle: 40P01, for the website. Where NOWAIT cannot be said (a unique key in flight)
-- lock_timeout ends the wait long before anybody's deadlock_timeout.

-- The package's own lock: everything staff decide about its seats and its waitlist is decided under it.
CREATE FUNCTION greenroom.lock_package(p_package uuid) RETURNS public.package_seats LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  v_seats public.package_seats;
BEGIN
  SELECT * INTO v_seats FROM public.package_seats s WHERE s.package_id = p_package FOR UPDATE;
  RETURN v_seats;
END $$;

-- Why a package gives out no seats, or NULL when it does (rulings 15 and 19). The caller holds the package's lock,
-- which whoever closes the event takes as well, so the answer holds until the end of the transaction. KEY SHARE is
-- what the foreign keys of the coming inserts will ask for: asked here, where NOWAIT can be said.
CREATE FUNCTION greenroom.closed_because(p_package uuid) RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_package record;
  v_event   record;
BEGIN
  SELECT p.package_type, p.is_active, p.event_id INTO v_package
    FROM public.packages p WHERE p.id = p_package FOR KEY SHARE NOWAIT;
  IF NOT FOUND THEN RETURN 'package_not_found'; END IF;
  IF v_package.package_type <> 'event' THEN RETURN 'not_an_event_package'; END IF;
  SELECT e.status, e.deleted_at INTO v_event
    FROM public.events e WHERE e.id = v_package.event_id FOR KEY SHARE NOWAIT;
  RETURN CASE WHEN v_event.deleted_at IS NOT NULL THEN 'event_deleted'
              WHEN v_event.status <> 'published' THEN 'event_' || v_event.status
              WHEN NOT v_package.is_active THEN 'package_retired' END;
END $$;

-- Whether a seat of this package needs an order (ruling 17: a package with price 0 needs none).
CREATE FUNCTION greenroom.needs_order(p_package uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT e.payment_required AND p.price > 0 FROM public.packages p JOIN public.events e ON e.id = p.event_id
   WHERE p.id = p_package
$$;

-- The account an order belongs to: orders.user_id is NOT NULL, yet guests exist (ruling 18). Nobody can sign
-- in with an account made here: it has no password.
CREATE FUNCTION greenroom.buyer(p_email text) RETURNS uuid LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_user uuid;
  v_base text := left(regexp_replace(lower(split_part(p_email, '@', 1)), '[^a-z0-9._-]', '', 'g'), 36);
BEGIN
  FOR v_try IN 1..3 LOOP
    SELECT u.id INTO v_user FROM public.users u WHERE lower(u.email) = lower(p_email)
     ORDER BY u.created_at, u.id LIMIT 1;
    EXIT WHEN FOUND;
    INSERT INTO public.users (username, email, created_at, updated_at)
    VALUES (v_base || '-' || left(replace(gen_random_uuid()::text, '-', ''), 12), lower(p_email),
            timezone('UTC', now()), timezone('UTC', now()))
    ON CONFLICT DO NOTHING RETURNING id INTO v_user;
    EXIT WHEN FOUND;  -- else the website made the account meanwhile
  END LOOP;
  RETURN v_user;
END $$;

-- The order a seat needs: the one it has when that is paid or still pending, else a new one. p_paid_with NULL
-- leaves the new order pending. The currency is the one this package was last sold in.
CREATE FUNCTION greenroom.order_for(p_registration uuid, p_paid_with text) RETURNS uuid LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_reg   public.event_registrations;
  v_order uuid := gen_random_uuid();
  v_old   public.orders;
BEGIN
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration;
  SELECT * INTO v_old FROM public.orders o
   WHERE o.id = v_reg.order_id AND o.package_id = v_reg.package_id FOR UPDATE NOWAIT;
  IF v_old.payment_status = 'paid' OR (v_old.payment_status = 'pending' AND p_paid_with IS NULL) THEN
    RETURN v_old.id;
  END IF;
  IF v_old.payment_status = 'pending' THEN
    UPDATE public.orders SET payment_status = 'paid', payment_gateway = p_paid_with,
                      amount_paid = CASE WHEN p_paid_with = 'complimentary' THEN 0 ELSE amount_paid END
     WHERE id = v_old.id;
    RETURN v_old.id;
  END IF;
  INSERT INTO public.orders (id, user_id, package_id, payment_gateway, payment_id, amount_paid, currency,
                      payment_status, purchased_at, updated_at)
  SELECT v_order, coalesce(v_reg.user_id, greenroom.buyer(v_reg.attendee_email)), p.id,
         coalesce(p_paid_with, 'desk'), 'greenroom:' || v_order,
         CASE WHEN p_paid_with = 'complimentary' THEN 0 ELSE p.price END,
         coalesce((SELECT o.currency FROM public.orders o WHERE o.package_id = p.id
                    ORDER BY o.purchased_at DESC LIMIT 1), 'INR'),
         CASE WHEN p_paid_with IS NULL THEN 'pending' ELSE 'paid' END,
         timezone('UTC', now()), timezone('UTC', now())
    FROM public.packages p WHERE p.id = v_reg.package_id;
  UPDATE public.event_registrations SET order_id = v_order WHERE id = p_registration;
  RETURN v_order;
END $$;

-- Positions 1..n without gaps, in the order of ruling 10. Under the package's lock; NOWAIT, because a
-- website transaction that holds one of these rows may be waiting for the lock we hold.
CREATE FUNCTION greenroom.number_waitlist(p_package uuid) RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_changed integer;
BEGIN
  PERFORM 1 FROM public.event_registrations r WHERE r.package_id = p_package AND r.status = 'waitlisted'
    ORDER BY r.id FOR UPDATE NOWAIT;
  UPDATE public.event_registrations r SET waitlist_position = w.place
    FROM (SELECT x.id, row_number() OVER (ORDER BY x.waitlist_position NULLS LAST, x.registered_at, x.id) AS place
            FROM public.event_registrations x WHERE x.package_id = p_package AND x.status = 'waitlisted') w
   WHERE r.id = w.id AND r.waitlist_position IS DISTINCT FROM w.place;
  GET DIAGNOSTICS v_changed = ROW_COUNT;
  RETURN v_changed;
END $$;

-- Closes the gaps after a promotion in a short transaction of its own (ruling 10): promoting the first of
-- 10,000 must not rewrite 9,999 rows under the lock that decides about seats (0.5 s). So at most p_most rows
-- each time, from the front, which never changes the order; the caller goes on while that many were moved.
-- Rows without a place, or with the same, are healed all at once, because half of that is another order.
CREATE FUNCTION greenroom.close_gaps(p_package uuid, p_most integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  v_due uuid[];
BEGIN
  PERFORM greenroom.lock_package(p_package);
  IF NOT greenroom.in_order(p_package) THEN
    RETURN greenroom.number_waitlist(p_package);
  END IF;
  v_due := ARRAY(
    SELECT w.id FROM (SELECT x.id, x.waitlist_position, row_number() OVER (ORDER BY x.waitlist_position) AS place
                        FROM public.event_registrations x
                       WHERE x.package_id = p_package AND x.status = 'waitlisted') w
     WHERE w.waitlist_position <> w.place ORDER BY w.place LIMIT p_most);
  PERFORM 1 FROM public.event_registrations r WHERE r.id = ANY (v_due) ORDER BY r.id FOR UPDATE NOWAIT;
  UPDATE public.event_registrations r SET waitlist_position = w.place
    FROM (SELECT x.id, row_number() OVER (ORDER BY x.waitlist_position) AS place
            FROM public.event_registrations x WHERE x.package_id = p_package AND x.status = 'waitlisted') w
   WHERE r.id = w.id AND r.id = ANY (v_due) AND r.waitlist_position <> w.place;
  RETURN coalesce(cardinality(v_due), 0);
END $$;

-- True when everybody waiting has a place and no two have the same.
CREATE FUNCTION greenroom.in_order(p_package uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) = count(DISTINCT r.waitlist_position) FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted'
$$;

-- The place at the end of the queue. Rows others wrote without a place, or with the same, are healed first,
-- so that nobody overtakes them.
CREATE FUNCTION greenroom.next_place(p_package uuid) RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT greenroom.in_order(p_package) THEN
    PERFORM greenroom.number_waitlist(p_package);
  END IF;
  RETURN (SELECT coalesce(max(r.waitlist_position), 0) + 1 FROM public.event_registrations r
           WHERE r.package_id = p_package AND r.status = 'waitlisted');
END $$;

-- "Zoë Fernández" or the address when there is no name: how a log row calls somebody.
CREATE FUNCTION greenroom.called(p_name text, p_email text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN coalesce(nullif(pg_catalog.btrim(p_name), ''), p_email);

-- “Workshop pass” of “Monsoon Data Summit”.
CREATE FUNCTION greenroom.package_title(p_package uuid) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT '“' || p.name || '” of “' || coalesce(e.title, 'an untitled event') || '”'
    FROM public.packages p LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = p_package
$$;

CREATE FUNCTION greenroom.log(p_actor uuid, p_action text, p_description text, p_subject uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO public.admin_logs (admin_id, action_type, description, subject_id, logged_at)
  VALUES (p_actor, p_action, p_description, p_subject, timezone('UTC', clock_timestamp()))
$$;

-- Gives seats to waiting people: to p_registration, or to the next p_count in the order of ruling 10; who got
-- one, in that order. The caller holds the package's lock and has seen that many free seats.
CREATE FUNCTION greenroom.give_seats(
  p_actor uuid, p_package uuid, p_registration uuid, p_count integer, p_because text)
RETURNS uuid[] LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_given uuid[];
  v_ahead integer := 0;
BEGIN
  SELECT array_agg(w.id ORDER BY w.waitlist_position NULLS LAST, w.registered_at, w.id) INTO v_given
    FROM (SELECT r.id, r.waitlist_position, r.registered_at FROM public.event_registrations r
           WHERE r.package_id = p_package AND r.status = 'waitlisted'
             AND (p_registration IS NULL OR r.id = p_registration)
           ORDER BY r.waitlist_position NULLS LAST, r.registered_at, r.id LIMIT p_count FOR UPDATE NOWAIT) w;
  IF v_given IS NULL THEN RETURN '{}'; END IF;
  IF p_registration IS NOT NULL THEN
    v_ahead := greenroom.place_of(p_registration) - 1;
  END IF;
  UPDATE public.event_registrations r SET status = 'registered', waitlist_position = NULL
   WHERE r.id = ANY (v_given);
  IF greenroom.needs_order(p_package) THEN
    PERFORM greenroom.order_for(g.id, NULL) FROM unnest(v_given) AS g(id);
  END IF;
  PERFORM greenroom.log(p_actor, 'waitlist.promote',
            format('Promoted %s from the waitlist of %s%s%s', greenroom.called(r.attendee_name, r.attendee_email),
                   t.title, CASE v_ahead WHEN 0 THEN '' WHEN 1 THEN ', ahead of 1 other' ELSE format(', ahead of %s others', v_ahead) END,
                   coalesce(' (' || p_because || ')', '')),
            r.id)
     FROM unnest(v_given) WITH ORDINALITY AS g(id, n)
     JOIN public.event_registrations r ON r.id = g.id, greenroom.package_title(p_package) AS t(title)
    ORDER BY g.n;
  RETURN v_given;
END $$;

-- One seat to the next person; NULL when nobody is waiting.
CREATE FUNCTION greenroom.give_seat(p_actor uuid, p_package uuid, p_registration uuid, p_because text)
RETURNS uuid LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT (greenroom.give_seats(p_actor, p_package, p_registration, 1, p_because))[1]
$$;

-- The number a waiting person is, 1 for the next: counted, because others write positions as they like.
CREATE FUNCTION greenroom.place_of(p_registration uuid) RETURNS integer LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*)::integer FROM public.event_registrations me
    JOIN public.event_registrations r ON r.package_id = me.package_id AND r.status = 'waitlisted'
     AND (coalesce(r.waitlist_position, 2147483647), r.registered_at, r.id)
         <= (coalesce(me.waitlist_position, 2147483647), me.registered_at, me.id)
   WHERE me.id = p_registration
$$;
-- Adds a person to a package: a seat while there are seats and nobody waits, else the end of the waitlist
-- (p_when_full = 'waitlist') or a refusal ('refuse'). The same address in another case is the same person
-- (ruling 13); somebody who had cancelled is revived in the same row (ruling 12).
-- outcome: registered, waitlisted, full, already, or why the package is closed.
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
-- Cancels a registration that is registered or waitlisted; a freed seat goes to the next person in the same
-- transaction (ruling 11), unless the event gives out no seats any more or is over. Cancelling itself is never
-- refused for the event's sake: freeing a seat always works.
-- outcome: cancelled, not_found, wrong_state.
CREATE FUNCTION greenroom.cancel(
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

  held := v_seats.held;
  capacity := v_seats.capacity;
  IF v_reg.status = 'registered' THEN
    held := held - 1;
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
-- Gives free seats to waiting people: to p_registration, or to the next p_count of p_package in the order of
-- ruling 10, as many as there are seats for. A package whose event needs payment gets them pending orders
-- (ruling 17). outcome: promoted, full, nobody, not_found, wrong_state, or why the package is closed.
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
-- One operation at the door, exactly once: 'admit' lets a person in, 'undo' takes that back. p_operation is
-- made by the station; when it comes again, the stored verdict is told again and nothing changes (door.md 3).
-- Every verdict is kept in check_ins. verdict: admitted, already_inside, payment_due, waitlisted, cancelled,
-- seat_given_away, event_cancelled, wrong_event, not_found; for undo: undone, not_inside, not_yours.
CREATE FUNCTION greenroom.admit(
  p_operation uuid, p_action text, p_registration uuid, p_event uuid, p_station text, p_sequence bigint,
  p_staff uuid, p_decided_at timestamp, p_decision text, p_only_own boolean, p_reason text,
  OUT verdict text, OUT repeated boolean, OUT registration_id uuid, OUT status text, OUT answer jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_seats public.package_seats;
  v_reg   public.event_registrations;
  v_event record;
  v_last  record;
  v_order record;
  v_name  text;
BEGIN
  IF p_action NOT IN ('admit', 'undo') THEN
    RAISE EXCEPTION 'unknown action %', p_action USING ERRCODE = 'invalid_parameter_value';
  END IF;
  registration_id := p_registration;
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration;
  IF v_reg.status = 'no_show' AND p_action = 'admit' THEN
    v_seats := greenroom.lock_package(v_reg.package_id);  -- this one takes a seat: counter first, then the row
  END IF;
  IF v_seats.package_id IS NOT NULL THEN
    SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  ELSE
    SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE;
  END IF;

  -- Only now, under the row's lock: the first sending may still have been at work when this one arrived.
  SELECT c.verdict, c.answer INTO verdict, answer FROM public.check_ins c WHERE c.id = p_operation;
  IF FOUND THEN
    repeated := true;
    status := v_reg.status;
    RETURN;
  END IF;
  repeated := false;
  answer := '{}';

  SELECT e.id, e.status, e.deleted_at, e.title INTO v_event FROM public.events e WHERE e.id = v_reg.event_id;
  SELECT c.station, c.decided_at, c.staff_id, u.username INTO v_last
    FROM public.check_ins c LEFT JOIN public.users u ON u.id = c.staff_id
   WHERE c.registration_id = p_registration AND c.action = 'admit' AND c.verdict = 'admitted'
   ORDER BY c.recorded_at DESC LIMIT 1;
  v_name := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);

  IF v_reg.id IS NULL THEN
    verdict := 'not_found';
  ELSIF p_event IS NOT NULL AND p_event <> v_reg.event_id THEN
    verdict := 'wrong_event';
    answer := jsonb_build_object('event', v_event.title);
  ELSIF p_action = 'undo' THEN
    verdict := CASE WHEN v_reg.status <> 'attended' THEN 'not_inside'
                    WHEN p_only_own AND v_last.staff_id IS DISTINCT FROM p_staff THEN 'not_yours'
                    ELSE 'undone' END;
  ELSIF v_event.status = 'cancelled' OR v_event.deleted_at IS NOT NULL THEN
    verdict := 'event_cancelled';
  ELSIF v_reg.status = 'attended' THEN
    verdict := 'already_inside';
    answer := jsonb_strip_nulls(jsonb_build_object(
      'station', v_last.station, 'at', v_last.decided_at, 'staff', v_last.username));
  ELSIF v_reg.status = 'waitlisted' THEN
    verdict := 'waitlisted';
    answer := jsonb_build_object('place', greenroom.place_of(p_registration));
  ELSIF v_reg.status = 'cancelled' THEN
    verdict := 'cancelled';
  ELSE
    SELECT o.payment_status, coalesce(o.amount_paid, p.price) AS amount, o.currency INTO v_order
      FROM public.packages p LEFT JOIN public.orders o ON o.id = v_reg.order_id WHERE p.id = v_reg.package_id;
    IF greenroom.needs_order(v_reg.package_id) AND v_order.payment_status IS DISTINCT FROM 'paid' THEN
      verdict := 'payment_due';
      answer := jsonb_strip_nulls(jsonb_build_object('amount', v_order.amount::text, 'currency', v_order.currency));
    ELSIF v_reg.status = 'no_show' THEN
      IF v_seats.package_id IS DISTINCT FROM v_reg.package_id THEN  -- became a no-show while we looked
        RAISE EXCEPTION 'the registration changed meanwhile' USING ERRCODE = 'serialization_failure';
      END IF;
      verdict := CASE WHEN v_seats.held >= v_seats.capacity THEN 'seat_given_away' ELSE 'admitted' END;
    ELSE
      verdict := 'admitted';
    END IF;
  END IF;

  status := v_reg.status;
  IF verdict IN ('admitted', 'undone') THEN
    status := CASE verdict WHEN 'admitted' THEN 'attended' ELSE 'registered' END;
    UPDATE public.event_registrations r SET status = admit.status WHERE r.id = p_registration;
    PERFORM greenroom.log(p_staff, 'attendance.' || p_action,
      format(CASE verdict WHEN 'admitted' THEN 'Checked in %s at %s (%s)%s'
                          ELSE 'Took back the check-in of %s at %s (%s)%s' END,
             v_name, p_station, greenroom.package_title(v_reg.package_id),
             coalesce(': ' || nullif(btrim(p_reason), ''), '')), p_registration);
  END IF;
  INSERT INTO public.check_ins (id, registration_id, event_id, package_id, action, station, sequence, staff_id,
                         decided_at, decision, verdict, answer)
  VALUES (p_operation, p_registration, v_reg.event_id, v_reg.package_id, p_action, p_station, p_sequence, p_staff,
          p_decided_at, p_decision, verdict, answer)
  ON CONFLICT (id) DO NOTHING;
  IF NOT FOUND THEN  -- no row to lock (not_found), and the same operation was at work beside this one
    RAISE EXCEPTION 'the operation was decided meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END $$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA greenroom FROM PUBLIC;
GRANT EXECUTE ON FUNCTION greenroom.fold(text), greenroom.holds_seat(text) TO PUBLIC;
GRANT USAGE ON SCHEMA greenroom TO PUBLIC;
