-- What is done to the accounts of staff beyond signing in and adding them (0011): roles, deactivating, passwords, reset
-- codes. SECURITY DEFINER: whoever may EXECUTE one of these needs no privilege on the tables behind it, and nobody
-- reads users.password_hash or password_resets.reset_token (ruling 26).

-- step: Find reset codes without anybody sending one to the server
-- Codes are compared by their SHA-256, so that no statement, and no log of statements, holds one that still opens
-- something. Only what was not used is in it: a handful.
CREATE INDEX idx_password_resets_unused ON password_resets(sha256(uuid_send(reset_token))) WHERE NOT is_used;

-- step: Let the website's own triggers on password_resets find their tables

-- As 0013_paths.sql does for the other tables our functions write: from now on they write these, too.
CREATE TRIGGER a_greenroom_path BEFORE INSERT OR UPDATE OR DELETE ON password_resets FOR EACH STATEMENT
  WHEN (current_setting('search_path') = 'pg_catalog, pg_temp') EXECUTE FUNCTION greenroom.lend_path();
CREATE TRIGGER zzz_greenroom_path AFTER INSERT OR UPDATE OR DELETE ON password_resets FOR EACH STATEMENT
  WHEN (current_setting('greenroom.lent', true) <> '') EXECUTE FUNCTION greenroom.lend_path();

-- step: … those of user_roles
CREATE TRIGGER a_greenroom_path BEFORE INSERT OR UPDATE OR DELETE ON user_roles FOR EACH STATEMENT
  WHEN (current_setting('search_path') = 'pg_catalog, pg_temp') EXECUTE FUNCTION greenroom.lend_path();
CREATE TRIGGER zzz_greenroom_path AFTER INSERT OR UPDATE OR DELETE ON user_roles FOR EACH STATEMENT
  WHEN (current_setting('greenroom.lent', true) <> '') EXECUTE FUNCTION greenroom.lend_path();

-- step: Count every kind of try the same way

-- Finds or makes the row of what is counted, locks it, and counts one more; pause is how many seconds are left of one,
-- and then nothing is counted. From the fifth wrong one on there is a pause, 30 s doubling to 15 min; an hour of quiet
-- starts over (ruling 25). What is over is swept away with it. Others at the same may leave their transaction open:
-- nobody waits for them, and what is counted for another login is not ours to hold.
CREATE OR REPLACE FUNCTION greenroom.count_try(
  p_counted text, OUT pause integer, OUT tries_left integer, OUT counted_at timestamp)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  c_free  CONSTANT integer := 5;
  v_tried greenroom.sign_in_attempts;
BEGIN
  -- Locks the row as well when it is there: a right password beside this one deletes it.
  INSERT INTO greenroom.sign_in_attempts AS a (login, failures, last_at)
  VALUES (p_counted, 0, timezone('UTC', clock_timestamp()))
  ON CONFLICT (login) DO UPDATE SET login = excluded.login RETURNING a.* INTO v_tried;
  counted_at := timezone('UTC', clock_timestamp());  -- now() is when we began, before the pause we waited for
  pause := greatest(ceil(extract(epoch FROM v_tried.blocked_until - counted_at)), 0);
  IF pause > 0 THEN RETURN; END IF;
  v_tried.failures := 1 + CASE WHEN v_tried.last_at < counted_at - interval '1 hour' THEN 0 ELSE v_tried.failures END;
  tries_left := greatest(c_free - v_tried.failures, 0);
  UPDATE greenroom.sign_in_attempts a
     SET failures = v_tried.failures, last_at = counted_at,
         blocked_until = CASE WHEN v_tried.failures >= c_free
           THEN counted_at + least(30 * 2 ^ least(v_tried.failures - c_free, 10), 900) * interval '1 second' END
   WHERE a.login = p_counted;
  DELETE FROM greenroom.sign_in_tries t WHERE t.id IN (
    SELECT x.id FROM greenroom.sign_in_tries x WHERE x.tried_at < counted_at - interval '10 minutes'
       FOR UPDATE SKIP LOCKED);
  DELETE FROM greenroom.sign_in_attempts a WHERE a.login IN (
    SELECT x.login FROM greenroom.sign_in_attempts x
     WHERE x.last_at < counted_at - interval '1 hour' AND starts_with(x.login, greenroom.counted_as(''))
       FOR UPDATE SKIP LOCKED);
