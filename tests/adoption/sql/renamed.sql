-- Section 2 and the additions as another hand wrote them: its own names for every constraint, index, trigger and
-- function, other spellings of the same types and defaults, the columns in another order.

CREATE TABLE users (
  email             character varying(255) NOT NULL CONSTRAINT uq_users_email UNIQUE,
  id                uuid DEFAULT gen_random_uuid() CONSTRAINT pk_users PRIMARY KEY,
  status            character varying(10) DEFAULT 'active'::text NOT NULL
                    CONSTRAINT ck_users_status CHECK (status = ANY (ARRAY['active', 'inactive'])),
  username          character varying(50) NOT NULL CONSTRAINT uq_users_name UNIQUE,
  password_hash     text,
  oauth_provider    varchar(20) NOT NULL DEFAULT 'local'
                    CONSTRAINT ck_users_oauth CHECK (oauth_provider IN ('local','google','github','apple','other')),
  oauth_provider_id varchar(255),
  last_login_at     timestamp without time zone,
  updated_at        timestamp without time zone NOT NULL DEFAULT now(),
  created_at        timestamp without time zone NOT NULL DEFAULT now()
);

CREATE TABLE events (
  id                    uuid DEFAULT gen_random_uuid() CONSTRAINT pk_events PRIMARY KEY,
  slug                  varchar(255) CONSTRAINT uq_events_slug UNIQUE,
  title                 varchar(255),
  status                varchar(15) NOT NULL DEFAULT 'draft'
                        CONSTRAINT ck_events_status CHECK (status IN ('draft','published','cancelled','completed')),
  created_by            uuid NOT NULL CONSTRAINT fk_events_author REFERENCES users ON DELETE RESTRICT,
  description           text,
  location              varchar(255),
  start_time            timestamp,
  end_time              timestamp,
  registration_deadline timestamp,
  packages_ids          uuid[] NOT NULL DEFAULT ARRAY[]::uuid[],
  payment_required      boolean NOT NULL DEFAULT 'f',
  published_at          timestamp,
  cancelled_at          timestamp,
  deleted_at            timestamp,
  created_at            timestamp NOT NULL DEFAULT now(),
  updated_at            timestamp NOT NULL DEFAULT now(),
  CONSTRAINT events_complete_when_published
    CHECK (status <> 'published'
           OR title IS NOT NULL AND slug IS NOT NULL AND start_time IS NOT NULL AND location IS NOT NULL)
);

CREATE TABLE packages (
  id                            uuid DEFAULT gen_random_uuid() CONSTRAINT pk_packages PRIMARY KEY,
  event_id                      uuid CONSTRAINT fk_packages_event REFERENCES events (id) ON DELETE CASCADE,
  name                          varchar(100) NOT NULL,
  slug                          varchar(100) NOT NULL CONSTRAINT uq_packages_slug UNIQUE,
  description                   text,
  price                         numeric(10,2) NOT NULL,
  duration_days                 int4 NOT NULL,
  capacity                      integer,
  is_active                     bool NOT NULL DEFAULT true,
  package_type                  varchar(15) NOT NULL DEFAULT 'subscription'
                                CONSTRAINT ck_packages_type CHECK (package_type IN ('subscription','event')),
  package_registration_deadline timestamp,
  deactivated_at                timestamp,
  created_at                    timestamp NOT NULL DEFAULT now(),
  updated_at                    timestamp NOT NULL DEFAULT now(),
  CONSTRAINT ck_packages_event CHECK ((package_type = 'subscription' AND event_id IS NULL)
                                      OR (package_type = 'event' AND event_id IS NOT NULL))
);

