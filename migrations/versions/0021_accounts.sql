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
