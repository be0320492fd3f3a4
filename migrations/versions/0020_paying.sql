-- step: What is due

-- What a registration, or an order, still has to pay. outcome: due; paid (order_id is the paid one); nothing (it costs
-- nothing); waitlisted, cancelled, event_cancelled (nobody pays without a place); no_registration (an order of an
-- event's package that nobody's seat belongs to); not_found. amount and currency are those a pending order named when
-- it was opened, else the package's price today. The door asks it too.
CREATE OR REPLACE FUNCTION greenroom.due(
  p_registration uuid, p_order uuid,
  OUT outcome text, OUT registration_id uuid, OUT order_id uuid, OUT package_id uuid, OUT user_id uuid, OUT who text,
  OUT amount numeric, OUT currency text, OUT package_name text, OUT event_title text, OUT time_zone text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_reg     public.event_registrations;
  v_order   public.orders;
  v_by      uuid;
  v_package record;
BEGIN
  outcome := 'not_found';
  IF p_order IS NOT NULL THEN
    SELECT * INTO v_order FROM public.orders o WHERE o.id = p_order;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT o.id INTO v_by FROM greenroom.payments p JOIN public.orders o ON o.id = p.order_id
     WHERE p.replaces = p_order AND o.payment_status = 'paid' LIMIT 1;
    SELECT * INTO v_reg FROM public.event_registrations r WHERE r.order_id IN (p_order, v_by)
     ORDER BY (r.status IN ('registered', 'attended', 'no_show')) DESC, r.registered_at, r.id LIMIT 1;
  ELSE
    SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT * INTO v_order FROM public.orders o WHERE o.id = v_reg.order_id;
  END IF;
  registration_id := v_reg.id;
  order_id := coalesce(v_by, v_order.id);
  package_id := coalesce(v_reg.package_id, v_order.package_id);
  user_id := coalesce(v_order.user_id, v_reg.user_id);
  SELECT p.name, p.price, p.package_type, e.title, e.time_zone, e.status = 'cancelled' OR e.deleted_at IS NOT NULL AS off
    INTO v_package FROM public.packages p LEFT JOIN public.events e ON e.id = p.event_id WHERE p.id = package_id;
  package_name := v_package.name;
  event_title := v_package.title;
  time_zone := v_package.time_zone;
  who := coalesce(greenroom.called(v_reg.attendee_name, v_reg.attendee_email),
                  (SELECT u.email FROM public.users u WHERE u.id = v_order.user_id));
  IF v_order.payment_status = 'pending' AND v_order.package_id = package_id THEN
    amount := v_order.amount_paid;
    currency := v_order.currency;
  ELSE
    amount := v_package.price;
    currency := greenroom.currency_of(package_id);
  END IF;
  outcome := CASE
    WHEN v_by IS NOT NULL OR v_order.payment_status = 'paid' THEN 'paid'
    WHEN v_reg.id IS NULL AND v_package.package_type = 'event' THEN 'no_registration'
    WHEN v_reg.status IN ('waitlisted', 'cancelled') THEN v_reg.status
    WHEN v_package.off THEN 'event_cancelled'
    WHEN amount = 0 AND v_order.payment_status IS DISTINCT FROM 'pending' THEN 'nothing'
    ELSE 'due' END;
END $$;

-- Who took the money of a paid order, or gave it back: {by, at, how}. Without a row of the ledger it was the website,
-- a file, or the registration that was paid for at once; then the log knows who.
CREATE OR REPLACE FUNCTION greenroom.handled(p_order uuid, p_refund boolean) RETURNS jsonb LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object(
      'how', coalesce(p.paid_with, o.payment_gateway), 'by', coalesce(u.username, l.username),
      'at', coalesce(p.recorded_at, CASE WHEN p_refund THEN o.updated_at ELSE o.purchased_at END)))
    FROM public.orders o
    LEFT JOIN LATERAL (SELECT * FROM greenroom.payments x WHERE x.order_id = o.id AND (x.kind = 'refund') = p_refund
                        ORDER BY x.recorded_at DESC LIMIT 1) p ON true
    LEFT JOIN public.users u ON u.id = p.staff_id
    LEFT JOIN LATERAL (SELECT a.username FROM public.event_registrations r
                         JOIN public.admin_logs x ON x.subject_id = r.id
                          AND x.action_type IN ('registration.add', 'registration.revive')
                         JOIN public.users a ON a.id = x.admin_id
                        WHERE r.order_id = o.id AND NOT p_refund AND greenroom.at_desk(o.payment_gateway)
                        ORDER BY x.logged_at DESC LIMIT 1) l ON true
   WHERE o.id = p_order