CREATE TABLE orders (
  id                uuid DEFAULT gen_random_uuid() CONSTRAINT pk_orders PRIMARY KEY,
  user_id           uuid NOT NULL CONSTRAINT fk_orders_user REFERENCES users ON DELETE CASCADE,
  package_id        uuid NOT NULL CONSTRAINT fk_orders_package REFERENCES packages ON DELETE RESTRICT,
  payment_gateway   varchar(50) NOT NULL DEFAULT 'razorpay',
  payment_id        varchar(255) NOT NULL,
  amount_paid       numeric(10,2) NOT NULL,
  currency          varchar(10) NOT NULL DEFAULT 'INR',
  payment_status    varchar(10) NOT NULL
                    CONSTRAINT ck_orders_status CHECK (payment_status IN ('pending','paid','failed','refunded')),
  purchased_at      timestamp NOT NULL DEFAULT now(),
  access_expires_at timestamp,
  updated_at        timestamp NOT NULL DEFAULT now()
);
CREATE INDEX ix_orders_of_user ON orders USING btree (user_id);

CREATE TABLE contacts (
  id           uuid DEFAULT gen_random_uuid() CONSTRAINT pk_contacts PRIMARY KEY,
  user_id      uuid CONSTRAINT fk_contacts_user REFERENCES users ON DELETE SET NULL,
  name         varchar(150) NOT NULL,
  email        varchar(255) NOT NULL,
  country_code varchar(5) NOT NULL,
  phone_number varchar(15) NOT NULL,
  subject      varchar(255),
  message      text NOT NULL,
  status       varchar(10) NOT NULL DEFAULT 'unread'
               CONSTRAINT ck_contacts_status CHECK (status IN ('unread','read','resolved')),
  token        uuid NOT NULL DEFAULT gen_random_uuid(),
  submitted_at timestamp NOT NULL DEFAULT now(),
  updated_at   timestamp NOT NULL DEFAULT now()
);
CREATE INDEX ix_contacts_email ON contacts (email);

CREATE TABLE newsletter_subscriptions (
  id                uuid DEFAULT gen_random_uuid() CONSTRAINT pk_newsletter PRIMARY KEY,
  email             varchar(255) NOT NULL CONSTRAINT uq_newsletter_email UNIQUE,
  subscribed_at     timestamp NOT NULL DEFAULT now(),
  is_verified       bool NOT NULL DEFAULT false,
  unsubscribe_token uuid,
  verified_at       timestamp
);
CREATE INDEX ix_newsletter_token ON newsletter_subscriptions (unsubscribe_token);

CREATE TABLE admin_logs (
  id          uuid DEFAULT gen_random_uuid() CONSTRAINT pk_admin_logs PRIMARY KEY,
  admin_id    uuid NOT NULL CONSTRAINT fk_admin_logs_admin REFERENCES users ON DELETE CASCADE,
  action_type varchar(100) NOT NULL,
  description text,
  logged_at   timestamp NOT NULL DEFAULT now()
);
CREATE INDEX ix_admin_logs_admin ON admin_logs (admin_id);

CREATE TABLE password_resets (
  id          uuid DEFAULT gen_random_uuid() CONSTRAINT pk_password_resets PRIMARY KEY,
  user_id     uuid NOT NULL CONSTRAINT fk_password_resets_user REFERENCES users ON DELETE CASCADE,
  reset_token uuid NOT NULL CONSTRAINT uq_password_resets_token UNIQUE,
  is_used     bool NOT NULL DEFAULT false,
  expires_at  timestamp NOT NULL,
  created_at  timestamp NOT NULL DEFAULT now()
);
CREATE INDEX ix_password_resets_user ON password_resets (user_id);

