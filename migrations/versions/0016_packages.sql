-- step: The currency of a package
ALTER TABLE packages ADD COLUMN currency VARCHAR(10) NULL;
COMMENT ON COLUMN packages.currency IS
  'What the price is in, as ISO 4217 says it; NULL: what the package was last sold in, else INR (specification 5.6)';

-- step: Let the website's own triggers on packages find their tables

-- As 0013_paths.sql does for the other tables our functions write: from now on they write packages, too.
CREATE TRIGGER a_greenroom_path BEFORE INSERT OR UPDATE OR DELETE ON packages FOR EACH STATEMENT
  WHEN (current_setting('search_path') = 'pg_catalog, pg_temp') EXECUTE FUNCTION greenroom.lend_path();
CREATE TRIGGER zzz_greenroom_path AFTER INSERT OR UPDATE OR DELETE ON packages FOR EACH STATEMENT
  WHEN (current_setting('greenroom.lent', true) <> '') EXECUTE FUNCTION greenroom.lend_path();

-- step: Add what changing packages shares

-- What a package is sold in: its own currency, else the one it was last sold in, else INR. Whichever of those sold at the
-- same moment: one that is always the same would be sorted out of thousands, each time a raise opens one more order.
CREATE OR REPLACE FUNCTION greenroom.currency_of(p_package uuid) RETURNS text LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(nullif(btrim(p.currency), ''),
                  (SELECT o.currency FROM public.orders o WHERE o.package_id = p.id
                    ORDER BY o.purchased_at DESC LIMIT 1), 'INR')
    FROM public.packages p WHERE p.id = p_package
$$;

-- “VIP” of “Tech Day”, or the subscription “Gold”: how the log names what is no registration's package only.
CREATE OR REPLACE FUNCTION greenroom.package_named(p_package uuid) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE p.package_type WHEN 'subscription' THEN 'the subscription “' || p.name || '”'
                             ELSE greenroom.package_title(p.id) END
    FROM public.packages p WHERE p.id = p_package
$$;

-- The row of a package for somebody who is about to change it and holds its seats; NULLs when there is none. NOWAIT,
-- because a website transaction that edits the package may be waiting for the seats we hold. p_gone: the row will go,
-- or go elsewhere; then nobody may be on the way to registering for it either, whose foreign key looked at the row.
CREATE OR REPLACE FUNCTION greenroom.hold_package(p_package uuid, p_gone boolean) RETURNS public.packages
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_package public.packages;
BEGIN
  IF p_gone THEN
    SELECT * INTO v_package FROM public.packages p WHERE p.id = p_package FOR UPDATE NOWAIT;
  ELSE
    SELECT * INTO v_package FROM public.packages p WHERE p.id = p_package FOR NO KEY UPDATE NOWAIT;
  END IF;
  RETURN v_package;
END $$;

REVOKE ALL ON FUNCTION greenroom.currency_of(uuid), greenroom.package_named(uuid),
                       greenroom.hold_package(uuid, boolean) FROM PUBLIC;

-- step: Change how many seats a package has

