-- Money at the desk. Each payment, sale and refund is one call with the client's operation id, kept in a ledger of its
-- own: sent again after a lost answer it is told again, and nothing is taken twice. Lock order: package_seats (only
-- where a seat is given or freed) -> event_registrations -> orders, NOWAIT, as everywhere (concurrency.md).
--
-- What the website's gateway opened stays as it is (docs/decisions/0015-payments.md): its webhook looks an order up by
-- payment_id, and may still call it paid or failed. Cash is another transaction, so it becomes an order of its own that
-- takes the other's place at the registration. Only an order the desk opened ("desk") is paid in place.

-- step: The ledger of money taken and given back by staff
CREATE TABLE greenroom.payments (
  id              UUID          PRIMARY KEY,
  kind            VARCHAR(10)   NOT NULL CHECK (kind IN ('payment', 'sale', 'refund')),
  order_id        UUID          NOT NULL,
  package_id      UUID          NOT NULL,
  registration_id UUID          NULL,
  replaces        UUID          NULL,
  paid_with       VARCHAR(50)   NOT NULL,
  amount          NUMERIC(10,2) NOT NULL,
  currency        VARCHAR(10)   NOT NULL,
  reference       VARCHAR(100)  NULL,
  staff_id        UUID          NOT NULL,
  recorded_at     TIMESTAMP     NOT NULL DEFAULT timezone('UTC', clock_timestamp()),
  details         JSONB         NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN greenroom.payments.id IS 'Made by the client: the same operation sent again is recognised by it';
COMMENT ON COLUMN greenroom.payments.package_id IS 'What was paid for then; a registration may move later';
COMMENT ON COLUMN greenroom.payments.replaces IS
  'The order whose place order_id took; the website''s own are never overwritten';
COMMENT ON COLUMN greenroom.payments.details IS 'Ids of who was cancelled, kept and promoted by a refund';
CREATE INDEX payments_order ON greenroom.payments(order_id, recorded_at);
CREATE INDEX payments_replaces ON greenroom.payments(replaces) WHERE replaces IS NOT NULL;
CREATE INDEX payments_registration ON greenroom.payments(registration_id) WHERE registration_id IS NOT NULL;

-- step: … is append-only
CREATE TRIGGER trg_append_only BEFORE UPDATE OR DELETE ON greenroom.payments
  FOR EACH ROW EXECUTE FUNCTION greenroom.refuse_rewrite();
CREATE TRIGGER trg_append_only_truncate BEFORE TRUNCATE ON greenroom.payments
  FOR EACH STATEMENT EXECUTE FUNCTION greenroom.refuse_rewrite();
ALTER TABLE greenroom.payments ENABLE ALWAYS TRIGGER trg_append_only;
ALTER TABLE greenroom.payments ENABLE ALWAYS TRIGGER trg_append_only_truncate;

-- step: Money and its words

-- "₹4,500", "€49.50", "CHF 80": as desktop/services/readable.py writes it.
CREATE OR REPLACE FUNCTION greenroom.money(p_amount numeric, p_currency text) RETURNS text LANGUAGE sql IMMUTABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE upper(p_currency) WHEN 'INR' THEN '₹' WHEN 'EUR' THEN '€' WHEN 'USD' THEN '$' WHEN 'GBP' THEN '£'
                                WHEN 'JPY' THEN '¥' ELSE upper(p_currency) || ' ' END
         || regexp_replace(to_char(p_amount, 'FM999,999,999,990.00'), '\.00$', '')
$$;

-- “Workshop pass” of “Monsoon Data Summit”; a subscription is of no event.
CREATE OR REPLACE FUNCTION greenroom.sold_title(p_package uuid) RETURNS text LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE p.package_type WHEN 'event' THEN greenroom.package_title(p.id) ELSE '“' || p.name || '”' END
    FROM public.packages p WHERE p.id = p_package
$$;

-- What staff take money with; every other gateway is the website's, or of an imported file.
CREATE OR REPLACE FUNCTION greenroom.at_desk(p_gateway text) RETURNS boolean LANGUAGE sql IMMUTABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT p_gateway IN ('cash', 'card', 'upi', 'bank transfer', 'complimentary')
$$;

-- step: Whether a seat needs an order, and whose it is

-- False for what is no event's package; 0009 said NULL.
CREATE OR REPLACE FUNCTION greenroom.needs_order(p_package uuid) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM public.packages p JOIN public.events e ON e.id = p.event_id
                  WHERE p.id = p_package AND e.payment_required AND p.price > 0)
$$;

-- As in 0009, the account an order belongs to, made without a password when there is none (ruling 18). Never NULL: an
-- account somebody else is just making is waited for by the caller's next try. An address in other letters than ours
-- gives its account a name as well.
CREATE OR REPLACE FUNCTION greenroom.buyer(p_email text) RETURNS uuid LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_user  uuid;
  v_email text := lower(btrim(p_email));
  v_base  text := left(regexp_replace(split_part(v_email, '@', 1), '[^a-z0-9._-]', '', 'g'), 36);
BEGIN
  FOR v_try IN 1..3 LOOP
    SELECT u.id INTO v_user FROM public.users u WHERE lower(u.email) = v_email
     ORDER BY u.created_at, u.id LIMIT 1;
    IF FOUND THEN RETURN v_user; END IF;
    INSERT INTO public.users (username, email, created_at, updated_at)
    VALUES (coalesce(nullif(v_base, ''), 'guest') || '-' || left(replace(gen_random_uuid()::text, '-', ''), 12),
            v_email, timezone('UTC', now()), timezone('UTC', now()))
    ON CONFLICT DO NOTHING RETURNING id INTO v_user;
    IF FOUND THEN RETURN v_user; END IF;  -- else the website made the account meanwhile
  END LOOP;
  RAISE EXCEPTION 'the account is being made by somebody else' USING ERRCODE = 'serialization_failure';
