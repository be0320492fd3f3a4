-- What the four operations share. Lock order everywhere: package_seats -> event_registrations (NOWAIT) ->
-- orders -> packages -> events -> ledgers (concurrency.md).

-- The package's own lock: everything staff decide about its seats and its waitlist is decided under it.
CREATE FUNCTION greenroom.lock_package(p_package uuid) RETURNS package_seats LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  v_seats package_seats;
BEGIN
  SELECT * INTO v_seats FROM package_seats s WHERE s.package_id = p_package FOR UPDATE;
  RETURN v_seats;
END $$;

-- Why a package gives out no seats, or NULL when it does (rulings 15 and 19). Both rows stay as they were read
-- until the end of the transaction.
CREATE FUNCTION greenroom.closed_because(p_package uuid) RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v record;
BEGIN
  SELECT p.package_type, p.is_active, e.status, e.deleted_at INTO v
    FROM packages p LEFT JOIN events e ON e.id = p.event_id
   WHERE p.id = p_package FOR SHARE OF p;
  IF NOT FOUND THEN RETURN 'package_not_found'; END IF;
  IF v.package_type <> 'event' THEN RETURN 'not_an_event_package'; END IF;
  SELECT p.is_active, e.status, e.deleted_at INTO v
    FROM packages p JOIN events e ON e.id = p.event_id WHERE p.id = p_package FOR SHARE OF e;
  RETURN CASE WHEN v.deleted_at IS NOT NULL THEN 'event_deleted'
              WHEN v.status <> 'published' THEN 'event_' || v.status
              WHEN NOT v.is_active THEN 'package_retired' END;
END $$;

