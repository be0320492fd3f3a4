-- After the event: what its stations still have to send, and who never came (ruling 11).

-- step: What the stations of an event report

CREATE TABLE greenroom.station_reports (
  event_id      UUID         NOT NULL,
  station       VARCHAR(100) NOT NULL,
  heard_at      TIMESTAMP    NOT NULL,
  pending       INT          NOT NULL CHECK (pending >= 0),
  last_sequence BIGINT       NOT NULL DEFAULT 0,
  signed_off    BOOLEAN      NOT NULL DEFAULT FALSE,
  staff_id      UUID         NOT NULL,
  PRIMARY KEY (event_id, station)
);
COMMENT ON TABLE greenroom.station_reports IS
  'What each door station of an event said last: ruling 11 asks it before no-shows are recorded in bulk';
COMMENT ON COLUMN greenroom.station_reports.heard_at IS 'The server''s clock, UTC';
COMMENT ON COLUMN greenroom.station_reports.pending IS 'Operations of its journal the server has not ratified yet';
COMMENT ON COLUMN greenroom.station_reports.last_sequence IS 'The number of its newest operation; 0 before the first';
COMMENT ON COLUMN greenroom.station_reports.signed_off IS 'It scans nobody any more at this event';
REVOKE ALL ON greenroom.station_reports FROM PUBLIC;

-- step: Hear stations, and know which are silent

