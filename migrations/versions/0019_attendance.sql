-- Attendance whole (rulings 7, 11, 14 and 16; door.md 2 to 5): the decision as one pure function, all four actions of
-- the ledger, batches of operations, what stations report, the no-shows of an event, and whoever was let in offline
-- without a seat.
--
-- Lock order as everywhere: package_seats by id, then registrations by id. An action that takes or frees a seat (a late
-- arrival, a no-show, a no-show taken back, a release) has the package's seats first; somebody with a seat is let in
-- without them, so that a door is never kept waiting by a stampede on the waitlist.

-- step: Decide what happens at the door

-- The verdict, from facts alone; desktop/services/deciding.py says the same for a station that has no network, and a
-- test compares the two over every combination. p_status is NULL for an unknown ticket. p_event_off: the event is
-- cancelled or deleted; p_closed: it gives out no seats (any more). p_free: the package has a seat. p_inside: a station
-- let the person in by itself and that was not ratified (ruling 16), and nobody took it back. p_own: by whoever acts,
-- or whose it is does not matter. p_decision is “admitted” when the station had let the person in already.
--
-- A seat is asked for before money: nobody pays at the door for a seat that is gone.
CREATE OR REPLACE FUNCTION greenroom.decide(
  p_action text, p_decision text, p_status text, p_wrong_event boolean, p_event_off boolean, p_closed boolean,
  p_paid boolean, p_free boolean, p_inside boolean, p_own boolean, p_released boolean, p_waiting boolean)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN p_status IS NULL THEN 'not_found'
  WHEN p_wrong_event THEN 'wrong_event'
  WHEN p_action = 'admit' THEN CASE
    WHEN p_event_off THEN 'event_cancelled'
    WHEN p_status = 'attended' THEN 'already_inside'
    WHEN p_status IN ('waitlisted', 'cancelled') OR (p_status = 'no_show' AND NOT p_free) THEN CASE
      WHEN p_inside THEN 'already_inside'
      WHEN p_decision = 'admitted' AND p_status = 'cancelled' THEN 'revoked'
      WHEN p_decision = 'admitted' THEN 'admitted_over_capacity'
      WHEN p_status = 'no_show' THEN 'seat_given_away'
      ELSE p_status END
    WHEN NOT p_paid THEN 'payment_due'
    ELSE 'admitted' END
  WHEN p_action = 'undo' THEN CASE
    WHEN p_status = 'attended' OR p_inside THEN CASE WHEN p_own THEN 'undone' ELSE 'not_yours' END
    WHEN p_status <> 'no_show' THEN 'not_inside'
    WHEN NOT p_own THEN 'not_yours'
    WHEN p_event_off THEN 'event_cancelled'
    WHEN NOT p_free THEN 'seat_given_away'
    ELSE 'undone' END
  WHEN p_action = 'no_show' THEN CASE
    WHEN p_event_off THEN 'event_cancelled'
    WHEN p_status = 'attended' OR p_inside THEN 'already_inside'
    WHEN p_status = 'registered' THEN 'no_show'
    WHEN p_status = 'no_show' THEN 'already_no_show'
    ELSE p_status END
  WHEN p_action = 'release' THEN CASE
    WHEN p_status <> 'no_show' THEN 'not_no_show'
    WHEN p_released THEN 'already_released'
    WHEN p_closed THEN 'event_closed'
    WHEN NOT p_free THEN 'seat_given_away'
    WHEN NOT p_waiting THEN 'nobody_waiting'
    ELSE 'released' END
  END;

-- The last entry that says where the person is: what the server refused changes nothing, what a station did by itself
-- does (ruling 16). No row when the ledger knows nothing.
CREATE OR REPLACE FUNCTION greenroom.last_seen(p_registration uuid) RETURNS SETOF public.check_ins
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.* FROM public.check_ins c
   WHERE c.registration_id = p_registration
     AND (c.verdict IN ('admitted', 'undone', 'no_show', 'admitted_over_capacity', 'revoked')
          OR (c.verdict = 'payment_due' AND c.decision = 'admitted'))
   ORDER BY c.recorded_at DESC, c.sequence DESC NULLS LAST LIMIT 1
$$;

-- True when a station let the person in by itself, and the server could not make it true.
CREATE OR REPLACE FUNCTION greenroom.let_in(p_registration uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT c.action = 'admit' AND c.verdict <> 'admitted'
                     FROM greenroom.last_seen(p_registration) c), false)
$$;

-- What is due at the door for a package and its order: what a pending order named when it was opened, else the price
-- of today (greenroom.due says the same).
CREATE OR REPLACE FUNCTION greenroom.due_at_door(p_package uuid, p_order uuid) RETURNS jsonb LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
           'amount', coalesce(o.amount_paid, p.price)::text,
           'currency', coalesce(o.currency, greenroom.currency_of(p.id)))
    FROM public.packages p LEFT JOIN public.orders o
      ON o.id = p_order AND o.package_id = p.id AND o.payment_status = 'pending' WHERE p.id = p_package
$$;

-- True when nobody is let in any more who has no seat: 24 hours after the start where no end is given.
CREATE OR REPLACE FUNCTION greenroom.is_over(p_event uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(coalesce(e.end_time, e.start_time + interval '24 hours') < timezone('UTC', now()), false)
    FROM public.events e WHERE e.id = p_event
$$;
REVOKE ALL ON FUNCTION
  greenroom.decide(text, text, text, boolean, boolean, boolean, boolean, boolean, boolean, boolean, boolean, boolean),
  greenroom.last_seen(uuid), greenroom.let_in(uuid), greenroom.due_at_door(uuid, uuid), greenroom.is_over(uuid) FROM PUBLIC;