$$;

-- What an operation did, from the ledger: the same for the first answer and for one that was lost. Names are looked up,
-- not kept.
CREATE OR REPLACE FUNCTION greenroom.payment_answer(p_operation uuid) RETURNS jsonb LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
      'order', p.order_id, 'registration', p.registration_id, 'replaces', p.replaces, 'paid_with', p.paid_with,
      'amount', p.amount::text, 'currency', p.currency, 'by', s.username, 'at', p.recorded_at,
      'status', o.payment_status, 'access_until', o.access_expires_at, 'gateway', o.payment_gateway,
      'package', k.name, 'package_id', k.id, 'event', e.title, 'time_zone', e.time_zone,
      'who', coalesce(greenroom.called(r.attendee_name, r.attendee_email), b.email),
      'account_made', coalesce((p.details -> 'account_made')::boolean, false),
      'people', coalesce((SELECT jsonb_agg(jsonb_build_object(
                            'id', x.id, 'who', greenroom.called(x.attendee_name, x.attendee_email), 'fate', f.key,
                            'status', x.status, 'package_id', x.package_id) ORDER BY f.key, i.n)
                            FROM jsonb_each(p.details) f
                            CROSS JOIN LATERAL jsonb_array_elements_text(
                              CASE jsonb_typeof(f.value) WHEN 'array' THEN f.value ELSE '[]' END)
                              WITH ORDINALITY AS i(id, n)
                            JOIN public.event_registrations x ON x.id = i.id::uuid), '[]'))
    FROM greenroom.payments p
    LEFT JOIN public.users s ON s.id = p.staff_id
    LEFT JOIN public.orders o ON o.id = p.order_id
    LEFT JOIN public.users b ON b.id = o.user_id
    LEFT JOIN public.packages k ON k.id = o.package_id
    LEFT JOIN public.events e ON e.id = k.event_id
    LEFT JOIN public.event_registrations r ON r.id = p.registration_id
   WHERE p.id = p_operation
$$;