-- Whether a seat of this package needs an order (ruling 17: a package with price 0 needs none).
CREATE FUNCTION greenroom.needs_order(p_package uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT e.payment_required AND p.price > 0 FROM packages p JOIN events e ON e.id = p.event_id
   WHERE p.id = p_package
$$;

-- The account an order belongs to: orders.user_id is NOT NULL, yet guests exist (ruling 18). Nobody can sign
-- in with an account made here: it has no password.
CREATE FUNCTION greenroom.buyer(p_email text) RETURNS uuid LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_user uuid;
  v_base text := left(regexp_replace(lower(split_part(p_email, '@', 1)), '[^a-z0-9._-]', '', 'g'), 36);
BEGIN
  FOR v_try IN 1..3 LOOP
    SELECT u.id INTO v_user FROM users u WHERE lower(u.email) = lower(p_email)
     ORDER BY u.created_at, u.id LIMIT 1;
    EXIT WHEN FOUND;
    INSERT INTO users (username, email, created_at, updated_at)
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
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_reg   event_registrations;
  v_order uuid := gen_random_uuid();
  v_old   orders;
BEGIN
  SELECT * INTO v_reg FROM event_registrations r WHERE r.id = p_registration;
  SELECT * INTO v_old FROM orders o WHERE o.id = v_reg.order_id AND o.package_id = v_reg.package_id FOR UPDATE;
  IF v_old.payment_status = 'paid' OR (v_old.payment_status = 'pending' AND p_paid_with IS NULL) THEN
    RETURN v_old.id;
  END IF;
  IF v_old.payment_status = 'pending' THEN
    UPDATE orders SET payment_status = 'paid', payment_gateway = p_paid_with,
                      amount_paid = CASE WHEN p_paid_with = 'complimentary' THEN 0 ELSE amount_paid END
     WHERE id = v_old.id;
    RETURN v_old.id;
  END IF;
  INSERT INTO orders (id, user_id, package_id, payment_gateway, payment_id, amount_paid, currency,
                      payment_status, purchased_at, updated_at)
  SELECT v_order, coalesce(v_reg.user_id, greenroom.buyer(v_reg.attendee_email)), p.id,
         coalesce(p_paid_with, 'desk'), 'greenroom:' || v_order,
         CASE WHEN p_paid_with = 'complimentary' THEN 0 ELSE p.price END,
         coalesce((SELECT o.currency FROM orders o WHERE o.package_id = p.id
                    ORDER BY o.purchased_at DESC LIMIT 1), 'INR'),
         CASE WHEN p_paid_with IS NULL THEN 'pending' ELSE 'paid' END,
         timezone('UTC', now()), timezone('UTC', now())
    FROM packages p WHERE p.id = v_reg.package_id;
  UPDATE event_registrations SET order_id = v_order WHERE id = p_registration;
  RETURN v_order;
END $$;

-- Positions 1..n without gaps, in the order of ruling 10. Under the package's lock; NOWAIT, because a
-- website transaction that holds one of these rows may be waiting for the lock we hold.
CREATE FUNCTION greenroom.number_waitlist(p_package uuid) RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_changed integer;
BEGIN
  PERFORM 1 FROM event_registrations r WHERE r.package_id = p_package AND r.status = 'waitlisted'
    ORDER BY r.id FOR UPDATE NOWAIT;
  UPDATE event_registrations r SET waitlist_position = w.place
    FROM (SELECT x.id, row_number() OVER (ORDER BY x.waitlist_position NULLS LAST, x.registered_at, x.id) AS place
            FROM event_registrations x WHERE x.package_id = p_package AND x.status = 'waitlisted') w
   WHERE r.id = w.id AND r.waitlist_position IS DISTINCT FROM w.place;
  GET DIAGNOSTICS v_changed = ROW_COUNT;
  RETURN v_changed;
END $$;

-- Closes the gaps after a promotion in a short transaction of its own (ruling 10): promoting the first of
-- 10,000 must not rewrite 9,999 rows under the lock that decides about seats.
CREATE FUNCTION greenroom.close_gaps(p_package uuid) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '100ms' AS $$
BEGIN
  PERFORM greenroom.lock_package(p_package);
  RETURN greenroom.number_waitlist(p_package);
END $$;

-- The place at the end of the queue. Rows others wrote without a place, or with the same, are healed first,
-- so that nobody overtakes them.
CREATE FUNCTION greenroom.next_place(p_package uuid) RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v record;
BEGIN
  SELECT count(*) AS waiting, count(DISTINCT r.waitlist_position) AS places, max(r.waitlist_position) AS last
    INTO v FROM event_registrations r WHERE r.package_id = p_package AND r.status = 'waitlisted';
  IF v.waiting = v.places THEN
    RETURN coalesce(v.last, 0) + 1;
  END IF;
  PERFORM greenroom.number_waitlist(p_package);
  RETURN v.waiting + 1;
END $$;

-- "Zoë Fernández" or the address when there is no name: how a log row calls somebody.
CREATE FUNCTION greenroom.called(p_name text, p_email text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN coalesce(nullif(pg_catalog.btrim(p_name), ''), p_email);

-- “Workshop pass” of “Monsoon Data Summit”.
CREATE FUNCTION greenroom.package_title(p_package uuid) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT '“' || p.name || '” of “' || coalesce(e.title, 'an untitled event') || '”'
    FROM packages p LEFT JOIN events e ON e.id = p.event_id WHERE p.id = p_package
$$;

CREATE FUNCTION greenroom.log(p_actor uuid, p_action text, p_description text, p_subject uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO admin_logs (admin_id, action_type, description, subject_id, logged_at)
  VALUES (p_actor, p_action, p_description, p_subject, timezone('UTC', clock_timestamp()))
$$;

-- Gives a seat to one waiting person: p_registration, or the next in the order of ruling 10. NULL when nobody
-- is waiting. The caller holds the package's lock and has seen a free seat.
CREATE FUNCTION greenroom.give_seat(p_actor uuid, p_package uuid, p_registration uuid, p_because text)
RETURNS uuid LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_reg   event_registrations;
  v_ahead integer;
BEGIN
  LOOP
    SELECT * INTO v_reg FROM event_registrations r
     WHERE r.package_id = p_package AND r.status = 'waitlisted'
       AND (p_registration IS NULL OR r.id = p_registration)
     ORDER BY r.waitlist_position NULLS LAST, r.registered_at, r.id LIMIT 1 FOR UPDATE NOWAIT;
    EXIT WHEN FOUND OR NOT EXISTS (  -- the website took the row away between reading and locking: look again
      SELECT FROM event_registrations r WHERE r.package_id = p_package AND r.status = 'waitlisted'
         AND (p_registration IS NULL OR r.id = p_registration));
  END LOOP;
  IF v_reg.id IS NULL THEN RETURN NULL; END IF;
  SELECT count(*) INTO v_ahead FROM event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted' AND p_registration IS NOT NULL
     AND (coalesce(r.waitlist_position, 2147483647), r.registered_at, r.id)
         < (coalesce(v_reg.waitlist_position, 2147483647), v_reg.registered_at, v_reg.id);
  UPDATE event_registrations SET status = 'registered', waitlist_position = NULL WHERE id = v_reg.id;
  IF greenroom.needs_order(p_package) THEN
    PERFORM greenroom.order_for(v_reg.id, NULL);
  END IF;
  PERFORM greenroom.log(p_actor, 'waitlist.promote',
    format('Promoted %s from the waitlist of %s%s%s', greenroom.called(v_reg.attendee_name, v_reg.attendee_email),
           greenroom.package_title(p_package),
           CASE WHEN v_ahead > 0 THEN format(', ahead of %s others', v_ahead) ELSE '' END,
           coalesce(' (' || p_because || ')', '')),
    v_reg.id);
  RETURN v_reg.id;
END $$;