CREATE TABLE blogs (
  id           uuid DEFAULT gen_random_uuid() CONSTRAINT pk_blogs PRIMARY KEY,
  author_id    uuid NOT NULL CONSTRAINT fk_blogs_author REFERENCES users ON DELETE RESTRICT,
  title        varchar(255),
  slug         varchar(255) CONSTRAINT uq_blogs_slug UNIQUE,
  summary      text,
  content      text,
  media_cid    varchar(255),
  status       varchar(10) NOT NULL DEFAULT 'draft'
               CONSTRAINT ck_blogs_status CHECK (status IN ('draft','published','archived')),
  views_count  int NOT NULL DEFAULT 0,
  published_at timestamp,
  deleted_at   timestamp,
  created_at   timestamp NOT NULL DEFAULT now(),
  updated_at   timestamp NOT NULL DEFAULT now(),
  CONSTRAINT ck_blogs_complete
    CHECK (status <> 'published' OR (title IS NOT NULL AND slug IS NOT NULL AND content IS NOT NULL))
);
CREATE INDEX ix_blogs_live ON blogs (status, deleted_at);
CREATE INDEX ix_events_live ON events (status, deleted_at, start_time);

CREATE TABLE event_registrations (
  id                 uuid DEFAULT gen_random_uuid() CONSTRAINT pk_registrations PRIMARY KEY,
  package_id         uuid NOT NULL CONSTRAINT fk_registrations_package REFERENCES packages ON DELETE RESTRICT,
  event_id           uuid NOT NULL CONSTRAINT fk_registrations_event REFERENCES events ON DELETE CASCADE,
  user_id            uuid CONSTRAINT fk_registrations_user REFERENCES users ON DELETE SET NULL,
  order_id           uuid CONSTRAINT fk_registrations_order REFERENCES orders ON DELETE SET NULL,
  attendee_email     varchar(255) NOT NULL,
  attendee_name      varchar(150),
  phone_number       varchar(15),
  status             varchar(15) NOT NULL DEFAULT 'registered' CONSTRAINT ck_registrations_status
                     CHECK (status IN ('registered','waitlisted','cancelled','attended','no_show')),
  waitlist_position  int,
  registration_token uuid NOT NULL DEFAULT gen_random_uuid(),
  registered_at      timestamp NOT NULL DEFAULT now(),
  cancelled_at       timestamp,
  created_at         timestamp NOT NULL DEFAULT now(),
  updated_at         timestamp NOT NULL DEFAULT now(),
  CONSTRAINT uq_one_place_per_package UNIQUE (package_id, attendee_email)
);
CREATE INDEX ix_registrations_package_status ON event_registrations (package_id, status);
CREATE INDEX ix_registrations_token ON event_registrations (registration_token);

CREATE INDEX ix_packages_live ON packages (event_id) WHERE is_active = TRUE;
CREATE INDEX ix_packages_kind ON packages (package_type);
CREATE UNIQUE INDEX ux_packages_event_slug ON packages (event_id, slug) WHERE event_id IS NOT NULL;

CREATE SCHEMA shop;
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ begin new.updated_at := current_timestamp; return new; end $$;
CREATE FUNCTION shop.touch_utc() RETURNS trigger LANGUAGE plpgsql AS $$
  -- UTC, whatever the session says
  begin
    NEW."updated_at" := timezone('utc', now());
    return NEW;
  end;
$$;
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE TRIGGER touch BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE TRIGGER touch BEFORE UPDATE ON packages FOR EACH ROW EXECUTE FUNCTION shop.touch_utc();
CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION shop.touch_utc();
CREATE TRIGGER touch BEFORE UPDATE ON event_registrations FOR EACH ROW EXECUTE FUNCTION shop.touch();

CREATE FUNCTION shop.list_package() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  if new.event_id is not null then
    update events set packages_ids = array_append(packages_ids, new.id) where id = new.event_id;
  end if;
  return null;
end $$;
CREATE FUNCTION shop.unlist_package() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  if old.event_id is not null then
    update events set packages_ids = array_remove(packages_ids, old.id) where id = old.event_id;
  end if;
  return null;
end $$;
CREATE TRIGGER zz_list_package AFTER INSERT ON packages FOR EACH ROW EXECUTE FUNCTION shop.list_package();
CREATE TRIGGER zz_unlist_package AFTER DELETE ON packages FOR EACH ROW EXECUTE FUNCTION shop.unlist_package();
