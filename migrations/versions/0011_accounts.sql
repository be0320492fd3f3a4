-- What staff do to accounts, so that no role needs to read users.password_hash or to write users and user_roles
-- (ruling 26), and what the door is given instead of the whole log. SECURITY DEFINER: whoever may EXECUTE one of
-- these (greenroom db roles) needs no privilege on the tables behind it.

-- step: Table greenroom.sign_in_tries
-- What came of a try, until it is told. tried_in: the transaction that counted it. account_id: nobody's after a wrong
-- one, never NULL: anybody may ask how many bytes a statement wrote, before rolling it back.
CREATE TABLE greenroom.sign_in_tries (
  id         UUID      PRIMARY KEY DEFAULT gen_random_uuid(),
  login      TEXT      NOT NULL,
  tried_at   TIMESTAMP NOT NULL,
  tried_in   XID8      NOT NULL,
  tries_left INT       NOT NULL,
  account_id UUID      NOT NULL
);

-- step: Table greenroom.sign_in_key
-- One row, made when it is first needed: what made-up salts are made of, so that nobody else can make them up.
CREATE TABLE greenroom.sign_in_key (
  id  BOOLEAN PRIMARY KEY DEFAULT true CHECK (id),
  key BYTEA   NOT NULL
);

-- step: Let staff sign in without anybody reading a password hash

-- True when somebody may sign in to Greenroom.
CREATE OR REPLACE FUNCTION greenroom.has_staff() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (SELECT FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id
                  WHERE r.name IN ('admin', 'organizer', 'door', 'editor'))
$$;

-- The account a login name means: a user name before an address, the older before the newer.
CREATE OR REPLACE FUNCTION greenroom.account_of(p_login text) RETURNS SETOF public.users LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT u.* FROM public.users u WHERE lower(u.username) = p_login OR lower(u.email) = p_login
   ORDER BY lower(u.username) = p_login DESC, u.created_at, u.id LIMIT 1
$$;

-- A login name, however it was typed.
CREATE OR REPLACE FUNCTION greenroom.login_key(p_login text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN pg_catalog.left(pg_catalog.lower(pg_catalog.btrim(p_login)), 255);

-- What its tries are counted under: by the database login they come through, so that whoever has one of these and
-- guesses, or leaves a try in an open transaction, keeps nobody out who has another.
CREATE OR REPLACE FUNCTION greenroom.counted_as(p_login text) RETURNS text LANGUAGE sql STABLE
RETURN pg_catalog.concat(session_user, ' ', p_login);

-- The salt of a bcrypt hash, NULL when it is none.
CREATE OR REPLACE FUNCTION greenroom.salt_of(p_hash text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN substring(p_hash FROM '^[$]2[aby][$](?:0[4-9]|[12][0-9]|3[01])[$][./A-Za-z0-9]{21}[.Oeu]');

-- What stands in for an account that is not there: a salt, always the same, like any other, and of the kind and cost
-- of a random account's, one of the staff's or anybody's; and the name of that account.
CREATE OR REPLACE FUNCTION greenroom.stand_in(p_login text, OUT salt text, OUT login text) LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_random bytea;
  v_at     uuid;
  v_user   public.users;
BEGIN
  IF NOT EXISTS (SELECT FROM greenroom.sign_in_key) THEN
    INSERT INTO greenroom.sign_in_key (key)
    VALUES (sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid()), 'UTF8'))) ON CONFLICT DO NOTHING;
  END IF;
  SELECT sha256(k.key || sha256(convert_to(p_login, 'UTF8'))) INTO v_random FROM greenroom.sign_in_key k;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the key was made meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  v_at := encode(substr(v_random, 17), 'hex')::uuid;
  IF get_byte(v_random, 31) < 128 THEN
    SELECT * INTO v_user FROM public.users u
     WHERE u.id IN (SELECT ur.user_id FROM public.user_roles ur)
       AND greenroom.salt_of(u.password_hash) IS NOT NULL ORDER BY u.id < v_at, u.id LIMIT 1;
  ELSE
    SELECT * INTO v_user FROM public.users u
     WHERE u.id >= v_at AND greenroom.salt_of(u.password_hash) IS NOT NULL ORDER BY u.id LIMIT 1;
  END IF;
  IF v_user.id IS NULL THEN
    SELECT * INTO v_user FROM public.users u ORDER BY u.id LIMIT 1;
  END IF;
  login := lower(CASE WHEN p_login LIKE '%@%' THEN v_user.email ELSE v_user.username END);
  salt := coalesce(left(greenroom.salt_of(v_user.password_hash), 7), '$2b$12$')
    || translate(rtrim(encode(substr(v_random, 1, 16), 'base64'), '='),
                 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
                 './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789');
