-- Who is on the staff, and that there is always an admin (ruling 24).

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
