-- New passwords: set by an admin, changed by who proves the old one, reset with a code (rulings 25 and 26).

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
