-- New nullable columns only (ruling 2).

ALTER TABLE events ADD COLUMN time_zone VARCHAR(64) NULL;
COMMENT ON COLUMN events.time_zone IS
  'IANA name of the zone the event''s times are read and typed in; NULL: the workspace''s (ruling 5)';

ALTER TABLE event_registrations ADD COLUMN registration_meta JSONB NULL;

ALTER TABLE admin_logs ADD COLUMN subject_id UUID NULL;
COMMENT ON COLUMN admin_logs.subject_id IS 'The row the action was about, so that its history can be shown';

-- People are sorted and found by a folded name: case and accents gone, and the letters no decomposition
-- knows spelled out; the capital ones too, because lower() of a database with ctype C knows A to Z only.
-- Needs a UTF-8 database; no extension (ruling 4).
ALTER TABLE event_registrations ADD COLUMN name_key TEXT NULL;

CREATE FUNCTION greenroom.fold(p_text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN pg_catalog.regexp_replace(
         pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(
           pg_catalog.translate(
             pg_catalog.lower(pg_catalog.normalize(p_text, 'NFKD')), 'łøđıħŧŋŁØĐĦŦŊÆŒÞẞ', 'lodihtnlodhtnæœþß'),
           'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
         '[\u0300-\u036f]', '', 'g');

CREATE FUNCTION greenroom.set_name_key() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.name_key := greenroom.fold(coalesce(nullif(btrim(NEW.attendee_name), ''), NEW.attendee_email));
  RETURN NEW;
END $$;
CREATE TRIGGER trg_set_name_key BEFORE INSERT OR UPDATE OF attendee_name, attendee_email, name_key
  ON event_registrations FOR EACH ROW EXECUTE FUNCTION greenroom.set_name_key();
-- The rows that are there already get their key, and keep their updated_at: nobody edited them.
ALTER TABLE event_registrations DISABLE TRIGGER trg_set_updated_at_event_regs;
UPDATE event_registrations SET name_key = NULL;
ALTER TABLE event_registrations ENABLE TRIGGER trg_set_updated_at_event_regs;