-- Writes an operation's row; the same id may be at work on another order at this moment.
CREATE OR REPLACE FUNCTION greenroom.keep_payment(
  p_operation uuid, p_kind text, p_order uuid, p_registration uuid, p_replaces uuid, p_paid_with text,
  p_amount numeric, p_currency text, p_reference text, p_actor uuid, p_details jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO greenroom.payments (id, kind, order_id, package_id, registration_id, replaces, paid_with, amount, currency,
                                  reference, staff_id, details)
  SELECT p_operation, p_kind, o.id, o.package_id, p_registration, p_replaces, p_paid_with, p_amount, p_currency,
         p_reference, p_actor, p_details
    FROM public.orders o WHERE o.id = p_order
  ON CONFLICT (id) DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the operation was carried out meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END $$;

-- "in cash", "by card", …: how a log row says it.
CREATE OR REPLACE FUNCTION greenroom.paid_how(p_paid_with text, p_reference text) RETURNS text LANGUAGE sql IMMUTABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE p_paid_with WHEN 'cash' THEN 'in cash' WHEN 'card' THEN 'by card' WHEN 'upi' THEN 'by UPI'
                          WHEN 'bank transfer' THEN 'by bank transfer' WHEN 'complimentary' THEN 'as complimentary'
                          ELSE 'with ' || p_paid_with END
         || coalesce(', reference ' || p_reference, '')
$$;

REVOKE ALL ON FUNCTION
  greenroom.due(uuid, uuid), greenroom.handled(uuid, boolean), greenroom.payment_answer(uuid),
  greenroom.keep_payment(uuid, text, uuid, uuid, uuid, text, numeric, text, text, uuid, jsonb),
  greenroom.paid_how(text, text) FROM PUBLIC;

-- step: Take a payment

-- Records that staff took the whole amount due, of a registration or of an order. p_amount and p_currency are what the
-- person at the desk was shown: another sum is due by now, or only a part is offered, and nothing is done.
-- outcome: paid (now or before: see repeated), already (somebody else took it; answer says who), amount (answer says
-- what is due), reused (the operation's id stands for something else), or another outcome of greenroom.due.
CREATE OR REPLACE FUNCTION greenroom.take_payment(
  p_actor uuid, p_operation uuid, p_registration uuid, p_order uuid, p_paid_with text, p_amount numeric,
  p_currency text, p_reference text,
  OUT outcome text, OUT repeated boolean, OUT answer jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_old  uuid := coalesce(p_order, (SELECT r.order_id FROM public.event_registrations r WHERE r.id = p_registration));
  v_due  record;
  v_paid uuid;
BEGIN
  IF greenroom.at_desk(p_paid_with) IS NOT TRUE THEN
    RAISE EXCEPTION 'unknown way to pay' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- What a subscription's access begins with is decided one sale after the other.
  PERFORM greenroom.lock_package(p.id) FROM public.orders o JOIN public.packages p ON p.id = o.package_id
    WHERE o.id = v_old AND p.package_type = 'subscription';
  -- Nobody's seats are held here, so desks may queue for the person (100 ms at most); not for the order, whose webhook
  -- may come for the registration next.
  PERFORM 1 FROM public.event_registrations r WHERE r.id = p_registration OR r.order_id = v_old
    ORDER BY r.id FOR UPDATE;
  PERFORM 1 FROM public.orders o WHERE o.id = v_old FOR UPDATE NOWAIT;

  -- Only now, under the locks: the first sending may still have been at work when this one arrived.
  SELECT p.kind = 'payment' AND coalesce(p.registration_id = p_registration, p_order IN (p.order_id, p.replaces))
    INTO repeated FROM greenroom.payments p WHERE p.id = p_operation;
  IF FOUND THEN
    outcome := CASE WHEN repeated THEN 'paid' ELSE 'reused' END;
    answer := CASE WHEN repeated THEN greenroom.payment_answer(p_operation) ELSE '{}' END;
    RETURN;
  END IF;
  repeated := false;
  v_due := greenroom.due(p_registration, p_order);
  answer := jsonb_build_object('who', v_due.who, 'package', v_due.package_name, 'event', v_due.event_title,
                               'time_zone', v_due.time_zone, 'amount', v_due.amount::text, 'currency', v_due.currency);
  IF v_due.outcome = 'paid' THEN
    outcome := 'already';
    answer := answer || coalesce(greenroom.handled(v_due.order_id, false), '{}');
    RETURN;
  END IF;
  IF p_order IS NULL AND v_due.order_id IS DISTINCT FROM v_old THEN
    RAISE EXCEPTION 'the registration got another order meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  outcome := v_due.outcome;
  IF outcome <> 'due' THEN RETURN; END IF;
  IF p_amount <> (CASE p_paid_with WHEN 'complimentary' THEN 0 ELSE v_due.amount END)
     OR (p_paid_with <> 'complimentary' AND upper(p_currency) <> upper(v_due.currency)) THEN
    outcome := 'amount';
    RETURN;
  END IF;

  outcome := 'paid';
  v_paid := greenroom.settle(
    v_old,
    coalesce(v_due.user_id, (SELECT greenroom.buyer(r.attendee_email) FROM public.event_registrations r
                              WHERE r.id = v_due.registration_id)),
    v_due.package_id, p_paid_with, p_amount, v_due.currency);
  PERFORM greenroom.log(p_actor, 'order.pay',
    format('%s was paid for with the order of %s for %s', greenroom.called(r.attendee_name, r.attendee_email), v_due.who,
           greenroom.sold_title(v_due.package_id)), r.id)
    FROM public.event_registrations r
   WHERE r.order_id = v_old AND r.id <> v_due.registration_id AND v_old <> v_paid ORDER BY r.id;
  UPDATE public.event_registrations r SET order_id = v_paid
   WHERE (r.id = v_due.registration_id OR r.order_id = v_old) AND r.order_id IS DISTINCT FROM v_paid;
  -- One the desk had opened for another package, before the person was moved.
  UPDATE public.orders o SET payment_status = 'failed'
   WHERE o.id = v_old AND o.id <> v_paid AND o.payment_status = 'pending' AND o.payment_gateway = 'desk';
  PERFORM greenroom.keep_payment(p_operation, 'payment', v_paid, v_due.registration_id, nullif(v_old, v_paid),
                                 p_paid_with, p_amount, v_due.currency, p_reference, p_actor, '{}');
  PERFORM greenroom.log(p_actor, 'order.pay',
    format(CASE p_paid_with WHEN 'complimentary' THEN 'Waived %s for %s: %s %s%s' ELSE 'Took %s from %s for %s %s%s' END,
           greenroom.money(v_due.amount, v_due.currency), v_due.who, greenroom.sold_title(v_due.package_id),
           greenroom.paid_how(p_paid_with, p_reference),
           CASE WHEN v_old IS NULL THEN '' WHEN v_old = v_paid THEN ' (pending → paid)'
                ELSE (SELECT format(' (a new order; the %s one with %s stays %s)', o.payment_status, o.payment_gateway,
                                    o.payment_status) FROM public.orders o WHERE o.id = v_old) END),
    coalesce(v_due.registration_id, v_paid));
  answer := greenroom.payment_answer(p_operation);
END $$;

-- greenroom.take_payment for the door, which gives nothing away: waiving a price is selling, and the organizers'.
CREATE OR REPLACE FUNCTION greenroom.take_payment_at_door(
  p_actor uuid, p_operation uuid, p_registration uuid, p_order uuid, p_paid_with text, p_amount numeric,
  p_currency text, p_reference text,
  OUT outcome text, OUT repeated boolean, OUT answer jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
BEGIN
  IF p_paid_with = 'complimentary' THEN
    RAISE EXCEPTION 'the door gives nothing away' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT t.outcome, t.repeated, t.answer INTO outcome, repeated, answer
    FROM greenroom.take_payment(p_actor, p_operation, p_registration, p_order, p_paid_with, p_amount, p_currency,
                                p_reference) t;
END $$;

-- Records that a payment failed: the card was declined, the transfer never came. Only of orders the desk opened: of the
-- website's its gateway tells. outcome: failed (before, too: then repeated), paid, refunded, gateways_own, not_found.
CREATE OR REPLACE FUNCTION greenroom.fail_order(
  p_actor uuid, p_order uuid, p_reason text, OUT outcome text, OUT repeated boolean, OUT answer jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_order public.orders;
  v_due   record;
BEGIN
  SELECT * INTO v_order FROM public.orders o WHERE o.id = p_order FOR UPDATE NOWAIT;
  v_due := greenroom.due(NULL, p_order);
  repeated := v_order.payment_status = 'failed';
  answer := jsonb_build_object('who', v_due.who, 'package', v_due.package_name, 'event', v_due.event_title,
                               'time_zone', v_due.time_zone, 'amount', v_order.amount_paid::text,
                               'currency', v_order.currency, 'registration', v_due.registration_id,
                               'gateway', v_order.payment_gateway);
  outcome := CASE WHEN v_order.id IS NULL THEN 'not_found'
                  WHEN v_order.payment_status <> 'pending' THEN v_order.payment_status
                  WHEN v_order.payment_gateway <> 'desk' THEN 'gateways_own'
                  ELSE 'failed' END;
  IF outcome <> 'failed' OR repeated THEN
    answer := answer || coalesce(greenroom.handled(p_order, outcome = 'refunded'), '{}');
    RETURN;
  END IF;
  UPDATE public.orders o SET payment_status = 'failed' WHERE o.id = p_order;
  PERFORM greenroom.log(p_actor, 'order.fail',
    format('The payment of %s by %s for %s failed (pending → failed)%s',
           greenroom.money(v_order.amount_paid, v_order.currency), v_due.who,
           greenroom.sold_title(v_order.package_id), coalesce(': ' || nullif(btrim(p_reason), ''), '')),
    coalesce(v_due.registration_id, p_order));
END $$;

REVOKE ALL ON FUNCTION
  greenroom.take_payment(uuid, uuid, uuid, uuid, text, numeric, text, text),
  greenroom.take_payment_at_door(uuid, uuid, uuid, uuid, text, numeric, text, text),
  greenroom.fail_order(uuid, uuid, text) FROM PUBLIC;