END $$;

-- step: Open an order, and pay it

-- When access to a subscription that is paid for at p_from ends: it begins there, or where what the same person has
-- paid for already ends, so that nobody who renews early loses days. NULL for tickets (ruling 18).
CREATE OR REPLACE FUNCTION greenroom.running_until(p_user uuid, p_package uuid) RETURNS timestamp LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT max(o.access_expires_at) FROM public.orders o
   WHERE o.user_id = p_user AND o.package_id = p_package AND o.payment_status = 'paid'
     AND o.access_expires_at > timezone('UTC', now())
$$;

CREATE OR REPLACE FUNCTION greenroom.access_until(p_user uuid, p_package uuid, p_from timestamp) RETURNS timestamp
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT greatest(p_from, greenroom.running_until(p_user, p_package)) + make_interval(days => p.duration_days)
    FROM public.packages p WHERE p.id = p_package AND p.package_type = 'subscription'
$$;

-- A new order; p_paid_with NULL leaves it pending, to be paid at a desk.
CREATE OR REPLACE FUNCTION greenroom.open_order(
  p_user uuid, p_package uuid, p_paid_with text, p_amount numeric, p_currency text)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_order uuid := gen_random_uuid();
  v_now   timestamp := timezone('UTC', now());
BEGIN
  INSERT INTO public.orders (id, user_id, package_id, payment_gateway, payment_id, amount_paid, currency,
                      payment_status, purchased_at, access_expires_at, updated_at)
  VALUES (v_order, p_user, p_package, coalesce(p_paid_with, 'desk'), 'greenroom:' || v_order, p_amount, p_currency,
          CASE WHEN p_paid_with IS NULL THEN 'pending' ELSE 'paid' END, v_now,
          CASE WHEN p_paid_with IS NOT NULL THEN greenroom.access_until(p_user, p_package, v_now) END, v_now);
  RETURN v_order;
END $$;

-- The paid order that stands for p_old from now on: p_old itself when the desk opened it, else a new one beside it.
-- The caller holds p_old's lock and knows that it is not paid.
CREATE OR REPLACE FUNCTION greenroom.settle(
  p_old uuid, p_user uuid, p_package uuid, p_paid_with text, p_amount numeric, p_currency text)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE public.orders o
     SET payment_status = 'paid', payment_gateway = p_paid_with, amount_paid = p_amount,
         purchased_at = CASE WHEN a.until IS NULL THEN o.purchased_at ELSE timezone('UTC', now()) END,
         access_expires_at = a.until
    FROM (SELECT greenroom.access_until(p_user, p_package, timezone('UTC', now())) AS until) a
   WHERE o.id = p_old AND o.package_id = p_package AND o.payment_status = 'pending' AND o.payment_gateway = 'desk';
  IF FOUND THEN RETURN p_old; END IF;
  RETURN greenroom.open_order(p_user, p_package, p_paid_with, p_amount, p_currency);
END $$;

-- As in 0009: the order a seat needs, which is the one it has when that is paid, or pending and to stay so, else a new
-- one. But a pending order of the website's is no longer overwritten when the desk takes the money.
CREATE OR REPLACE FUNCTION greenroom.order_for(p_registration uuid, p_paid_with text) RETURNS uuid LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_reg   public.event_registrations;
  v_old   public.orders;
  v_order uuid;
  v_user  uuid;
  v_due   numeric;
BEGIN
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration;
  SELECT * INTO v_old FROM public.orders o
   WHERE o.id = v_reg.order_id AND o.package_id = v_reg.package_id FOR UPDATE NOWAIT;
  IF v_old.payment_status = 'paid' OR (v_old.payment_status = 'pending' AND p_paid_with IS NULL) THEN
    RETURN v_old.id;
  END IF;
  v_due := CASE WHEN p_paid_with = 'complimentary' THEN 0
                WHEN v_old.payment_status = 'pending' THEN v_old.amount_paid
                ELSE (SELECT p.price FROM public.packages p WHERE p.id = v_reg.package_id) END;
  v_user := coalesce(CASE WHEN v_old.payment_status = 'pending' THEN v_old.user_id END, v_reg.user_id,
                     greenroom.buyer(v_reg.attendee_email));
  v_order := CASE WHEN p_paid_with IS NULL
    THEN greenroom.open_order(v_user, v_reg.package_id, NULL, v_due, greenroom.currency_of(v_reg.package_id))
    ELSE greenroom.settle(v_old.id, v_user, v_reg.package_id, p_paid_with, v_due,
                          CASE WHEN v_old.payment_status = 'pending' THEN v_old.currency
                               ELSE greenroom.currency_of(v_reg.package_id) END) END;
  UPDATE public.event_registrations r SET order_id = v_order
   WHERE r.id = p_registration AND r.order_id IS DISTINCT FROM v_order;
  RETURN v_order;
END $$;

REVOKE ALL ON FUNCTION
  greenroom.money(numeric, text), greenroom.sold_title(uuid), greenroom.at_desk(text),
  greenroom.needs_order(uuid), greenroom.buyer(text), greenroom.running_until(uuid, uuid), greenroom.access_until(uuid, uuid, timestamp),
  greenroom.open_order(uuid, uuid, text, numeric, text),
  greenroom.settle(uuid, uuid, uuid, text, numeric, text), greenroom.order_for(uuid, text) FROM PUBLIC;
