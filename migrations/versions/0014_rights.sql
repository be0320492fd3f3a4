-- step: Read the rights of whoever acts with each operation

-- The id of somebody who may do this, because one of their roles is among p_roles; raises otherwise. Handed to the
-- functions of the operations as their actor, so that a role taken away, or a deactivated account, counts at once and
-- costs no round trip (ruling 24). STABLE, and an argument: it has been answered before the function begins.
CREATE OR REPLACE FUNCTION greenroom.acting(p_actor uuid, p_roles text[]) RETURNS uuid LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_roles text[];
BEGIN
  IF NOT EXISTS (SELECT FROM public.users u WHERE u.id = p_actor AND u.status = 'active') THEN
    RAISE EXCEPTION 'the account is not active' USING ERRCODE = 'insufficient_privilege',
      CONSTRAINT = 'greenroom_account';
  END IF;
  v_roles := ARRAY(SELECT r.name::text FROM public.user_roles ur JOIN public.roles r ON r.id = ur.role_id
                    WHERE ur.user_id = p_actor ORDER BY r.name);
  IF NOT v_roles && p_roles THEN
    RAISE EXCEPTION '%', coalesce(nullif(array_to_string(v_roles, ', '), ''), 'none')
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'greenroom_rights';
  END IF;
  RETURN p_actor;
END $$;
REVOKE ALL ON FUNCTION greenroom.acting(uuid, text[]) FROM PUBLIC;