END $$;

-- The account of a login name with its salt or one that stands in for it. Whether there is one shows neither in the
-- time this takes nor in how many rows were read, which PostgreSQL tells everybody (pg_stat_xact_all_tables).
CREATE OR REPLACE FUNCTION greenroom.looked_up(p_login text, OUT id uuid, OUT hash text, OUT salt text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_stand_in record := greenroom.stand_in(p_login);
BEGIN
  SELECT u.id, u.password_hash INTO id, hash FROM greenroom.account_of(p_login) u;
  PERFORM FROM greenroom.account_of(CASE WHEN id IS NULL THEN v_stand_in.login ELSE '' END);
  salt := coalesce(greenroom.salt_of(hash), v_stand_in.salt);
END $$;

-- The first half of signing in: with which salt the password is to be hashed, or how many seconds of a pause are
-- left. Where the name is unknown, has no password, or it is no bcrypt hash, a made-up salt, so that asking, which is
-- not counted, does not tell who has an account. The hash itself never leaves the database: the other half of the
-- sum is done there.
CREATE OR REPLACE FUNCTION greenroom.sign_in_salt(p_login text, OUT pause integer, OUT salt text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_login text := greenroom.login_key(p_login);
BEGIN
  SELECT ceil(extract(epoch FROM a.blocked_until - timezone('UTC', clock_timestamp()))) INTO pause
    FROM greenroom.sign_in_attempts a WHERE a.login = greenroom.counted_as(v_login);
  pause := greatest(pause, 0);
  IF pause = 0 THEN
    salt := (greenroom.looked_up(v_login)).salt;
  END IF;
END $$;

-- The second half: p_proof is the SHA-256 of the bcrypt hash that the typed password gives, so that neither this
-- call nor a log of statements repeats users.password_hash. Each try is counted under the row's lock before it is
-- looked at, so parallel guesses are counted too, whoever calls. From the fifth on there is a pause, 30 s doubling
-- to 15 min; an hour of quiet starts over (ruling 25).
-- What came of it is only written down here, and told by greenroom.sign_in to a later transaction: whoever guesses
-- in a transaction and rolls it back is not counted, and learns nothing. So a right and a wrong try do the same,
-- and write as much.
CREATE OR REPLACE FUNCTION greenroom.sign_in_try(p_login text, p_proof bytea, OUT pause integer, OUT try_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  c_free    CONSTANT integer := 5;
  v_login   text := greenroom.login_key(p_login);
  v_counted text := greenroom.counted_as(v_login);
  v_tried   greenroom.sign_in_attempts;
  v_now     timestamp;
  v_nobody  uuid := gen_random_uuid();
BEGIN
  -- Finds or makes the row, and locks it: a right password beside this one deletes it.
  INSERT INTO greenroom.sign_in_attempts AS a (login, failures, last_at)
  VALUES (v_counted, 0, timezone('UTC', clock_timestamp()))
  ON CONFLICT (login) DO UPDATE SET login = excluded.login RETURNING a.* INTO v_tried;
  v_now := timezone('UTC', clock_timestamp());  -- now() is when we began, before the pause we waited for
  pause := greatest(ceil(extract(epoch FROM v_tried.blocked_until - v_now)), 0);
  IF pause > 0 THEN RETURN; END IF;
  v_tried.failures := 1 + CASE WHEN v_tried.last_at < v_now - interval '1 hour' THEN 0 ELSE v_tried.failures END;
  UPDATE greenroom.sign_in_attempts a
     SET failures = v_tried.failures, last_at = v_now,
         blocked_until = CASE WHEN v_tried.failures >= c_free
           THEN v_now + least(30 * 2 ^ least(v_tried.failures - c_free, 10), 900) * interval '1 second' END
   WHERE a.login = v_counted;
  -- What is over is swept away. Others at the same may leave their transaction open: nobody waits for them, and what
  -- is counted for another login is not ours to hold.
  DELETE FROM greenroom.sign_in_tries t WHERE t.id IN (
    SELECT x.id FROM greenroom.sign_in_tries x WHERE x.tried_at < v_now - interval '10 minutes'
       FOR UPDATE SKIP LOCKED);
  DELETE FROM greenroom.sign_in_attempts a WHERE a.login IN (
    SELECT x.login FROM greenroom.sign_in_attempts x
     WHERE x.last_at < v_now - interval '1 hour' AND starts_with(x.login, greenroom.counted_as(''))
       FOR UPDATE SKIP LOCKED);
  INSERT INTO greenroom.sign_in_tries AS t (login, tried_at, tries_left, tried_in, account_id)
  VALUES (v_login, v_now, greatest(c_free - v_tried.failures, 0), pg_current_xact_id(),
          (SELECT CASE WHEN sha256(convert_to(l.hash, 'UTF8')) = p_proof THEN l.id ELSE v_nobody END
             FROM greenroom.looked_up(v_login) l))
  RETURNING t.id INTO try_id;
END $$;

-- What came of a try, told once, and only after the transaction that counted it; a right one is forgotten with
-- the wrong ones before it.
-- outcome: signed_in, wrong, elsewhere (another provider's account without a password), inactive, no_role.
CREATE OR REPLACE FUNCTION greenroom.sign_in(
  p_try uuid,
  OUT outcome text, OUT tries_left integer, OUT user_id uuid, OUT username text, OUT email text,
  OUT provider text, OUT roles text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_try  greenroom.sign_in_tries;
  v_user public.users;
BEGIN
  DELETE FROM greenroom.sign_in_tries t
   WHERE t.id = p_try AND t.tried_in <> pg_current_xact_id() RETURNING t.* INTO v_try;
  tries_left := v_try.tries_left;
  SELECT * INTO v_user FROM public.users u WHERE u.id = v_try.account_id;
  IF v_user.id IS NULL THEN
    SELECT u.oauth_provider INTO provider FROM greenroom.account_of(v_try.login) u
     WHERE u.password_hash IS NULL AND u.oauth_provider <> 'local';
    outcome := CASE WHEN provider IS NULL THEN 'wrong' ELSE 'elsewhere' END;
    RETURN;
  END IF;

  DELETE FROM greenroom.sign_in_attempts a WHERE a.login = greenroom.counted_as(v_try.login);
  user_id := v_user.id;
  username := v_user.username;
  email := v_user.email;
  SELECT coalesce(array_agg(r.name::text ORDER BY r.name), '{}') INTO roles
    FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id WHERE ur.user_id = v_user.id;
  outcome := CASE WHEN v_user.status <> 'active' THEN 'inactive'
                  WHEN NOT roles && ARRAY['admin', 'organizer', 'door', 'editor'] THEN 'no_role'
                  ELSE 'signed_in' END;
  IF outcome = 'signed_in' THEN
    UPDATE public.users u SET last_login_at = timezone('UTC', now()) WHERE u.id = v_user.id;
    PERFORM greenroom.log(v_user.id, 'auth.sign_in', v_user.username || ' signed in', NULL);
  END IF;
END $$;

REVOKE ALL ON FUNCTION
  greenroom.has_staff(), greenroom.account_of(text), greenroom.login_key(text), greenroom.counted_as(text),
  greenroom.salt_of(text), greenroom.stand_in(text), greenroom.looked_up(text), greenroom.sign_in_salt(text),
  greenroom.sign_in_try(text, bytea), greenroom.sign_in(uuid) FROM PUBLIC;

-- step: Let an admin add staff without writing accounts and roles directly

-- Gives the account of p_email, made when there is none, a role; a password it has stays. p_by NULL: whoever holds
-- the database's credentials, logged as the account itself; then only one such call is at work at a time, the
-- first one must make an admin (ruling 24), and p_only_first makes nobody but the first.
-- outcome: added, username_taken, staff_exist, admin_first.
CREATE OR REPLACE FUNCTION greenroom.add_staff(
  p_by uuid, p_username text, p_email text, p_hash text, p_role text, p_how text, p_only_first boolean,
  OUT outcome text, OUT user_id uuid, OUT username text, OUT password_kept boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_user public.users;
BEGIN
  IF p_by IS NULL THEN
    LOCK TABLE public.user_roles IN SHARE ROW EXCLUSIVE MODE;
    outcome := CASE WHEN greenroom.has_staff() THEN CASE WHEN p_only_first THEN 'staff_exist' END
                    WHEN p_role <> 'admin' THEN 'admin_first' END;
    IF outcome IS NOT NULL THEN RETURN; END IF;
  END IF;

  SELECT * INTO v_user FROM public.users u WHERE lower(u.email) = lower(p_email)
   ORDER BY u.created_at, u.id LIMIT 1 FOR UPDATE;
  IF v_user.id IS NULL THEN
    IF EXISTS (SELECT FROM public.users u WHERE lower(u.username) = lower(p_username)) THEN
      outcome := 'username_taken';
      RETURN;
    END IF;
    INSERT INTO public.users (username, email, created_at, updated_at)
    VALUES (p_username, p_email, timezone('UTC', now()), timezone('UTC', now()))
    ON CONFLICT DO NOTHING RETURNING * INTO v_user;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the name or the address was taken meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
  END IF;

  outcome := 'added';
  user_id := v_user.id;
  username := v_user.username;
  password_kept := v_user.password_hash IS NOT NULL;
  IF NOT password_kept THEN
    UPDATE public.users u SET password_hash = p_hash WHERE u.id = v_user.id;
  END IF;
  INSERT INTO public.user_roles (user_id, role_id)
    SELECT v_user.id, r.id FROM public.roles r WHERE r.name = p_role ON CONFLICT DO NOTHING;
  PERFORM greenroom.log(coalesce(p_by, v_user.id), 'staff.add',
                        format('Added %s (%s) as %s %s', v_user.username, p_email, p_role, p_how), v_user.id);
END $$;

REVOKE ALL ON FUNCTION greenroom.add_staff(uuid, text, text, text, text, text, boolean) FROM PUBLIC;

-- step: Give the door its own check-in, and the history of one registration instead of the whole log

-- greenroom.admit for whoever may take back only what the same person let in (door.md 6): here that is not the
-- caller's to choose.
CREATE OR REPLACE FUNCTION greenroom.admit_at_door(
  p_operation uuid, p_action text, p_registration uuid, p_event uuid, p_station text, p_sequence bigint,
  p_staff uuid, p_decided_at timestamp, p_decision text, p_reason text,
  OUT verdict text, OUT repeated boolean, OUT registration_id uuid, OUT status text, OUT answer jsonb)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.verdict, a.repeated, a.registration_id, a.status, a.answer
    FROM greenroom.admit(p_operation, p_action, p_registration, p_event, p_station, p_sequence, p_staff,
                         p_decided_at, p_decision, true, p_reason) a
$$;

-- What happened to a registration, the newest first: the log's rows about it, what the door answered beside them,
-- and how it began when that was not in this program. Nothing for an id that is no registration, so nobody reads
-- the log about staff with it.
CREATE OR REPLACE FUNCTION greenroom.history_of(p_registration uuid, p_most integer)
RETURNS TABLE (at timestamp, what text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT h.at, h.what
    FROM public.event_registrations r
    CROSS JOIN LATERAL (
      SELECT l.logged_at AS at, coalesce(l.description, l.action_type) || ' · ' || u.username AS what
        FROM public.admin_logs l JOIN public.users u ON u.id = l.admin_id WHERE l.subject_id = r.id
      UNION ALL
      SELECT c.recorded_at, 'Turned away at ' || c.station || ': ' || replace(c.verdict, '_', ' ')
        FROM public.check_ins c
       WHERE c.registration_id = r.id AND c.action = 'admit' AND c.verdict <> 'admitted'
      UNION ALL
      SELECT r.registered_at, 'Registered'
       WHERE NOT EXISTS (SELECT FROM public.admin_logs l WHERE l.subject_id = r.id
                            AND l.action_type IN ('registration.add', 'registration.revive'))) h
   WHERE r.id = p_registration ORDER BY h.at DESC LIMIT p_most
$$;

REVOKE ALL ON FUNCTION
  greenroom.admit_at_door(uuid, text, uuid, uuid, text, bigint, uuid, timestamp, text, text),
  greenroom.history_of(uuid, integer) FROM PUBLIC;
