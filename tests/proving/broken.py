"""The broken designs that are whole functions: for `mutants`."""

from __future__ import annotations

FULL = """
    RAISE EXCEPTION 'package % is full', p_package
      USING ERRCODE = 'check_violation', CONSTRAINT = 'package_capacity', TABLE = 'event_registrations';
"""
MOVE_SEATS = """
CREATE OR REPLACE FUNCTION greenroom.move_seats(p_package uuid, p_delta bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_capacity integer;
  v_taken bigint;
BEGIN
{body}
END $$
"""

BY_ROW = """
DROP TRIGGER trg_seats_insert ON event_registrations;
DROP TRIGGER trg_seats_update ON event_registrations;
DROP TRIGGER trg_seats_delete ON event_registrations;
CREATE FUNCTION greenroom.count_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND greenroom.holds_seat(OLD.status) THEN
    PERFORM greenroom.move_seats(OLD.package_id, -1);
  END IF;
  IF TG_OP <> 'DELETE' AND greenroom.holds_seat(NEW.status) THEN
    PERFORM greenroom.move_seats(NEW.package_id, 1);
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trg_seats_row BEFORE INSERT OR UPDATE OR DELETE ON event_registrations
  FOR EACH ROW EXECUTE FUNCTION greenroom.count_row();
""" + MOVE_SEATS.format(
    body=f"""
  UPDATE public.package_seats s SET held = s.held + p_delta
   WHERE s.package_id = p_package AND (p_delta <= 0 OR s.held + p_delta <= s.capacity);
  IF NOT FOUND AND p_delta > 0 THEN {FULL} END IF;
"""
)

COUNTED_WHILE_LOCKING = MOVE_SEATS.format(
    body=f"""
  SELECT s.capacity, (SELECT count(*) FROM public.event_registrations r
                       WHERE r.package_id = s.package_id AND greenroom.holds_seat(r.status))
    INTO v_capacity, v_taken FROM public.package_seats s WHERE s.package_id = p_package FOR UPDATE;
  IF p_delta > 0 AND v_taken > v_capacity THEN {FULL} END IF;
  UPDATE public.package_seats s SET held = s.held + p_delta WHERE s.package_id = p_package;
"""
)

LOCKED_THEN_COUNTED = MOVE_SEATS.format(
    body=f"""
  PERFORM pg_advisory_xact_lock(hashtextextended(p_package::text, 0));
  SELECT p.capacity, (SELECT count(*) FROM public.event_registrations r
                       WHERE r.package_id = p.id AND greenroom.holds_seat(r.status))
    INTO v_capacity, v_taken FROM public.packages p WHERE p.id = p_package;
  IF p_delta > 0 AND v_taken > v_capacity THEN {FULL} END IF;
"""
)

ONLY_COUNTED = MOVE_SEATS.format(
    body="UPDATE public.package_seats s SET held = s.held + p_delta WHERE s.package_id = p_package;"
)
"""A counter that refuses nobody: what is left is what staff's own functions decide under their lock."""

UNCOUNTED_MOVES = """
CREATE OR REPLACE FUNCTION greenroom.count_updated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  v record;
BEGIN
  FOR v IN SELECT n.package_id, sum(greenroom.holds_seat(n.status)::int - greenroom.holds_seat(o.status)::int) AS delta
             FROM new_rows n JOIN old_rows o USING (id) GROUP BY n.package_id ORDER BY n.package_id
  LOOP
    PERFORM greenroom.move_seats(v.package_id, v.delta);
  END LOOP;
  RETURN NULL;
END $$
"""

REORDERING = """
CREATE OR REPLACE FUNCTION greenroom.close_gaps(p_package uuid, p_most integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM greenroom.lock_package(p_package);
  UPDATE public.event_registrations r SET waitlist_position = w.place
    FROM (SELECT x.id, row_number() OVER (ORDER BY x.registered_at, x.id) AS place
            FROM public.event_registrations x WHERE x.package_id = p_package AND x.status = 'waitlisted') w
   WHERE r.id = w.id AND r.waitlist_position IS DISTINCT FROM w.place;
  RETURN 0;
END $$
"""

COUNTED_PLACES = """
CREATE OR REPLACE FUNCTION greenroom.next_place(p_package uuid) RETURNS integer LANGUAGE sql
SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*)::integer + 1 FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted'
$$
"""