-- Sets packages.capacity, NULL for no limit, and gives the seats this adds to whoever waits, in the same transaction
-- (ruling 11). Seats that were free before stay so: a no-show's seat is released by a person. Lowering below the seats
-- held wants p_confirmed, the number of seats held that the person was told; nobody loses a seat (ruling 8). Raising
-- wants a reason, because every raise may be one over the room (ruling 9), unless the event is a draft that nobody
-- registered for. p_seen is the capacity the person saw.
-- outcome: raised, lowered, unchanged (it is so already), stale, below_held, reason_needed, subscription, not_found.
-- closed says why nobody was promoted although people wait: greenroom.closed_because, or event_over.
CREATE OR REPLACE FUNCTION greenroom.set_capacity(
  p_actor uuid, p_package uuid, p_seen integer, p_capacity integer, p_confirmed integer, p_reason text,
  OUT outcome text, OUT package_name text, OUT event_title text, OUT previous integer, OUT held integer,
  OUT waiting integer, OUT promoted uuid[], OUT names text[], OUT unpaid integer, OUT closed text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_seats   public.package_seats := greenroom.lock_package(p_package);
  v_package public.packages;
  v_event   public.events;
  v_added   integer;
  v_reason  text := nullif(btrim(p_reason), '');
BEGIN
  IF p_capacity < 0 THEN
    RAISE EXCEPTION 'a capacity of %', p_capacity USING ERRCODE = 'invalid_parameter_value';
  END IF;
  promoted := '{}';
  names := '{}';
  unpaid := 0;
  v_package := greenroom.hold_package(p_package, false);
  IF v_package.id IS NULL THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  IF v_seats.package_id IS NULL THEN
    RAISE EXCEPTION 'package % has no seat counter', p_package
      USING ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'package_seats_missing', TABLE = 'packages',
            SCHEMA = 'public',
            HINT = 'It was written while triggers were off. "greenroom db check --repair" counts its seats.';
  END IF;
  SELECT * INTO v_event FROM public.events e WHERE e.id = v_package.event_id;
  package_name := v_package.name;
  event_title := v_event.title;
  previous := v_package.capacity;
  held := v_seats.held;
  SELECT count(*) INTO waiting FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted';

  outcome := CASE
    WHEN v_package.package_type <> 'event' THEN 'subscription'
    WHEN previous IS NOT DISTINCT FROM p_capacity THEN 'unchanged'
    WHEN previous IS DISTINCT FROM p_seen THEN 'stale'
    WHEN p_capacity IS NULL OR p_capacity > previous THEN 'raised'
    WHEN p_capacity < held AND (p_confirmed IS NULL OR held > p_confirmed) THEN 'below_held'
    ELSE 'lowered' END;
  IF outcome = 'raised' AND v_reason IS NULL
     AND (v_event.status <> 'draft' OR held > 0 OR waiting > 0) THEN
    outcome := 'reason_needed';
  END IF;
  IF outcome NOT IN ('raised', 'lowered') THEN RETURN; END IF;

  UPDATE public.packages p SET capacity = p_capacity WHERE p.id = p_package;
  PERFORM greenroom.log(p_actor, 'package.capacity',
    format('%s the capacity of %s: %s → %s%s%s', initcap(outcome), greenroom.package_title(p_package),
           coalesce(previous::text, 'no limit'), coalesce(p_capacity::text, 'no limit'),
           CASE WHEN p_capacity < held THEN format(', below the %s seats held', held) ELSE '' END,
           coalesce(' (' || v_reason || ')', '')), p_package);

  IF outcome <> 'raised' OR waiting = 0 THEN RETURN; END IF;
  v_added := least(waiting, coalesce(p_capacity - greatest(previous, held), waiting));
  IF v_added <= 0 THEN RETURN; END IF;
  closed := greenroom.closed_because(p_package);
  IF closed IS NULL
     AND coalesce(v_event.end_time, v_event.start_time + interval '24 hours') < timezone('UTC', now()) THEN
    closed := 'event_over';
  END IF;
  IF closed IS NOT NULL THEN RETURN; END IF;
  promoted := greenroom.give_seats(p_actor, p_package, NULL, v_added, 'the capacity was raised');
  SELECT coalesce(array_agg(greenroom.called(r.attendee_name, r.attendee_email) ORDER BY g.n), '{}'),
         count(*) FILTER (WHERE o.payment_status = 'pending')
    INTO names, unpaid
    FROM unnest(promoted) WITH ORDINALITY AS g(id, n)
    JOIN public.event_registrations r ON r.id = g.id LEFT JOIN public.orders o ON o.id = r.order_id;
  SELECT s.held INTO held FROM public.package_seats s WHERE s.package_id = p_package;
  waiting := waiting - cardinality(promoted);
END $$;
REVOKE ALL ON FUNCTION greenroom.set_capacity(uuid, uuid, integer, integer, integer, text) FROM PUBLIC;

-- step: Retire and reactivate packages

-- Takes a package off sale, or puts it back (ruling 19). Under the lock of its seats: whoever is registered was so
-- before it was retired, and held and waiting are exact. Reactivating promotes nobody; it says who could be.
-- outcome: retired, reactivated, unchanged, not_found. since is when it was retired.
CREATE OR REPLACE FUNCTION greenroom.set_package_active(
  p_actor uuid, p_package uuid, p_active boolean, p_reason text,
  OUT outcome text, OUT package_name text, OUT event_title text, OUT held integer, OUT capacity integer,
  OUT waiting integer, OUT since timestamp)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_seats   public.package_seats := greenroom.lock_package(p_package);
  v_package public.packages;
BEGIN
  v_package := greenroom.hold_package(p_package, false);
  IF v_package.id IS NULL THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  package_name := v_package.name;
  SELECT e.title INTO event_title FROM public.events e WHERE e.id = v_package.event_id;
  held := v_seats.held;
  capacity := v_package.capacity;
  since := v_package.deactivated_at;
  SELECT count(*) INTO waiting FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted';
  outcome := 'unchanged';
  IF p_active THEN
    IF v_package.is_active AND since IS NULL THEN RETURN; END IF;
    UPDATE public.packages p SET is_active = true, deactivated_at = NULL WHERE p.id = p_package;
    outcome := 'reactivated';
    since := NULL;
  ELSE
    IF NOT v_package.is_active THEN RETURN; END IF;
    since := timezone('UTC', now());
    UPDATE public.packages p SET is_active = false, deactivated_at = set_package_active.since WHERE p.id = p_package;
    outcome := 'retired';
  END IF;
  PERFORM greenroom.log(p_actor, CASE WHEN p_active THEN 'package.reactivate' ELSE 'package.retire' END,
    format('%s %s%s%s', initcap(outcome), greenroom.package_named(p_package),
           CASE WHEN v_package.package_type = 'event'
                THEN format(' (%s %s held, %s waiting)', held, CASE held WHEN 1 THEN 'seat' ELSE 'seats' END, waiting)
                ELSE '' END,
           coalesce(': ' || nullif(btrim(p_reason), ''), '')), p_package);
END $$;
REVOKE ALL ON FUNCTION greenroom.set_package_active(uuid, uuid, boolean, text) FROM PUBLIC;

-- step: Delete packages nobody used

-- Deletes a package that no registration, order or check-in knows (ruling 19); else tells how many do. Whoever is just
-- registering for it has locked its row, so they are waited for by trying again, and then counted. elsewhere names a
-- table of the website's own that keeps the package.
-- outcome: deleted, used, not_found.
CREATE OR REPLACE FUNCTION greenroom.delete_package(
  p_actor uuid, p_package uuid,
  OUT outcome text, OUT package_name text, OUT event_title text, OUT registrations bigint, OUT orders bigint,
  OUT check_ins bigint, OUT elsewhere text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_package public.packages;
  v_title   text;
BEGIN
  PERFORM greenroom.lock_package(p_package);
  v_package := greenroom.hold_package(p_package, true);
  IF v_package.id IS NULL THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  package_name := v_package.name;
  SELECT e.title INTO event_title FROM public.events e WHERE e.id = v_package.event_id FOR NO KEY UPDATE NOWAIT;
  SELECT count(*) INTO registrations FROM public.event_registrations r WHERE r.package_id = p_package;
  SELECT count(*) INTO orders FROM public.orders o WHERE o.package_id = p_package;
  SELECT count(*) INTO check_ins FROM public.check_ins c
   WHERE c.event_id = v_package.event_id AND c.package_id = p_package;
  outcome := 'used';
  IF registrations + orders + check_ins > 0 THEN RETURN; END IF;
  v_title := greenroom.package_named(p_package);
  BEGIN
    DELETE FROM public.packages p WHERE p.id = p_package;
  EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
    GET STACKED DIAGNOSTICS elsewhere = TABLE_NAME;
    RETURN;
  END;
  outcome := 'deleted';
  PERFORM greenroom.log(p_actor, 'package.delete',
    format('Deleted %s, which nobody had used (slug %s)', v_title, v_package.slug), p_package);
END $$;
REVOKE ALL ON FUNCTION greenroom.delete_package(uuid, uuid) FROM PUBLIC;

-- step: Move packages between events

-- Moves a package to another event while nobody holds a seat or waits, nobody was recorded as a no-show (that is
-- history of the old event), and no open or paid order is without its registration: somebody is just buying it. Who
-- had cancelled comes along, so that a revived registration is of its package's event. packages_ids follow by
-- trigger (ruling 22). p_slug is the new slug, NULL keeps it; p_seen the event the person saw it in.
-- outcome: moved, unchanged, stale, occupied, being_bought, slug_taken, subscription, event_not_found,
-- event_deleted, event_cancelled, event_completed, not_found.
CREATE OR REPLACE FUNCTION greenroom.move_package(
  p_actor uuid, p_package uuid, p_seen uuid, p_event uuid, p_slug text,
  OUT outcome text, OUT package_name text, OUT event_title text, OUT held integer, OUT waiting bigint,
  OUT no_shows bigint, OUT buying bigint, OUT cancelled bigint, OUT slug text, OUT deadline timestamp)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_seats   public.package_seats := greenroom.lock_package(p_package);
  v_package public.packages;
  v_event   public.events;
  v_before  text;
BEGIN
  v_package := greenroom.hold_package(p_package, true);
  IF v_package.id IS NULL THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  PERFORM 1 FROM public.events e WHERE e.id IN (v_package.event_id, p_event) ORDER BY e.id FOR NO KEY UPDATE NOWAIT;
  SELECT * INTO v_event FROM public.events e WHERE e.id = p_event;
  package_name := v_package.name;
  event_title := v_event.title;
  held := v_seats.held;
  slug := v_package.slug;
  deadline := v_package.package_registration_deadline;
  SELECT count(*) FILTER (WHERE r.status = 'waitlisted'), count(*) FILTER (WHERE r.status = 'no_show'),
         count(*) FILTER (WHERE r.status = 'cancelled')
    INTO waiting, no_shows, cancelled
    FROM public.event_registrations r WHERE r.package_id = p_package;
  SELECT count(*) INTO buying FROM public.orders o
   WHERE o.package_id = p_package AND o.payment_status IN ('pending', 'paid')
     AND NOT EXISTS (SELECT FROM public.event_registrations r WHERE r.order_id = o.id);
  outcome := CASE
    WHEN v_package.package_type <> 'event' THEN 'subscription'
    WHEN v_package.event_id = p_event THEN 'unchanged'
    WHEN v_package.event_id IS DISTINCT FROM p_seen THEN 'stale'
    WHEN v_event.id IS NULL THEN 'event_not_found'
    WHEN v_event.deleted_at IS NOT NULL THEN 'event_deleted'
    WHEN v_event.status IN ('cancelled', 'completed') THEN 'event_' || v_event.status
    WHEN held > 0 OR waiting > 0 OR no_shows > 0 THEN 'occupied'
    WHEN buying > 0 THEN 'being_bought'
    WHEN EXISTS (SELECT FROM public.packages p WHERE p.slug = p_slug AND p.id <> p_package) THEN 'slug_taken'
    ELSE 'moved' END;
  IF outcome <> 'moved' THEN RETURN; END IF;

  v_before := greenroom.package_title(p_package);
  BEGIN
    UPDATE public.packages p SET event_id = p_event, slug = coalesce(p_slug, p.slug)
     WHERE p.id = p_package RETURNING p.slug INTO slug;
  EXCEPTION WHEN unique_violation THEN
    IF NOT EXISTS (SELECT FROM public.packages p WHERE p.slug = p_slug AND p.id <> p_package) THEN RAISE; END IF;
    outcome := 'slug_taken';  -- since we looked
    RETURN;
  END;
  PERFORM 1 FROM public.event_registrations r WHERE r.package_id = p_package AND r.event_id <> p_event
    ORDER BY r.id FOR UPDATE NOWAIT;
  UPDATE public.event_registrations r SET event_id = p_event WHERE r.package_id = p_package AND r.event_id <> p_event;
  PERFORM greenroom.log(p_actor, 'package.move',
    format('Moved %s to “%s”%s%s', v_before, coalesce(event_title, 'an untitled event'),
           CASE WHEN slug <> v_package.slug THEN format(', slug %s → %s', v_package.slug, slug) ELSE '' END,
           CASE cancelled WHEN 0 THEN '' WHEN 1 THEN ', with 1 cancelled registration'
                          ELSE format(', with %s cancelled registrations', cancelled) END), p_package);
END $$;
REVOKE ALL ON FUNCTION greenroom.move_package(uuid, uuid, uuid, uuid, text) FROM PUBLIC;
