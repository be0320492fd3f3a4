-- What the four operations share. Lock order everywhere: package_seats -> event_registrations -> orders ->
-- packages -> events -> ledgers (concurrency.md). Whoever holds a package's seats waits for no row: what comes
-- after is locked NOWAIT, and the caller tries again. When FOR SHARE on the event waited for 100 ms, a crowd of 24
-- staff kept a website, which had edited the event and then inserted, in the queue for the seats until its own
-- deadlock check found the circle: 40P01, for the website. Where NOWAIT cannot be said (a unique key in flight)
-- lock_timeout ends the wait long before anybody's deadlock_timeout.

-- The package's own lock: everything staff decide about its seats and its waitlist is decided under it.
-- step: What registering, cancelling, promoting and admitting share
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

REVOKE ALL ON FUNCTION
  greenroom.lock_package, greenroom.closed_because, greenroom.needs_order, greenroom.buyer,
  greenroom.order_for, greenroom.number_waitlist, greenroom.close_gaps, greenroom.in_order,
  greenroom.next_place, greenroom.called, greenroom.package_title, greenroom.log,
  greenroom.give_seats, greenroom.give_seat, greenroom.place_of FROM PUBLIC;
