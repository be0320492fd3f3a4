-- step: Move a registration to another package

-- To another package of the same event: a seat there while there are seats and nobody waits, else the end of its
-- waitlist ('waitlist') or a refusal ('refuse'). The seat left behind goes to the next in line (ruling 11). The ticket
-- stays the same one.
--
-- The order: what is paid goes along when the other package costs the same, because an order says what was bought; when
-- it does not, the money is settled first, by a refund. What the desk opened and nobody paid is closed and, for a seat
-- that needs one, opened anew at the other price. A payment under way on the website is waited for.
-- outcome: registered, waitlisted, not_found, wrong_state, same_package, other_event, already, full, paid, paying,
-- price_differs, order_shared, or why the other package is closed.
CREATE OR REPLACE FUNCTION greenroom.move(
  p_actor uuid, p_registration uuid, p_package uuid, p_when_full text, p_reason text,
  OUT outcome text, OUT who text, OUT email text, OUT previous_status text, OUT status text,
  OUT from_package uuid, OUT from_name text, OUT package_name text, OUT event_title text, OUT place integer,
  OUT order_id uuid, OUT carried_order uuid, OUT payment_status text, OUT paid numeric, OUT price numeric,
  OUT currency text, OUT sold_in text, OUT late boolean, OUT held integer, OUT capacity integer,
  OUT promoted_id uuid, OUT promoted_who text, OUT promoted_place integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_reg   public.event_registrations;
  v_order public.orders;
  v_from  record;
  v_to    record;
  v_seat  boolean;
BEGIN
  SELECT r.package_id INTO from_package FROM public.event_registrations r WHERE r.id = p_registration;
  IF from_package IS NULL THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  PERFORM greenroom.lock_seats(ARRAY[from_package, p_package]);
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  IF v_reg.package_id IS DISTINCT FROM from_package THEN
    RAISE EXCEPTION 'the registration moved to another package meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  SELECT p.name, p.price, p.event_id INTO v_from FROM public.packages p WHERE p.id = from_package;
  -- to_jsonb: the currency of a package is a column of the website's that need not be there
  SELECT p.name, p.price, p.event_id, s.held, s.capacity, to_jsonb(p) ->> 'currency' AS currency INTO v_to
    FROM public.packages p JOIN public.package_seats s ON s.package_id = p.id WHERE p.id = p_package;
  SELECT e.title INTO event_title FROM public.events e WHERE e.id = v_reg.event_id;
  who := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);
  email := v_reg.attendee_email;
  previous_status := v_reg.status;
  status := v_reg.status;
  from_name := v_from.name;
  package_name := v_to.name;
  price := v_to.price;
  held := v_to.held;
  capacity := v_to.capacity;
  late := greenroom.is_late(p_package);
  outcome := CASE WHEN v_to.name IS NULL THEN 'package_not_found'
                  WHEN p_package = from_package THEN 'same_package'
                  WHEN v_to.event_id IS DISTINCT FROM v_reg.event_id THEN 'other_event'
                  WHEN status NOT IN ('registered', 'waitlisted') THEN 'wrong_state'
                  ELSE greenroom.closed_because(p_package) END;
  IF outcome IS NOT NULL THEN RETURN; END IF;
  IF greenroom.address_taken(p_registration, p_package, email, false) IS NOT NULL THEN
    outcome := 'already';
    status := greenroom.address_taken(p_registration, p_package, email, false);
    RETURN;
  END IF;

  SELECT * INTO v_order FROM public.orders o WHERE o.id = v_reg.order_id FOR UPDATE NOWAIT;
  paid := v_order.amount_paid;
  currency := v_order.currency;
  sold_in := coalesce(nullif(btrim(v_to.currency), ''), (  -- as greenroom.currency_of, but that nothing sold takes any
    SELECT o.currency FROM public.orders o WHERE o.package_id = p_package ORDER BY o.purchased_at DESC, o.id LIMIT 1),
    currency);
  v_seat := (capacity IS NULL OR held < capacity)
            AND NOT EXISTS (SELECT FROM public.event_registrations r
                             WHERE r.package_id = p_package AND r.status = 'waitlisted');
  outcome := CASE
    WHEN NOT v_seat AND p_when_full = 'refuse' THEN 'full'
    WHEN v_order.payment_status = 'pending' AND v_order.payment_gateway <> 'desk' THEN 'paying'
    WHEN v_order.payment_status IS DISTINCT FROM 'paid' OR v_order.package_id = p_package THEN NULL
    WHEN NOT v_seat AND previous_status = 'registered' THEN 'paid'
    WHEN sold_in <> currency OR v_order.amount_paid <> v_to.price AND v_from.price <> v_to.price THEN 'price_differs'
    WHEN EXISTS (SELECT FROM public.event_registrations r
                  WHERE r.order_id = v_order.id AND r.id <> p_registration) THEN 'order_shared' END;
  IF outcome IS NOT NULL THEN RETURN; END IF;

  outcome := CASE WHEN v_seat THEN 'registered' ELSE 'waitlisted' END;
  status := outcome;
  place := CASE WHEN NOT v_seat THEN greenroom.next_place(p_package) END;
  BEGIN
    UPDATE public.event_registrations r
       SET package_id = p_package, status = move.status, waitlist_position = place
     WHERE r.id = p_registration;
  EXCEPTION WHEN unique_violation THEN  -- the website wrote this address since we looked
    RAISE EXCEPTION 'the address was written meanwhile' USING ERRCODE = 'serialization_failure';
  END;
  place := CASE WHEN NOT v_seat THEN greenroom.place_of(p_registration) END;  -- the position may have gaps before it
  IF v_order.payment_status = 'paid' AND v_order.package_id <> p_package THEN
    carried_order := v_order.id;
    UPDATE public.orders o SET package_id = p_package WHERE o.id = v_order.id;
  ELSIF v_order.package_id <> p_package OR NOT v_seat THEN
    PERFORM greenroom.close_desk_order(v_order.id);
  END IF;
  IF v_seat THEN
    held := held + 1;
    IF greenroom.needs_order(p_package) THEN
      order_id := greenroom.order_for(p_registration, NULL);
    END IF;
  END IF;
  SELECT o.payment_status INTO payment_status FROM public.orders o
   WHERE o.id = coalesce(order_id, carried_order);
  PERFORM greenroom.log(p_actor, 'registration.move',
    format('Moved %s from “%s” to %s (%s → %s%s)%s%s', who, from_name, greenroom.package_title(p_package),
           previous_status, status, ' at #' || place, CASE WHEN late THEN ', after the deadline' ELSE '' END,
           coalesce(': ' || nullif(btrim(p_reason), ''), '')), p_registration);
  IF previous_status = 'registered' THEN
    SELECT * INTO promoted_id, promoted_who, promoted_place
      FROM greenroom.pass_seat_on(p_actor, from_package, NULL, format('%s moved to “%s”', who, package_name));
  END IF;
END $$;
REVOKE ALL ON FUNCTION greenroom.move(uuid, uuid, uuid, text, text) FROM PUBLIC;
