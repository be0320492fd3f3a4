-- Section 3's indexes, and the "additional updation" of packages (2.2).
-- Its idx_packages_slug_unique says again what UNIQUE (slug) says. It is made all the same: a website that ran
-- the updation has it, nothing of the website's is dropped, and every database ends with one schema (rulings 1-3).

CREATE INDEX idx_orders_user_id ON orders(user_id);
CREATE INDEX idx_contacts_email ON contacts(email);
CREATE INDEX idx_newsletter_unsubscribe_token ON newsletter_subscriptions(unsubscribe_token);
CREATE INDEX idx_admin_logs_admin_id ON admin_logs(admin_id);
CREATE INDEX idx_password_resets_user_id ON password_resets(user_id);
CREATE INDEX idx_blogs_live ON blogs(status, deleted_at);
CREATE INDEX idx_events_live ON events(status, deleted_at, start_time);
CREATE INDEX idx_pkg_regs_status ON event_registrations(package_id, status);

ALTER TABLE packages
  ADD CONSTRAINT chk_package_type_event
    CHECK ((package_type = 'subscription' AND event_id IS NULL)
           OR (package_type = 'event' AND event_id IS NOT NULL));
ALTER TABLE packages ADD COLUMN deactivated_at TIMESTAMP NULL;
CREATE INDEX idx_packages_event_active ON packages(event_id) WHERE is_active = TRUE;
CREATE INDEX idx_packages_type ON packages(package_type);
CREATE UNIQUE INDEX idx_packages_slug_unique ON packages(slug);
CREATE UNIQUE INDEX idx_packages_event_slug ON packages(event_id, slug) WHERE event_id IS NOT NULL;

-- For display by others only; nothing is decided from it (ruling 7). registered_count keeps the
-- specification's meaning, seats_remaining counts those who came in as well.
CREATE MATERIALIZED VIEW package_capacity_status AS
  SELECT p.id AS package_id,
         p.capacity,
         COUNT(er.*) FILTER (WHERE er.status = 'registered') AS registered_count,
         (p.capacity - COUNT(er.*) FILTER (WHERE er.status IN ('registered', 'attended'))) AS seats_remaining
    FROM packages p
    LEFT JOIN event_registrations er ON er.package_id = p.id
   WHERE p.package_type = 'event'
   GROUP BY p.id, p.capacity;
CREATE UNIQUE INDEX package_capacity_status_package_id ON package_capacity_status(package_id);
