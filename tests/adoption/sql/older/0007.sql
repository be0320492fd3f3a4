-- The attendance ledger of ruling 16. No foreign keys: a ledger must not stop the website from deleting what
-- it may delete, and it outlives what it tells about. id is made by the station: the idempotency key.

CREATE TABLE check_ins (
  id              UUID         PRIMARY KEY,
  registration_id UUID         NOT NULL,
  event_id        UUID         NULL,
  package_id      UUID         NULL,
  action          VARCHAR(20)  NOT NULL CHECK (action IN ('admit', 'undo', 'no_show', 'release')),
  station         VARCHAR(100) NOT NULL,
  sequence        BIGINT       NULL,
  staff_id        UUID         NOT NULL,
  decided_at      TIMESTAMP    NOT NULL,
  recorded_at     TIMESTAMP    NOT NULL DEFAULT timezone('UTC', clock_timestamp()),
  decision        VARCHAR(30)  NOT NULL,
  verdict         VARCHAR(30)  NOT NULL,
  answer          JSONB        NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN check_ins.decided_at IS 'The station''s clock, UTC';
COMMENT ON COLUMN check_ins.recorded_at IS 'The server''s clock, UTC';
COMMENT ON COLUMN check_ins.decision IS 'What the station decided itself, or "asked" when the server decided';
COMMENT ON COLUMN check_ins.verdict IS 'What the server made of it; a repeated operation gets the same again';
COMMENT ON COLUMN check_ins.answer IS 'What was told with the verdict (earlier station, amount due, place)';
CREATE UNIQUE INDEX check_ins_station_sequence ON check_ins(station, sequence) WHERE sequence IS NOT NULL;
CREATE INDEX check_ins_registration ON check_ins(registration_id, recorded_at);
CREATE INDEX check_ins_event ON check_ins(event_id, recorded_at);

-- Append-only for everyone: ENABLE ALWAYS, so that session_replication_role does not switch it off.
-- Row triggers for UPDATE and DELETE, because the cascade from users runs a DELETE that finds nothing for
-- everybody who never acted, and those may go (ruling 23).
CREATE FUNCTION greenroom.refuse_rewrite() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only', TABLE = TG_TABLE_NAME,
          SCHEMA = TG_TABLE_SCHEMA;
END $$;

CREATE TRIGGER trg_append_only BEFORE UPDATE OR DELETE ON admin_logs
  FOR EACH ROW EXECUTE FUNCTION greenroom.refuse_rewrite();
CREATE TRIGGER trg_append_only_truncate BEFORE TRUNCATE ON admin_logs
  FOR EACH STATEMENT EXECUTE FUNCTION greenroom.refuse_rewrite();
CREATE TRIGGER trg_append_only BEFORE UPDATE OR DELETE ON check_ins
  FOR EACH ROW EXECUTE FUNCTION greenroom.refuse_rewrite();
CREATE TRIGGER trg_append_only_truncate BEFORE TRUNCATE ON check_ins
  FOR EACH STATEMENT EXECUTE FUNCTION greenroom.refuse_rewrite();
ALTER TABLE admin_logs ENABLE ALWAYS TRIGGER trg_append_only;
ALTER TABLE admin_logs ENABLE ALWAYS TRIGGER trg_append_only_truncate;
ALTER TABLE check_ins ENABLE ALWAYS TRIGGER trg_append_only;
ALTER TABLE check_ins ENABLE ALWAYS TRIGGER trg_append_only_truncate;
