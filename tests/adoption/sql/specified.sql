-- The specification's section 3 as a website would write it: its indexes and its unique constraint, and the
-- triggers it names, whose functions it leaves to the reader.

ALTER TABLE event_registrations ADD UNIQUE (package_id, attendee_email);

CREATE INDEX idx_orders_user_id ON orders(user_id);
CREATE INDEX idx_contacts_email ON contacts(email);
CREATE INDEX idx_newsletter_unsubscribe_token ON newsletter_subscriptions(unsubscribe_token);
CREATE INDEX idx_admin_logs_admin_id ON admin_logs(admin_id);
CREATE INDEX idx_password_resets_user_id ON password_resets(user_id);
CREATE INDEX idx_blogs_live ON blogs(status, deleted_at);
CREATE INDEX idx_events_live ON events(status, deleted_at, start_time);
CREATE INDEX idx_pkg_regs_status ON event_registrations(package_id, status);

CREATE OR REPLACE FUNCTION set_updated_at() RETURNS TRIGGER AS $$
BEGIN
  NEW.updated_at = NOW();
  RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER trg_set_updated_at_events
  BEFORE UPDATE ON events
  FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER trg_set_updated_at_event_regs
  BEFORE UPDATE ON event_registrations
  FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE OR REPLACE FUNCTION pkg_insert_update_event_array() RETURNS TRIGGER AS $$
BEGIN
  IF NEW.event_id IS NOT NULL THEN
    UPDATE events SET packages_ids = array_append(packages_ids, NEW.id) WHERE id = NEW.event_id;
  END IF;
  RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION pkg_delete_update_event_array() RETURNS TRIGGER AS $$
BEGIN
  IF OLD.event_id IS NOT NULL THEN
    UPDATE events SET packages_ids = array_remove(packages_ids, OLD.id) WHERE id = OLD.event_id;
  END IF;
  RETURN OLD;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER trg_pkg_insert_update_event_array
  AFTER INSERT ON packages
  FOR EACH ROW EXECUTE FUNCTION pkg_insert_update_event_array();
CREATE TRIGGER trg_pkg_delete_update_event_array
  AFTER DELETE ON packages
  FOR EACH ROW EXECUTE FUNCTION pkg_delete_update_event_array();