-- Keeps what a station says of itself, and tells it which of its numbers the server does not have (door.md 5), the
-- lowest thousand: a failover loses what a standby had not got, and the station has it still.
CREATE OR REPLACE FUNCTION greenroom.report_station(
  p_staff uuid, p_event uuid, p_station text, p_pending integer, p_last bigint, p_signing_off boolean,
  OUT heard_at timestamp, OUT missing bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
BEGIN
  heard_at := timezone('UTC', clock_timestamp());
  INSERT INTO greenroom.station_reports AS s
         (event_id, station, heard_at, pending, last_sequence, signed_off, staff_id)
  VALUES (p_event, p_station, report_station.heard_at, p_pending, p_last, p_signing_off, p_staff)
  ON CONFLICT (event_id, station) DO UPDATE
     SET heard_at = excluded.heard_at, pending = excluded.pending, last_sequence = excluded.last_sequence,
         signed_off = excluded.signed_off, staff_id = excluded.staff_id;
  missing := '{}';
  IF greenroom.missing_of(p_station, p_last) > 0 THEN
    -- From one number that is there to the next: a station that says a billion is answered as fast.
    missing := ARRAY(
      SELECT n.n FROM (
        SELECT g.before, g.here FROM (
          SELECT lag(s.sequence, 1, 0::bigint) OVER (ORDER BY s.sequence) AS before, s.sequence AS here
            FROM (SELECT c.sequence FROM public.check_ins c
                   WHERE c.station = p_station AND c.sequence BETWEEN 1 AND p_last
                  UNION ALL SELECT least(p_last, 9223372036854775806) + 1) s) g
         WHERE g.here - g.before > 1 ORDER BY g.before LIMIT 1000) w
        CROSS JOIN LATERAL generate_series(w.before + 1, least(w.here - 1, w.before + 1000)) AS n(n)
       ORDER BY n.n LIMIT 1000);
  END IF;
END $$;

-- How many of a station's numbers 1..p_last the ledger does not have.
CREATE OR REPLACE FUNCTION greenroom.missing_of(p_station text, p_last bigint) RETURNS bigint LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT greatest(p_last, 0) - count(*) FROM public.check_ins c
   WHERE c.station = p_station AND c.sequence BETWEEN 1 AND p_last
$$;

-- The stations of an event: those that reported, and those whose numbered scans are in the ledger. why is NULL when a
-- station surely has nothing left to send: all it made has arrived, and it signed off or was heard since the event
-- ended (or within five minutes, where the event has no end yet). Else: never_reported, pending, missing, not_heard.
CREATE OR REPLACE FUNCTION greenroom.stations_of(p_event uuid)
RETURNS TABLE (station text, heard_at timestamp, pending integer, missing bigint, signed_off boolean, why text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT x.station, x.heard_at, x.pending, x.missing, x.signed_off,
         CASE WHEN x.heard_at IS NULL THEN 'never_reported'
              WHEN x.pending > 0 THEN 'pending'
              WHEN x.missing > 0 THEN 'missing'
              WHEN NOT x.signed_off AND x.heard_at < least(x.end_time, timezone('UTC', now()) - interval '5 minutes')
              THEN 'not_heard' END
    FROM (SELECT n.station::text, s.heard_at, s.pending, greenroom.missing_of(n.station, s.last_sequence) AS missing,
                 s.signed_off, (SELECT e.end_time FROM public.events e WHERE e.id = p_event) AS end_time
            FROM (SELECT r.station FROM greenroom.station_reports r WHERE r.event_id = p_event
                  UNION
                  SELECT c.station FROM public.check_ins c
                   WHERE c.event_id = p_event AND c.sequence IS NOT NULL) n
            LEFT JOIN greenroom.station_reports s ON s.event_id = p_event AND s.station = n.station) x
   ORDER BY x.station
$$;
REVOKE ALL ON FUNCTION greenroom.report_station(uuid, uuid, text, integer, bigint, boolean),
  greenroom.missing_of(text, bigint), greenroom.stations_of(uuid) FROM PUBLIC;

-- step: Record the no-shows of an event

-- Everybody still registered becomes a no-show, once the event is over and every station has nothing left to send, or
-- the silent ones are named in p_confirmed (ruling 11). Whoever a station let in by itself is inside and is left to
-- their card. Nobody is promoted: the event is over. Again is harmless: there is nobody left.
-- outcome: recorded, not_found, event_cancelled, not_over, silent (silent: the stations not named).
CREATE OR REPLACE FUNCTION greenroom.record_no_shows(
  p_actor uuid, p_event uuid, p_station text, p_confirmed text[], p_reason text,
  OUT outcome text, OUT event_title text, OUT recorded uuid[], OUT inside integer, OUT silent jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
#variable_conflict use_column
DECLARE
  v_event record;
  v_due   uuid[];
  v_named text[];
BEGIN
  recorded := '{}';
  inside := 0;
  silent := '[]';
  PERFORM greenroom.lock_packages(ARRAY(SELECT p.id FROM public.packages p WHERE p.event_id = p_event));
  SELECT e.title, e.status, e.deleted_at INTO v_event FROM public.events e WHERE e.id = p_event;
  event_title := v_event.title;
  outcome := CASE WHEN v_event.status IS NULL THEN 'not_found'
                  WHEN v_event.status = 'cancelled' OR v_event.deleted_at IS NOT NULL THEN 'event_cancelled'
                  WHEN v_event.status <> 'completed' AND NOT greenroom.is_over(p_event) THEN 'not_over' END;
  IF outcome IS NOT NULL THEN RETURN; END IF;
  SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.station) FILTER (WHERE (s.station = ANY (p_confirmed)) IS NOT TRUE), '[]'),
         coalesce(array_agg(s.station ORDER BY s.station), '{}')
    INTO silent, v_named FROM greenroom.stations_of(p_event) s WHERE s.why IS NOT NULL;
  IF silent <> '[]' THEN
    outcome := 'silent';
    RETURN;
  END IF;

  outcome := 'recorded';
  v_due := ARRAY(SELECT r.id FROM public.event_registrations r
                  WHERE r.event_id = p_event AND r.status = 'registered' ORDER BY r.id FOR UPDATE NOWAIT);
  recorded := ARRAY(SELECT d.id FROM unnest(v_due) AS d(id) WHERE NOT greenroom.let_in(d.id) ORDER BY d.id);
  inside := cardinality(v_due) - cardinality(recorded);
  IF recorded = '{}' THEN RETURN; END IF;
  UPDATE public.event_registrations r SET status = 'no_show' WHERE r.id = ANY (recorded);
  INSERT INTO public.check_ins (id, registration_id, event_id, package_id, action, station, staff_id, decided_at,
                                decision, verdict)
  SELECT gen_random_uuid(), r.id, r.event_id, r.package_id, 'no_show', p_station, p_actor, timezone('UTC', now()),
         'in bulk', 'no_show'
    FROM public.event_registrations r WHERE r.id = ANY (recorded);
  INSERT INTO public.admin_logs (admin_id, action_type, description, subject_id, logged_at)
  SELECT p_actor, 'attendance.no_show',
         format('Recorded %s as no-show after the event (%s)', greenroom.called(r.attendee_name, r.attendee_email),
                t.title), r.id, timezone('UTC', clock_timestamp())
    FROM (SELECT p.id, greenroom.package_title(p.id) AS title FROM public.packages p WHERE p.event_id = p_event) t
    JOIN public.event_registrations r ON r.package_id = t.id WHERE r.id = ANY (recorded);
  PERFORM greenroom.log(p_actor, 'attendance.no_shows',
    format('Recorded %s no-show%s of “%s”%s%s', cardinality(recorded),
           CASE cardinality(recorded) WHEN 1 THEN '' ELSE 's' END, coalesce(event_title, 'an untitled event'),
           CASE WHEN v_named = '{}' THEN ''
                ELSE ' without waiting for ' || array_to_string(v_named, ', ') END,
           coalesce(': ' || nullif(btrim(p_reason), ''), '')), p_event);
END $$;
REVOKE ALL ON FUNCTION greenroom.record_no_shows(uuid, uuid, text, text[], text) FROM PUBLIC;

-- step: Tell the history of a registration with those who were let in without a seat

-- As in 0011, but who was let in without a seat was not turned away.
CREATE OR REPLACE FUNCTION greenroom.history_of(p_registration uuid, p_most integer)
RETURNS TABLE (at timestamp, what text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT h.at, h.what
    FROM public.event_registrations r
    CROSS JOIN LATERAL (
      SELECT l.logged_at AS at, coalesce(l.description, l.action_type) || ' · ' || u.username AS what
        FROM public.admin_logs l JOIN public.users u ON u.id = l.admin_id WHERE l.subject_id = r.id
      UNION ALL
      SELECT c.recorded_at,
             CASE WHEN c.decision = 'admitted' THEN 'Let in at ' ELSE 'Turned away at ' END
               || c.station || ': ' || replace(c.verdict, '_', ' ')
        FROM public.check_ins c
       WHERE c.registration_id = r.id AND c.action = 'admit'
         AND c.verdict NOT IN ('admitted', 'admitted_over_capacity', 'revoked')
      UNION ALL
      SELECT r.registered_at, 'Registered'
       WHERE NOT EXISTS (SELECT FROM public.admin_logs l WHERE l.subject_id = r.id
                            AND l.action_type IN ('registration.add', 'registration.revive'))) h
   WHERE r.id = p_registration ORDER BY h.at DESC LIMIT p_most
$$;
REVOKE ALL ON FUNCTION greenroom.history_of(uuid, integer) FROM PUBLIC;
