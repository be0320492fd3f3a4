-- step: Sell a package

-- Sells at a desk: a ticket, which is a registration with its order paid, or a subscription. One call, once for each
-- operation. The package's lock also keeps two sales of a subscription to one person apart: p_renews is the end of the
-- access the seller saw (NULL: none), so that of two desks one sells and the other is told.
-- outcome: sold (now or before: see repeated), amount, reused, already_paid (somebody who cancelled and was not given
-- the money back), running (a subscription: until when, and who sold it), nothing, no_duration, retired,
-- buyer_inactive, package_not_found; and what greenroom.register says.
CREATE OR REPLACE FUNCTION greenroom.sell(
  p_actor uuid, p_operation uuid, p_package uuid, p_email text, p_name text, p_phone text, p_paid_with text,
  p_amount numeric, p_currency text, p_reference text, p_renews timestamp,
  OUT outcome text, OUT repeated boolean, OUT answer jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_package  record;
  v_made     record;
  v_seated   uuid;
  v_opened   uuid;
  v_user     uuid;
  v_paid     uuid;
  v_until    timestamp;
  v_currency text;
  v_new      boolean := NOT EXISTS (SELECT FROM public.users u WHERE lower(u.email) = lower(p_email));
BEGIN
  IF greenroom.at_desk(p_paid_with) IS NOT TRUE THEN
    RAISE EXCEPTION 'unknown way to pay' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM greenroom.lock_package(p_package);
  SELECT p.kind = 'sale' AND p.package_id = p_package INTO repeated
    FROM greenroom.payments p WHERE p.id = p_operation;
  IF FOUND THEN
    outcome := CASE WHEN repeated THEN 'sold' ELSE 'reused' END;
    answer := CASE WHEN repeated THEN greenroom.payment_answer(p_operation) ELSE '{}' END;
    RETURN;
  END IF;
  repeated := false;

  SELECT p.name, p.price, p.package_type, p.is_active, p.duration_days, e.title, e.time_zone INTO v_package
    FROM public.packages p LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = p_package;
  v_currency := greenroom.currency_of(p_package);
  answer := jsonb_build_object('who', greenroom.called(p_name, p_email), 'package', v_package.name,
                               'event', v_package.title, 'time_zone', v_package.time_zone,
                               'amount', v_package.price::text, 'currency', v_currency);
  v_user := (SELECT u.id FROM public.users u WHERE lower(u.email) = lower(p_email)
              ORDER BY u.created_at, u.id LIMIT 1);
  IF v_package.package_type = 'event' THEN
    v_paid := (SELECT o.id FROM public.event_registrations r
                 JOIN public.orders o ON o.id = r.order_id AND o.package_id = p_package
                WHERE r.package_id = p_package AND lower(r.attendee_email) = lower(p_email)
                  AND r.status = 'cancelled' AND o.payment_status = 'paid' LIMIT 1);
  ELSE
    v_until := greenroom.running_until(v_user, p_package);
  END IF;
  outcome := CASE
    WHEN v_package.name IS NULL THEN 'package_not_found'
    WHEN v_package.package_type = 'event' AND v_package.price = 0 THEN 'nothing'
    WHEN v_paid IS NOT NULL THEN 'already_paid'
    WHEN v_package.package_type = 'subscription' AND NOT v_package.is_active THEN 'retired'
    WHEN v_package.package_type = 'subscription' AND v_package.duration_days <= 0 THEN 'no_duration'
    WHEN v_package.package_type = 'subscription'
         AND EXISTS (SELECT FROM public.users u WHERE u.id = v_user AND u.status <> 'active') THEN 'buyer_inactive'
    WHEN v_until IS NOT NULL AND v_until IS DISTINCT FROM p_renews THEN 'running'
    WHEN p_amount <> CASE p_paid_with WHEN 'complimentary' THEN 0 ELSE v_package.price END
         OR (p_paid_with <> 'complimentary' AND upper(p_currency) <> upper(v_currency)) THEN 'amount'
    END;
  IF outcome = 'already_paid' THEN
    answer := answer || coalesce(greenroom.handled(v_paid, false), '{}');
  ELSIF outcome = 'running' THEN
    answer := answer || jsonb_build_object('until', v_until) || coalesce(greenroom.handled(
      (SELECT o.id FROM public.orders o WHERE o.user_id = v_user AND o.package_id = p_package
          AND o.payment_status = 'paid' AND o.access_expires_at = v_until LIMIT 1), false), '{}');
  END IF;
  IF outcome IS NOT NULL THEN RETURN; END IF;

  outcome := 'sold';
  IF v_package.package_type = 'event' THEN
    v_made := greenroom.register(p_actor, p_package, p_email, p_name, p_phone, 'refuse', NULL, NULL);
    IF v_made.outcome <> 'registered' THEN
      outcome := v_made.outcome;
      answer := answer || jsonb_build_object('held', v_made.held, 'capacity', v_made.capacity,
                                             'status', v_made.status, 'registration', v_made.registration_id);
      RETURN;
    END IF;
    v_seated := v_made.registration_id;
    v_opened := v_made.order_id;  -- where the event asks for one; it may be an old one of the website's
    v_user := coalesce((SELECT coalesce(o.user_id, r.user_id) FROM public.event_registrations r
                          LEFT JOIN public.orders o ON o.id = r.order_id WHERE r.id = v_seated),
                       greenroom.buyer(p_email));
    v_paid := greenroom.settle(v_opened, v_user, p_package, p_paid_with, p_amount, v_currency);
    UPDATE public.event_registrations r SET order_id = v_paid
     WHERE r.id = v_seated AND r.order_id IS DISTINCT FROM v_paid;
  ELSE
    v_paid := greenroom.settle(NULL, coalesce(v_user, greenroom.buyer(p_email)), p_package, p_paid_with, p_amount,
                               v_currency);
  END IF;
  PERFORM greenroom.keep_payment(p_operation, 'sale', v_paid, v_seated, nullif(v_opened, v_paid), p_paid_with, p_amount,
                                 v_currency, p_reference, p_actor,
                                 CASE WHEN v_new THEN '{"account_made": true}'::jsonb ELSE '{}' END);
  PERFORM greenroom.log(p_actor, 'order.sell',
    format('Sold %s to %s for %s %s%s%s', greenroom.sold_title(p_package), greenroom.called(p_name, p_email),
           greenroom.money(p_amount, v_currency), greenroom.paid_how(p_paid_with, p_reference),
           CASE WHEN v_package.package_type = 'event' THEN ''
                WHEN v_until IS NULL THEN format(', access for %s days', v_package.duration_days)
                ELSE format(', renewed for %s days from %s', v_package.duration_days, to_char(v_until, 'YYYY-MM-DD HH24:MI'))
           END,
           CASE WHEN v_new THEN '; an account without password was made for ' || lower(p_email) ELSE '' END),
    coalesce(v_seated, v_paid));
  answer := greenroom.payment_answer(p_operation);
END $$;
REVOKE ALL ON FUNCTION
  greenroom.sell(uuid, uuid, uuid, text, text, text, text, numeric, text, text, timestamp) FROM PUBLIC;

-- step: Give money back

-- Access that was paid for and given back ends now. What was sold at a desk to begin where it ended begins earlier by
-- as much: else the days given back would still be had. Returns how many orders were brought forward.
CREATE OR REPLACE FUNCTION greenroom.end_access(p_order uuid) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now   timestamp := timezone('UTC', now());
  v_order public.orders;
  v_days  integer;
  v_spare interval;
  v_moved integer;
BEGIN
  SELECT * INTO v_order FROM public.orders o WHERE o.id = p_order;
  IF (v_order.access_expires_at > v_now) IS NOT TRUE THEN RETURN 0; END IF;
  SELECT p.duration_days INTO v_days FROM public.packages p WHERE p.id = v_order.package_id;
  v_spare := v_order.access_expires_at - greatest(v_now, v_order.access_expires_at - make_interval(days => v_days));
  UPDATE public.orders o SET access_expires_at = v_now WHERE o.id = p_order;
  PERFORM 1 FROM public.orders o WHERE o.user_id = v_order.user_id AND o.package_id = v_order.package_id
    ORDER BY o.id FOR UPDATE NOWAIT;
  UPDATE public.orders o SET access_expires_at = o.access_expires_at - v_spare
   WHERE o.user_id = v_order.user_id AND o.package_id = v_order.package_id AND o.id <> p_order
     AND o.payment_status = 'paid' AND greenroom.at_desk(o.payment_gateway)
     AND o.purchased_at >= v_order.purchased_at AND o.access_expires_at > v_order.access_expires_at;
  GET DIAGNOSTICS v_moved = ROW_COUNT;
  RETURN v_moved;
END $$;

-- Records that the whole amount of a paid order was given back; the order stays (ruling 18). With p_cancel the
-- registrations it paid for are cancelled in the same transaction, and each freed seat promotes the next person; whoever
-- is inside or was a no-show stays. The locks are those of greenroom.cancel, taken before the order's.
-- outcome: refunded (now or before: see repeated), already (answer says who), pending, failed, reused, not_found.
CREATE OR REPLACE FUNCTION greenroom.refund(
  p_actor uuid, p_operation uuid, p_order uuid, p_cancel boolean, p_reason text,
  OUT outcome text, OUT repeated boolean, OUT answer jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_order     public.orders;
  v_due       record;
  v_reg       record;
  v_done      record;
  v_packages  uuid[];
  v_cancelled uuid[] := '{}';
  v_kept      uuid[] := '{}';
  v_promoted  uuid[] := '{}';
  v_moved     integer := 0;
BEGIN
  v_packages := ARRAY(
    SELECT r.package_id FROM public.event_registrations r WHERE r.order_id = p_order AND p_cancel
    UNION
    SELECT p.id FROM public.orders o JOIN public.packages p ON p.id = o.package_id
     WHERE o.id = p_order AND p.package_type = 'subscription' ORDER BY 1);
  PERFORM greenroom.lock_seats(v_packages);
  PERFORM 1 FROM public.event_registrations r WHERE r.order_id = p_order ORDER BY r.id FOR UPDATE NOWAIT;
  SELECT * INTO v_order FROM public.orders o WHERE o.id = p_order FOR UPDATE NOWAIT;
  IF p_cancel AND EXISTS (SELECT FROM public.event_registrations r
                           WHERE r.order_id = p_order AND r.package_id <> ALL (v_packages)) THEN
    RAISE EXCEPTION 'a registration of the order moved meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  SELECT p.kind = 'refund' AND p.order_id = p_order INTO repeated FROM greenroom.payments p WHERE p.id = p_operation;
  IF FOUND THEN
    outcome := CASE WHEN repeated THEN 'refunded' ELSE 'reused' END;
    answer := CASE WHEN repeated THEN greenroom.payment_answer(p_operation) ELSE '{}' END;
    RETURN;
  END IF;
  repeated := false;

  v_due := greenroom.due(NULL, p_order);
  answer := jsonb_build_object('who', v_due.who, 'package', v_due.package_name, 'event', v_due.event_title,
                               'time_zone', v_due.time_zone, 'amount', v_order.amount_paid::text,
                               'currency', v_order.currency, 'gateway', v_order.payment_gateway);
  outcome := CASE WHEN v_order.id IS NULL THEN 'not_found'
                  WHEN v_order.payment_status = 'paid' THEN 'refunded'
                  WHEN v_order.payment_status = 'refunded' THEN 'already'
                  ELSE v_order.payment_status END;
  IF outcome <> 'refunded' THEN
    answer := answer || coalesce(greenroom.handled(p_order, true), '{}');
    RETURN;
  END IF;

  UPDATE public.orders o SET payment_status = 'refunded' WHERE o.id = p_order;
  v_moved := greenroom.end_access(p_order);
  PERFORM greenroom.log(p_actor, 'order.refund',
    format('Gave %s back to %s for %s, paid %s (paid → refunded)%s%s',
           greenroom.money(v_order.amount_paid, v_order.currency), v_due.who,
           greenroom.sold_title(v_order.package_id), greenroom.paid_how(v_order.payment_gateway, NULL),
           CASE v_moved WHEN 0 THEN '' ELSE '; what was renewed after it begins earlier' END,
           coalesce(': ' || nullif(btrim(p_reason), ''), '')),
    coalesce(v_due.registration_id, p_order));
  FOR v_reg IN SELECT r.id, r.status, greenroom.called(r.attendee_name, r.attendee_email) AS who
                 FROM public.event_registrations r
                WHERE r.order_id = p_order AND r.status <> 'cancelled' ORDER BY r.id
  LOOP
    IF p_cancel AND v_reg.status IN ('registered', 'waitlisted') THEN
      v_done := greenroom.cancel(p_actor, v_reg.id, coalesce(nullif(btrim(p_reason), ''), 'refunded'));
      IF v_done.outcome <> 'cancelled' THEN
        RAISE EXCEPTION 'the registration changed meanwhile' USING ERRCODE = 'serialization_failure';
      END IF;
      v_cancelled := v_cancelled || v_reg.id;
      IF v_done.promoted_id IS NOT NULL THEN
        v_promoted := v_promoted || v_done.promoted_id;
      END IF;
    ELSE
      v_kept := v_kept || v_reg.id;
    END IF;
  END LOOP;
  PERFORM greenroom.keep_payment(
    p_operation, 'refund', p_order, v_due.registration_id, NULL, v_order.payment_gateway, v_order.amount_paid,
    v_order.currency, NULL, p_actor,
    jsonb_build_object('cancelled', v_cancelled, 'kept', v_kept, 'promoted', v_promoted));
  answer := greenroom.payment_answer(p_operation);
END $$;
REVOKE ALL ON FUNCTION
  greenroom.end_access(uuid), greenroom.refund(uuid, uuid, uuid, boolean, text) FROM PUBLIC;

-- step: Read the orders of a registration, or of a person

-- Every order that had to do with a registration (p_registration), or that the accounts of an address bought (p_email),
-- the newest first. replaced_by is the order that took its place at the registration.
CREATE OR REPLACE FUNCTION greenroom.orders_of(p_registration uuid, p_email text)
RETURNS TABLE (
  id uuid, registration_id uuid, registration_status text, package_id uuid, package_name text, event_title text,
  time_zone text, buyer text, amount numeric, currency text, status text, gateway text, reference text,
  purchased_at timestamp, access_expires_at timestamp, paid jsonb, refunded jsonb, replaced_by uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH wanted AS (
    SELECT r.order_id AS id FROM public.event_registrations r WHERE r.id = p_registration
    UNION SELECT unnest(ARRAY[p.order_id, p.replaces]) FROM greenroom.payments p WHERE p.registration_id = p_registration
    UNION SELECT o.id FROM public.event_registrations r
                   JOIN public.users u ON lower(u.email) = lower(r.attendee_email)
                   JOIN public.orders o ON o.user_id = u.id AND o.package_id = r.package_id
                  WHERE r.id = p_registration
    UNION SELECT o.id FROM public.users u JOIN public.orders o ON o.user_id = u.id
                  WHERE lower(u.email) = lower(btrim(p_email)))
  SELECT o.id, r.id, r.status, o.package_id, p.name, e.title, e.time_zone, u.email, o.amount_paid, o.currency,
         o.payment_status, o.payment_gateway, t.reference, o.purchased_at, o.access_expires_at,
         CASE WHEN o.payment_status IN ('paid', 'refunded') THEN greenroom.handled(o.id, false) END,
         CASE o.payment_status WHEN 'refunded' THEN greenroom.handled(o.id, true) END, n.order_id
    FROM wanted w
    JOIN public.orders o ON o.id = w.id
    JOIN public.users u ON u.id = o.user_id
    JOIN public.packages p ON p.id = o.package_id
    LEFT JOIN public.events e ON e.id = p.event_id
    LEFT JOIN LATERAL (SELECT x.id, x.status FROM public.event_registrations x WHERE x.order_id = o.id
                        ORDER BY (x.id = p_registration) DESC NULLS LAST, x.registered_at, x.id LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT x.reference FROM greenroom.payments x WHERE x.order_id = o.id AND x.kind <> 'refund'
                        ORDER BY x.recorded_at DESC LIMIT 1) t ON true
    LEFT JOIN LATERAL (SELECT x.order_id FROM greenroom.payments x WHERE x.replaces = o.id
                        ORDER BY x.recorded_at DESC LIMIT 1) n ON true
   ORDER BY o.purchased_at DESC, o.id
$$;
REVOKE ALL ON FUNCTION greenroom.orders_of(uuid, text) FROM PUBLIC;