END $$;

-- As in 0011, with the counting in a function of its own. What came of the try is only written down here, and told to a
-- later transaction: whoever guesses in a transaction and rolls it back is not counted, and learns nothing. So a right
-- and a wrong try do the same, and write as much.
CREATE OR REPLACE FUNCTION greenroom.sign_in_try(p_login text, p_proof bytea, OUT pause integer, OUT try_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_login  text := greenroom.login_key(p_login);
  v_count  record;
  v_nobody uuid := gen_random_uuid();
BEGIN
  v_count := greenroom.count_try(greenroom.counted_as(v_login));
  pause := v_count.pause;
  IF pause > 0 THEN RETURN; END IF;
  INSERT INTO greenroom.sign_in_tries AS t (login, tried_at, tries_left, tried_in, account_id)
  VALUES (v_login, v_count.counted_at, v_count.tries_left, pg_current_xact_id(),
          (SELECT CASE WHEN sha256(convert_to(l.hash, 'UTF8')) = p_proof THEN l.id ELSE v_nobody END
             FROM greenroom.looked_up(v_login) l))
  RETURNING t.id INTO try_id;
END $$;

REVOKE ALL ON FUNCTION greenroom.count_try(text), greenroom.sign_in_try(text, bytea) FROM PUBLIC;

-- step: Let admins give and take roles, and deactivate and reactivate staff

-- The roles an account has here; what else the website calls a role is its own.
CREATE OR REPLACE FUNCTION greenroom.roles_of(p_user uuid) RETURNS text[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT ARRAY(SELECT r.name::text FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id
                WHERE ur.user_id = p_user AND r.name IN ('admin', 'organizer', 'door', 'editor') ORDER BY r.name)
$$;

-- Whether nobody could manage Greenroom any more without this account: it is the last active admin, or the last of them
-- who has a password to come in with.
CREATE OR REPLACE FUNCTION greenroom.is_last_admin(p_user uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*) FILTER (WHERE a.id = p_user) = 1
     AND (count(*) FILTER (WHERE a.id <> p_user) = 0
          OR (count(*) FILTER (WHERE a.able AND a.id = p_user) = 1
              AND count(*) FILTER (WHERE a.able AND a.id <> p_user) = 0))
    FROM (SELECT u.id, greenroom.salt_of(u.password_hash) IS NOT NULL AS able
            FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id JOIN public.users u ON u.id = ur.user_id
           WHERE r.name = 'admin' AND u.status = 'active') a
$$;

-- Everybody with a role, active or not. password_cost: bcrypt's, NULL without a password that opens anything.
-- last_admin: what greenroom.is_last_admin says.
CREATE OR REPLACE FUNCTION greenroom.staff(p_actor uuid)
RETURNS TABLE (user_id uuid, username text, email text, active boolean, roles text[], provider text,
               password_cost integer, last_login_at timestamp, created_at timestamp, last_admin boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT u.id, u.username::text, u.email::text, u.status = 'active', greenroom.roles_of(u.id), u.oauth_provider::text,
         substring(greenroom.salt_of(u.password_hash) FROM 5 FOR 2)::integer, u.last_login_at, u.created_at,
         greenroom.is_last_admin(u.id)
    FROM public.users u
   WHERE p_actor IS NOT NULL AND u.id IN (
     SELECT ur.user_id FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id
      WHERE r.name IN ('admin', 'organizer', 'door', 'editor'))
   ORDER BY lower(u.username), u.id
$$;

-- The account, after everybody else who changes who is an admin: the table of roles is held against writers, the
-- website's too, and so are the accounts of all admins against being deactivated. The website may go the other way
-- round: lock_timeout ends our wait long before its deadlock check, and the caller tries again. Only then the actor's
-- rights are read once more: of two admins who take the role from each other, one is too late (ruling 24).
CREATE OR REPLACE FUNCTION greenroom.lock_staff(p_actor uuid, p_user uuid) RETURNS public.users LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
  v_user public.users;
BEGIN
  LOCK TABLE public.user_roles IN SHARE ROW EXCLUSIVE MODE;
  PERFORM 1 FROM public.users u
    WHERE u.id = p_user OR u.id IN (SELECT ur.user_id FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id
                                     WHERE r.name = 'admin')
    ORDER BY u.id FOR NO KEY UPDATE;
  PERFORM greenroom.acting(p_actor, ARRAY['admin']);
  SELECT * INTO v_user FROM public.users u WHERE u.id = p_user;
  RETURN v_user;
END $$;

-- Gives a role (p_has) or takes it; that nothing changes is no error, so it may be said twice.
-- outcome: changed, unchanged, not_found, last_admin. roles: afterwards.
CREATE OR REPLACE FUNCTION greenroom.set_role(
  p_actor uuid, p_user uuid, p_role text, p_has boolean, OUT outcome text, OUT username text, OUT roles text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_user   public.users := greenroom.lock_staff(p_actor, p_user);
  v_before text[] := greenroom.roles_of(p_user);
  v_role   uuid := (SELECT r.id FROM public.roles r WHERE r.name = p_role);
BEGIN
  username := v_user.username;
  roles := v_before;
  IF v_role IS NULL OR p_has IS NULL THEN  -- NULL would be no way to ask for the last admin, and take the role
    RAISE EXCEPTION 'there is no role %', p_role USING ERRCODE = 'invalid_parameter_value';
  END IF;
  outcome := CASE WHEN v_user.id IS NULL THEN 'not_found'
                  WHEN (p_role = ANY (v_before)) = p_has THEN 'unchanged'
                  WHEN p_role = 'admin' AND NOT p_has AND greenroom.is_last_admin(p_user) THEN 'last_admin'
                  ELSE 'changed' END;
  IF outcome <> 'changed' THEN RETURN; END IF;
  IF p_has THEN
    INSERT INTO public.user_roles (user_id, role_id) VALUES (p_user, v_role);
  ELSE
    DELETE FROM public.user_roles ur WHERE ur.user_id = p_user AND ur.role_id = v_role;
  END IF;
  roles := greenroom.roles_of(p_user);
  PERFORM greenroom.log(p_actor, CASE WHEN p_has THEN 'staff.give_role' ELSE 'staff.take_role' END,
    format(CASE WHEN p_has THEN 'Gave %s (%s) the role %s: %s → %s' ELSE 'Took from %s (%s) the role %s: %s → %s' END,
           username, v_user.email, p_role, coalesce(nullif(array_to_string(v_before, ', '), ''), 'none'),
           coalesce(nullif(array_to_string(roles, ', '), ''), 'none')), p_user);
END $$;

-- Deactivates an account, which ends its rights and its reset codes, or reactivates it; the roles stay.
-- outcome: changed, unchanged, not_found (no staff), last_admin.
CREATE OR REPLACE FUNCTION greenroom.set_active(
  p_actor uuid, p_user uuid, p_active boolean, p_reason text, OUT outcome text, OUT username text, OUT roles text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_user public.users := greenroom.lock_staff(p_actor, p_user);
BEGIN
  IF p_active IS NULL THEN
    RAISE EXCEPTION 'active, or not' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  username := v_user.username;
  roles := greenroom.roles_of(p_user);
  outcome := CASE WHEN v_user.id IS NULL OR roles = '{}' THEN 'not_found'
                  WHEN (v_user.status = 'active') = p_active THEN 'unchanged'
                  WHEN NOT p_active AND greenroom.is_last_admin(p_user) THEN 'last_admin'
                  ELSE 'changed' END;
  IF outcome <> 'changed' THEN RETURN; END IF;
  UPDATE public.users u SET status = CASE WHEN p_active THEN 'active' ELSE 'inactive' END WHERE u.id = p_user;
  UPDATE public.password_resets r SET is_used = true WHERE r.user_id = p_user AND NOT r.is_used;
  PERFORM greenroom.log(p_actor, CASE WHEN p_active THEN 'staff.reactivate' ELSE 'staff.deactivate' END,
    format(CASE WHEN p_active THEN 'Reactivated %s (%s): inactive → active%s'
                ELSE 'Deactivated %s (%s): active → inactive%s' END,
           username, v_user.email, coalesce(' (' || nullif(btrim(p_reason), '') || ')', '')), p_user);
END $$;

-- greenroom.add_staff as in 0011, which now says of an account that it is deactivated, and of a role that there is none.
-- outcome: added, added_inactive, username_taken, staff_exist, admin_first.
CREATE OR REPLACE FUNCTION greenroom.add_staff(
  p_by uuid, p_username text, p_email text, p_hash text, p_role text, p_how text, p_only_first boolean,
  OUT outcome text, OUT user_id uuid, OUT username text, OUT password_kept boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_user public.users;
  v_role uuid := (SELECT r.id FROM public.roles r WHERE r.name = p_role);
BEGIN
  IF v_role IS NULL THEN
    RAISE EXCEPTION 'there is no role %', p_role USING ERRCODE = 'invalid_parameter_value';
  END IF;
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

  outcome := CASE v_user.status WHEN 'active' THEN 'added' ELSE 'added_inactive' END;
  user_id := v_user.id;
  username := v_user.username;
  password_kept := v_user.password_hash IS NOT NULL;
  IF NOT password_kept THEN
    PERFORM greenroom.put_password(v_user.id, p_hash);
  END IF;
  INSERT INTO public.user_roles (user_id, role_id) VALUES (v_user.id, v_role) ON CONFLICT DO NOTHING;
  PERFORM greenroom.log(coalesce(p_by, v_user.id), 'staff.add',
                        format('Added %s (%s) as %s %s', v_user.username, p_email, p_role, p_how), v_user.id);
END $$;

REVOKE ALL ON FUNCTION
  greenroom.roles_of(uuid), greenroom.staff(uuid), greenroom.is_last_admin(uuid), greenroom.lock_staff(uuid, uuid),
  greenroom.set_role(uuid, uuid, text, boolean), greenroom.set_active(uuid, uuid, boolean, text),
  greenroom.add_staff(uuid, text, text, text, text, text, boolean) FROM PUBLIC;

-- step: Let passwords be set, changed and reset

-- A new password, whoever's doing: what was counted against the account is forgotten, and no code that was asked for
-- before opens it any more, the website's too. What is not a bcrypt hash is a mistake of ours, and is not stored.
-- The caller holds the account. Counts somebody is at work on are left.
CREATE OR REPLACE FUNCTION greenroom.put_password(p_user uuid, p_hash text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF greenroom.salt_of(p_hash) IS NULL OR length(p_hash) <> 60 THEN
    RAISE EXCEPTION 'this is no bcrypt hash' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE public.users u SET password_hash = p_hash WHERE u.id = p_user;
  UPDATE public.password_resets r SET is_used = true WHERE r.user_id = p_user AND NOT r.is_used;
  DELETE FROM greenroom.sign_in_attempts a WHERE a.login IN (
    SELECT x.login FROM greenroom.sign_in_attempts x, public.users u
     WHERE u.id = p_user AND (right(x.login, length(u.username) + 1) = ' ' || greenroom.login_key(u.username)
                              OR right(x.login, length(u.email) + 1) = ' ' || greenroom.login_key(u.email))
       FOR UPDATE OF x SKIP LOCKED);
END $$;

-- How somebody who is signed in proves their password: the name it is tried under, which means no other account, and
-- then what greenroom.sign_in_salt tells. provider: who they sign in through, when there is no password to prove.
CREATE OR REPLACE FUNCTION greenroom.own_salt(
  p_actor uuid, OUT login text, OUT pause integer, OUT salt text, OUT provider text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_user public.users;
BEGIN
  SELECT * INTO v_user FROM public.users u
   WHERE u.id = p_actor AND EXISTS (SELECT FROM public.user_roles ur WHERE ur.user_id = u.id);  -- staff, nobody else
  IF greenroom.salt_of(v_user.password_hash) IS NULL THEN
    provider := v_user.oauth_provider;
    RETURN;
  END IF;
  login := greenroom.login_key(v_user.username);
  IF (SELECT a.id FROM greenroom.account_of(login) a) IS DISTINCT FROM p_actor THEN
    login := greenroom.login_key(v_user.email);
  END IF;
  SELECT s.pause, s.salt INTO pause, salt FROM greenroom.sign_in_salt(login) s;
END $$;

-- A new password for whoever proved the old one with greenroom.sign_in_try, which counted it; as with greenroom.sign_in
-- the answer is for a later transaction, and once. The password must be the old one still.
-- outcome: changed, wrong.
CREATE OR REPLACE FUNCTION greenroom.change_password(
  p_actor uuid, p_try uuid, p_proof bytea, p_hash text, OUT outcome text, OUT tries_left integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_try  greenroom.sign_in_tries;
  v_user public.users;
BEGIN
  SELECT * INTO v_user FROM public.users u WHERE u.id = p_actor FOR NO KEY UPDATE;
  DELETE FROM greenroom.sign_in_tries t
   WHERE t.id = p_try AND t.tried_in <> pg_current_xact_id() RETURNING t.* INTO v_try;
  tries_left := v_try.tries_left;
  IF v_try.account_id IS DISTINCT FROM v_user.id
     OR sha256(convert_to(v_user.password_hash, 'UTF8')) IS DISTINCT FROM p_proof THEN
    outcome := 'wrong';
    RETURN;
  END IF;
  PERFORM greenroom.put_password(p_actor, p_hash);
  outcome := 'changed';
  PERFORM greenroom.log(p_actor, 'staff.change_password',
                        format('%s (%s) changed the password', v_user.username, v_user.email), p_actor);
END $$;

-- Why an admin does nothing about the password of this account, or NULL. Their own they prove, or an unattended desk
-- would be enough to take an admin's account over.
CREATE OR REPLACE FUNCTION greenroom.not_theirs(p_actor uuid, p_user uuid) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN greenroom.roles_of(p_user) = '{}' THEN 'not_found' WHEN p_user = p_actor THEN 'own' END
$$;

-- A new password for somebody else on the staff. outcome: changed, not_found (no staff), own.
CREATE OR REPLACE FUNCTION greenroom.set_password(
  p_actor uuid, p_user uuid, p_hash text, OUT outcome text, OUT username text, OUT active boolean, OUT provider text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_user public.users;
BEGIN
  SELECT * INTO v_user FROM public.users u WHERE u.id = p_user FOR NO KEY UPDATE;
  username := v_user.username;
  active := v_user.status = 'active';
  provider := v_user.oauth_provider;
  outcome := coalesce(greenroom.not_theirs(p_actor, p_user), 'changed');
  IF outcome <> 'changed' THEN RETURN; END IF;
  PERFORM greenroom.put_password(p_user, p_hash);
  PERFORM greenroom.log(p_actor, 'staff.set_password',
    format('Set a new password for %s (%s)%s', username, v_user.email,
           CASE WHEN v_user.password_hash IS NULL THEN ', who had none' ELSE '' END), p_user);
END $$;

-- A code with which somebody else on the staff sets a password themselves: once, within 15 minutes; it ends those that
-- were asked for before. It is a row of the specification's, so the website takes it as well.
-- outcome: issued, not_found (no staff), own, inactive.
CREATE OR REPLACE FUNCTION greenroom.issue_reset(
  p_actor uuid, p_user uuid,
  OUT outcome text, OUT username text, OUT token uuid, OUT expires_at timestamp, OUT provider text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_user public.users;
  v_now  timestamp;
BEGIN
  SELECT * INTO v_user FROM public.users u WHERE u.id = p_user FOR NO KEY UPDATE;
  username := v_user.username;
  provider := v_user.oauth_provider;
  outcome := coalesce(greenroom.not_theirs(p_actor, p_user),
                      CASE WHEN v_user.status <> 'active' THEN 'inactive' ELSE 'issued' END);
  IF outcome <> 'issued' THEN RETURN; END IF;
  UPDATE public.password_resets r SET is_used = true WHERE r.user_id = p_user AND NOT r.is_used;
  v_now := timezone('UTC', clock_timestamp());
  token := gen_random_uuid();
  expires_at := v_now + interval '15 minutes';
  INSERT INTO public.password_resets (user_id, reset_token, expires_at, created_at)
  VALUES (p_user, token, expires_at, v_now);
  PERFORM greenroom.log(p_actor, 'staff.issue_reset',
    format('Issued a code with which %s (%s) may set a password within 15 minutes', username, v_user.email), p_user);
END $$;

-- The first half of setting a password with a code, whoever issued it: p_proof is the SHA-256 of its 16 bytes. Counted
-- for all codes of a database login together, since a code has no name; told to a later transaction, as a password is.
-- The try holds the id of the code's row, which is nobody's account: it signs nobody in.
CREATE OR REPLACE FUNCTION greenroom.reset_try(p_proof bytea, OUT pause integer, OUT try_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_count record;
BEGIN
  v_count := greenroom.count_try(greenroom.counted_as('RESET'));  -- names are counted in lower case
  pause := v_count.pause;
  IF pause > 0 THEN RETURN; END IF;
  INSERT INTO greenroom.sign_in_tries AS t (login, tried_at, tries_left, tried_in, account_id)
  VALUES ('RESET', v_count.counted_at, v_count.tries_left, pg_current_xact_id(),
          coalesce((SELECT r.id FROM public.password_resets r
                     WHERE sha256(uuid_send(r.reset_token)) = p_proof AND NOT r.is_used
                       AND r.expires_at > v_count.counted_at), gen_random_uuid()))
  RETURNING t.id INTO try_id;
END $$;

-- The second half: the password is set and the code used, or neither. The account is locked before its codes, as by
-- everybody here; of two who bring the same code, one is told that it is wrong.
-- outcome: changed, wrong, inactive, no_role (the code stays good for the website).
CREATE OR REPLACE FUNCTION greenroom.reset_password(
  p_try uuid, p_hash text,
  OUT outcome text, OUT tries_left integer, OUT username text, OUT email text, OUT provider text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_try  greenroom.sign_in_tries;
  v_user public.users;
BEGIN
  DELETE FROM greenroom.sign_in_tries t
   WHERE t.id = p_try AND t.tried_in <> pg_current_xact_id() AND t.login = 'RESET' RETURNING t.* INTO v_try;
  tries_left := v_try.tries_left;
  outcome := 'wrong';
  SELECT u.* INTO v_user FROM public.users u
   WHERE u.id = (SELECT r.user_id FROM public.password_resets r WHERE r.id = v_try.account_id) FOR NO KEY UPDATE;
  PERFORM 1 FROM public.password_resets r
    WHERE r.id = v_try.account_id AND r.user_id = v_user.id AND NOT r.is_used
      AND r.expires_at > timezone('UTC', clock_timestamp()) FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;

  DELETE FROM greenroom.sign_in_attempts a WHERE a.login = greenroom.counted_as('RESET');
  outcome := CASE WHEN v_user.status <> 'active' THEN 'inactive'
                  WHEN greenroom.roles_of(v_user.id) = '{}' THEN 'no_role'
                  ELSE 'changed' END;
  IF outcome <> 'changed' THEN RETURN; END IF;
  username := v_user.username;
  email := v_user.email;
  provider := v_user.oauth_provider;
  PERFORM greenroom.put_password(v_user.id, p_hash);
  PERFORM greenroom.log(v_user.id, 'staff.reset_password',
                        format('%s (%s) set a new password with a code', username, email), v_user.id);
END $$;

REVOKE ALL ON FUNCTION
  greenroom.put_password(uuid, text), greenroom.own_salt(uuid), greenroom.not_theirs(uuid, uuid),
  greenroom.change_password(uuid, uuid, bytea, text), greenroom.set_password(uuid, uuid, text),
  greenroom.issue_reset(uuid, uuid), greenroom.reset_try(bytea), greenroom.reset_password(uuid, text) FROM PUBLIC;
