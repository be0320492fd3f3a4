-- Indexes the specification forgot (ruling 28). The token first: 35 ms against 0.09 ms at 200,000 rows.

CREATE INDEX idx_event_regs_token ON event_registrations(registration_token);
CREATE INDEX idx_event_regs_user_id ON event_registrations(user_id);
CREATE INDEX idx_event_regs_order_id ON event_registrations(order_id);
CREATE INDEX idx_event_regs_folded_email ON event_registrations(package_id, lower(attendee_email));
-- The registrations of an event as a grid sorts them, (event, key, id): first rows of 200,000 in 1 ms instead
-- of 165 to 200 (docs/decisions/0004-grid-indexes.md). Keys compare as bytes: the same order on every server.
CREATE INDEX idx_event_regs_name ON event_registrations(event_id, name_key COLLATE "C", id);
CREATE INDEX idx_event_regs_email ON event_registrations(event_id, lower(attendee_email COLLATE "C"), id);
CREATE INDEX idx_event_regs_status ON event_registrations(event_id, status, name_key COLLATE "C", id);
CREATE INDEX idx_event_regs_registered ON event_registrations(event_id, registered_at, id);
CREATE INDEX idx_event_regs_package ON event_registrations(event_id, package_id, name_key COLLATE "C", id);
CREATE INDEX idx_event_regs_waiting ON event_registrations(package_id, waitlist_position, registered_at, id)
  WHERE status = 'waitlisted';

CREATE INDEX idx_orders_package_id ON orders(package_id, purchased_at);
CREATE INDEX idx_users_folded_email ON users(lower(email));
CREATE INDEX idx_users_folded_username ON users(lower(username));
CREATE INDEX idx_admin_logs_logged_at ON admin_logs(logged_at, id);
CREATE INDEX idx_admin_logs_subject_id ON admin_logs(subject_id, logged_at) WHERE subject_id IS NOT NULL;
CREATE INDEX idx_events_start_time ON events(start_time, id);
CREATE INDEX idx_events_created_by ON events(created_by);
CREATE INDEX idx_blogs_author_id ON blogs(author_id);
CREATE INDEX idx_contacts_user_id ON contacts(user_id);
