-- updated_at on every table that has it (ruling 6), under the names of sections 3.9 and 3.10 where they give
-- one. The columns hold UTC (ruling 5) whatever the zone of the session that writes.

CREATE FUNCTION greenroom.set_updated_at() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.updated_at := timezone('UTC', now());
  RETURN NEW;
END $$;

CREATE TRIGGER trg_set_updated_at_users BEFORE UPDATE ON users
  FOR EACH ROW EXECUTE FUNCTION greenroom.set_updated_at();
CREATE TRIGGER trg_set_updated_at_packages BEFORE UPDATE ON packages
  FOR EACH ROW EXECUTE FUNCTION greenroom.set_updated_at();
CREATE TRIGGER trg_set_updated_at_orders BEFORE UPDATE ON orders
  FOR EACH ROW EXECUTE FUNCTION greenroom.set_updated_at();
CREATE TRIGGER trg_set_updated_at_contacts BEFORE UPDATE ON contacts
  FOR EACH ROW EXECUTE FUNCTION greenroom.set_updated_at();
CREATE TRIGGER trg_set_updated_at_events BEFORE UPDATE ON events
  FOR EACH ROW EXECUTE FUNCTION greenroom.set_updated_at();
CREATE TRIGGER trg_set_updated_at_event_regs BEFORE UPDATE ON event_registrations
  FOR EACH ROW EXECUTE FUNCTION greenroom.set_updated_at();

-- A page view (views_count + 1) is not an edit (ruling 6).
CREATE TRIGGER trg_set_updated_at_blogs BEFORE UPDATE ON blogs
  FOR EACH ROW
  WHEN ((OLD.title, OLD.slug, OLD.summary, OLD.content, OLD.media_cid, OLD.status, OLD.deleted_at, OLD.author_id)
        IS DISTINCT FROM
        (NEW.title, NEW.slug, NEW.summary, NEW.content, NEW.media_cid, NEW.status, NEW.deleted_at, NEW.author_id))
  EXECUTE FUNCTION greenroom.set_updated_at();

-- events.packages_ids follows the packages: inserted, deleted, and moved to another event (ruling 22).
-- SECURITY DEFINER, so that a writer who may change packages need not be allowed to change events.
CREATE FUNCTION greenroom.follow_packages() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.event_id IS NOT NULL THEN
    UPDATE public.events SET packages_ids = array_remove(packages_ids, OLD.id)
     WHERE id = OLD.event_id AND OLD.id = ANY (packages_ids);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.event_id IS NOT NULL THEN
    UPDATE public.events SET packages_ids = array_append(packages_ids, NEW.id)
     WHERE id = NEW.event_id AND NOT NEW.id = ANY (packages_ids);
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION greenroom.follow_packages() FROM PUBLIC;

CREATE TRIGGER trg_pkg_insert_update_event_array AFTER INSERT ON packages
  FOR EACH ROW EXECUTE FUNCTION greenroom.follow_packages();
CREATE TRIGGER trg_pkg_delete_update_event_array AFTER DELETE ON packages
  FOR EACH ROW EXECUTE FUNCTION greenroom.follow_packages();
CREATE TRIGGER trg_pkg_move_update_event_array AFTER UPDATE OF event_id ON packages
  FOR EACH ROW WHEN (OLD.event_id IS DISTINCT FROM NEW.event_id)
  EXECUTE FUNCTION greenroom.follow_packages();
