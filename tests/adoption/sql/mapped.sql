-- As an object-relational mapper leaves it, after tables.sql: unique indexes where the specification has unique
-- constraints, no CHECKs (the program checks), defaults in the program, nothing in the database that fires.

ALTER TABLE users DROP CONSTRAINT users_username_key, DROP CONSTRAINT users_email_key,
  DROP CONSTRAINT users_status_check, DROP CONSTRAINT users_oauth_provider_check,
  ALTER COLUMN created_at DROP DEFAULT, ALTER COLUMN updated_at DROP DEFAULT, ALTER COLUMN status DROP DEFAULT;
CREATE UNIQUE INDEX index_users_on_username ON users (username);
CREATE UNIQUE INDEX index_users_on_email ON users (email);

ALTER TABLE events DROP CONSTRAINT events_slug_key, DROP CONSTRAINT events_status_check,
  DROP CONSTRAINT chk_publish_event;
CREATE UNIQUE INDEX index_events_on_slug ON events (slug);

ALTER TABLE packages DROP CONSTRAINT packages_slug_key, DROP CONSTRAINT packages_package_type_check,
  ADD COLUMN deactivated_at TIMESTAMP;
CREATE UNIQUE INDEX index_packages_on_slug ON packages (slug);
CREATE INDEX index_packages_on_event_id ON packages (event_id);

ALTER TABLE newsletter_subscriptions DROP CONSTRAINT newsletter_subscriptions_email_key;
CREATE UNIQUE INDEX index_newsletter_on_email ON newsletter_subscriptions (email);
ALTER TABLE password_resets DROP CONSTRAINT password_resets_reset_token_key;
CREATE UNIQUE INDEX index_resets_on_token ON password_resets (reset_token);

ALTER TABLE contacts DROP CONSTRAINT contacts_status_check;
ALTER TABLE orders DROP CONSTRAINT orders_payment_status_check;
ALTER TABLE blogs DROP CONSTRAINT blogs_status_check, DROP CONSTRAINT chk_publish_fields,
  DROP CONSTRAINT blogs_slug_key;
CREATE UNIQUE INDEX index_blogs_on_slug ON blogs (slug);

ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_status_check;
CREATE UNIQUE INDEX index_registrations_on_package_and_email ON event_registrations (package_id, attendee_email);
CREATE INDEX index_registrations_on_event ON event_registrations (event_id, registered_at);

CREATE TABLE schema_migrations (version character varying PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('20190214120000'), ('20230801093000');
