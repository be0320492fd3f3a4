-- What is known of a person: corrected where it still is what was seen (no lock is held while somebody types), with
-- before and after in the log. Neither function tells or writes a registration token (ruling 26).

-- step: Correct contact data and answers

-- A value as the log shows it: “Pune”, or nothing.
CREATE OR REPLACE FUNCTION greenroom.shown(p_value text) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN coalesce(p_value, '') = '' THEN 'nothing'
            WHEN length(p_value) > 80 THEN '“' || left(p_value, 79) || '…”' ELSE '“' || p_value || '”' END;

-- p_seen and p_wanted hold some of attendee_name, attendee_email and phone_number. An address is a person's place in a
-- package, so another one is decided under the package's lock (ruling 13). The account follows the address when it was
-- found by it; who was registered by somebody else's account stays with that.
-- outcome: edited, unchanged, stale (columns), already, not_found.
CREATE OR REPLACE FUNCTION greenroom.edit_contact(
  p_actor uuid, p_registration uuid, p_seen jsonb, p_wanted jsonb,
  OUT outcome text, OUT columns text[], OUT name text, OUT email text, OUT phone text, OUT status text,
  OUT package_name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_reg    public.event_registrations;
  v_locked uuid;
  v_now    jsonb;
  v_to     jsonb;
  v_refused text;
  v_why     text;
  v_column  text;
BEGIN
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration;
  IF v_reg.attendee_email IS DISTINCT FROM p_wanted ->> 'attendee_email' AND p_wanted ? 'attendee_email' THEN
    v_locked := v_reg.package_id;
    PERFORM greenroom.lock_package(v_locked);
  END IF;
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  IF NOT FOUND THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  v_now := jsonb_build_object('attendee_name', nullif(v_reg.attendee_name, ''), 'attendee_email', v_reg.attendee_email,
                              'phone_number', nullif(v_reg.phone_number, ''));
  status := v_reg.status;
  SELECT p.name INTO package_name FROM public.packages p WHERE p.id = v_reg.package_id;
  columns := ARRAY(SELECT s.key FROM jsonb_each(p_seen) s
                    WHERE v_now -> s.key <> s.value AND v_now -> s.key <> coalesce(p_wanted -> s.key, s.value)
                    ORDER BY s.key);
  IF columns <> '{}' THEN
    outcome := 'stale';
    RETURN;
  END IF;
  v_to := v_now || p_wanted;
  columns := ARRAY(SELECT n.key FROM jsonb_each(v_now) n WHERE v_to -> n.key <> n.value ORDER BY n.key);
  IF 'attendee_email' = ANY (columns) THEN
    IF v_locked IS DISTINCT FROM v_reg.package_id THEN
      RAISE EXCEPTION 'the registration changed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    email := v_to ->> 'attendee_email';
    status := greenroom.address_taken(p_registration, v_reg.package_id, email, false);
    IF status IS NOT NULL THEN
      outcome := 'already';
      RETURN;
    END IF;
    status := v_reg.status;
    IF v_reg.user_id IS NULL OR EXISTS (SELECT FROM public.users u WHERE u.id = v_reg.user_id
                                           AND lower(u.email) = lower(v_reg.attendee_email)) THEN
      v_reg.user_id := (SELECT u.id FROM public.users u WHERE lower(u.email) = lower(edit_contact.email)
                         ORDER BY u.created_at, u.id LIMIT 1);
    END IF;
  END IF;
  name := v_to ->> 'attendee_name';
  email := v_to ->> 'attendee_email';
  phone := v_to ->> 'phone_number';
  outcome := CASE WHEN columns = '{}' THEN 'unchanged' ELSE 'edited' END;
  IF outcome = 'unchanged' THEN RETURN; END IF;
  BEGIN
    UPDATE public.event_registrations r
       SET attendee_name = CASE WHEN 'attendee_name' = ANY (columns) THEN edit_contact.name ELSE r.attendee_name END,
           phone_number = CASE WHEN 'phone_number' = ANY (columns) THEN edit_contact.phone ELSE r.phone_number END,
           attendee_email = edit_contact.email, user_id = v_reg.user_id
     WHERE r.id = p_registration;
  EXCEPTION
    WHEN unique_violation THEN  -- the website wrote this address since we looked
      RAISE EXCEPTION 'the address was written meanwhile' USING ERRCODE = 'serialization_failure';
    WHEN check_violation OR not_null_violation THEN  -- the detail is the whole row, with its token (ruling 26)
      GET STACKED DIAGNOSTICS v_refused = CONSTRAINT_NAME, v_why = MESSAGE_TEXT, v_column = COLUMN_NAME;
      RAISE EXCEPTION '%', v_why USING ERRCODE = SQLSTATE, CONSTRAINT = v_refused, COLUMN = v_column,
        TABLE = 'event_registrations', SCHEMA = 'public';
  END;
  PERFORM greenroom.log(p_actor, 'registration.edit',
    format('Edited %s in %s: %s', greenroom.called(v_now ->> 'attendee_name', v_now ->> 'attendee_email'),
           greenroom.package_title(v_reg.package_id),
           (SELECT string_agg(format('%s %s → %s', l.label, greenroom.shown(v_now ->> l.key),
                                     greenroom.shown(v_to ->> l.key)), ', ' ORDER BY l.turn)
              FROM (VALUES (1, 'attendee_name', 'name'), (2, 'attendee_email', 'e-mail'),
                           (3, 'phone_number', 'phone')) AS l(turn, key, label)
             WHERE l.key = ANY (columns))), p_registration);
END $$;

-- Sets and removes single keys of registration_meta (specification 5.4); what the website and an import keep there
-- under other keys stays. p_seen holds what the person saw under the keys, null for none.
-- outcome: answered, unchanged, stale (names), no_object, not_found. answers: everything that is there afterwards.
CREATE OR REPLACE FUNCTION greenroom.set_answers(
  p_actor uuid, p_registration uuid, p_seen jsonb, p_set jsonb, p_remove text[],
  OUT outcome text, OUT names text[], OUT who text, OUT answers jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_reg public.event_registrations;
  v_now jsonb;
BEGIN
  SELECT * INTO v_reg FROM public.event_registrations r WHERE r.id = p_registration FOR UPDATE NOWAIT;
  IF NOT FOUND THEN
    outcome := 'not_found';
    RETURN;
  END IF;
  who := greenroom.called(v_reg.attendee_name, v_reg.attendee_email);
  v_now := CASE WHEN jsonb_typeof(v_reg.registration_meta) = 'null' THEN '{}'
                ELSE coalesce(v_reg.registration_meta, '{}') END;
  IF jsonb_typeof(v_now) <> 'object' THEN
    outcome := 'no_object';
    RETURN;
  END IF;
  names := ARRAY(SELECT s.key FROM jsonb_each(p_seen) s
                 WHERE coalesce(v_now -> s.key, 'null') <> s.value
                   AND (coalesce(v_now -> s.key, 'null') <> coalesce(p_set -> s.key, 'null')
                        OR NOT (p_set ? s.key OR s.key = ANY (p_remove)))
                 ORDER BY s.key);
  IF names <> '{}' THEN
    outcome := 'stale';
    RETURN;
  END IF;
  answers := (v_now || coalesce(p_set, '{}')) - coalesce(p_remove, '{}');
  names := ARRAY(SELECT k.key FROM (SELECT jsonb_object_keys(p_set) UNION SELECT unnest(p_remove)) AS k(key)
                 WHERE v_now -> k.key IS DISTINCT FROM answers -> k.key ORDER BY k.key);
  outcome := CASE WHEN names = '{}' THEN 'unchanged' ELSE 'answered' END;
  IF outcome = 'unchanged' THEN RETURN; END IF;
  UPDATE public.event_registrations r SET registration_meta = nullif(answers, '{}') WHERE r.id = p_registration;
  PERFORM greenroom.log(p_actor, 'registration.answer',
    format('Changed the answers of %s in %s: %s', who, greenroom.package_title(v_reg.package_id),
           (SELECT string_agg(format('%s %s → %s', greenroom.shown(k.key), greenroom.shown(v_now ->> k.key),
                                     greenroom.shown(answers ->> k.key)), ', ' ORDER BY k.key)
              FROM unnest(names) AS k(key))), p_registration);
END $$;

REVOKE ALL ON FUNCTION greenroom.shown(text), greenroom.edit_contact(uuid, uuid, jsonb, jsonb),
                       greenroom.set_answers(uuid, uuid, jsonb, jsonb, text[]) FROM PUBLIC;
