-- Section 2 of the specification, word for word; only the order differs (events before packages, because
-- packages refer to them). PostgreSQL names the constraints, as it does when the website runs the same SQL.

CREATE TABLE users (
  id                UUID         PRIMARY KEY DEFAULT gen_random_uuid(),
  username          VARCHAR(50)  NOT NULL UNIQUE,
  email             VARCHAR(255) NOT NULL UNIQUE,
  password_hash     TEXT         NULL,
  oauth_provider    VARCHAR(20)  NOT NULL DEFAULT 'local'
                    CHECK (oauth_provider IN ('local','google','github','apple','other')),
  oauth_provider_id VARCHAR(255) NULL,
  last_login_at     TIMESTAMP    NULL,
  created_at        TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at        TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  status            VARCHAR(10)  NOT NULL DEFAULT 'active' CHECK (status IN ('active','inactive'))
);

CREATE TABLE events (
  id                    UUID         PRIMARY KEY DEFAULT gen_random_uuid(),
  created_by            UUID         NOT NULL REFERENCES users(id) ON DELETE RESTRICT,
  title                 VARCHAR(255) NULL,
  slug                  VARCHAR(255) UNIQUE,
  description           TEXT         NULL,
  location              VARCHAR(255) NULL,
  start_time            TIMESTAMP    NULL,
  end_time              TIMESTAMP    NULL,
  registration_deadline TIMESTAMP    NULL,
  packages_ids          UUID[]       NOT NULL DEFAULT '{}',
  payment_required      BOOLEAN      NOT NULL DEFAULT FALSE,
  status                VARCHAR(15)  NOT NULL
                        CHECK (status IN ('draft','published','cancelled','completed')) DEFAULT 'draft',
  published_at          TIMESTAMP    NULL,
  cancelled_at          TIMESTAMP    NULL,
  created_at            TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at            TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  deleted_at            TIMESTAMP    NULL,
  CONSTRAINT chk_publish_event
    CHECK (status <> 'published'
           OR (title IS NOT NULL AND slug IS NOT NULL AND start_time IS NOT NULL AND location IS NOT NULL))
);

CREATE TABLE packages (
  id                            UUID          PRIMARY KEY DEFAULT gen_random_uuid(),
  name                          VARCHAR(100)  NOT NULL,
  slug                          VARCHAR(100)  NOT NULL UNIQUE,
  description                   TEXT          NULL,
  price                         DECIMAL(10,2) NOT NULL,
  duration_days                 INT           NOT NULL,
  is_active                     BOOLEAN       NOT NULL DEFAULT TRUE,
  package_type                  VARCHAR(15)   NOT NULL
                                CHECK (package_type IN ('subscription','event')) DEFAULT 'subscription',
  event_id                      UUID          NULL REFERENCES events(id) ON DELETE CASCADE,
  capacity                      INT           NULL,
  package_registration_deadline TIMESTAMP     NULL,
  created_at                    TIMESTAMP     NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at                    TIMESTAMP     NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE orders (
  id                UUID          PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id           UUID          NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  package_id        UUID          NOT NULL REFERENCES packages(id) ON DELETE RESTRICT,
  payment_gateway   VARCHAR(50)   NOT NULL DEFAULT 'razorpay',
  payment_id        VARCHAR(255)  NOT NULL,
  amount_paid       DECIMAL(10,2) NOT NULL,
  currency          VARCHAR(10)   NOT NULL DEFAULT 'INR',
  payment_status    VARCHAR(10)   NOT NULL
                    CHECK (payment_status IN ('pending','paid','failed','refunded')),
  purchased_at      TIMESTAMP     NOT NULL DEFAULT CURRENT_TIMESTAMP,
  access_expires_at TIMESTAMP     NULL,
  updated_at        TIMESTAMP     NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE contacts (
  id           UUID         PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id      UUID         NULL REFERENCES users(id) ON DELETE SET NULL,
  name         VARCHAR(150) NOT NULL,
  email        VARCHAR(255) NOT NULL,
  country_code VARCHAR(5)   NOT NULL,
  phone_number VARCHAR(15)  NOT NULL,
  subject      VARCHAR(255) NULL,
  message      TEXT         NOT NULL,
  status       VARCHAR(10)  NOT NULL DEFAULT 'unread' CHECK (status IN ('unread','read','resolved')),
  token        UUID         NOT NULL DEFAULT gen_random_uuid(),
  submitted_at TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at   TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE newsletter_subscriptions (
  id                UUID         PRIMARY KEY DEFAULT gen_random_uuid(),
  email             VARCHAR(255) NOT NULL UNIQUE,
  subscribed_at     TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  is_verified       BOOLEAN      NOT NULL DEFAULT FALSE,
  unsubscribe_token UUID         NULL,
  verified_at       TIMESTAMP    NULL
);

CREATE TABLE admin_logs (
  id          UUID         PRIMARY KEY DEFAULT gen_random_uuid(),
  admin_id    UUID         NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  action_type VARCHAR(100) NOT NULL,
  description TEXT         NULL,
  logged_at   TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE password_resets (
  id          UUID      PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id     UUID      NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  reset_token UUID      NOT NULL UNIQUE,
  is_used     BOOLEAN   NOT NULL DEFAULT FALSE,
  expires_at  TIMESTAMP NOT NULL,
  created_at  TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE blogs (
  id           UUID         PRIMARY KEY DEFAULT gen_random_uuid(),
  author_id    UUID         NOT NULL REFERENCES users(id) ON DELETE RESTRICT,
  title        VARCHAR(255) NULL,
  slug         VARCHAR(255) UNIQUE,
  summary      TEXT         NULL,
  content      TEXT         NULL,
  media_cid    VARCHAR(255) NULL,
  status       VARCHAR(10)  NOT NULL CHECK (status IN ('draft','published','archived')) DEFAULT 'draft',
  views_count  INT          NOT NULL DEFAULT 0,
  published_at TIMESTAMP    NULL,
  deleted_at   TIMESTAMP    NULL,
  created_at   TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at   TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT chk_publish_fields
    CHECK (status <> 'published' OR (title IS NOT NULL AND slug IS NOT NULL AND content IS NOT NULL))
);

CREATE TABLE event_registrations (
  id                 UUID         PRIMARY KEY DEFAULT gen_random_uuid(),
  event_id           UUID         NOT NULL REFERENCES events(id) ON DELETE CASCADE,
  user_id            UUID         NULL REFERENCES users(id) ON DELETE SET NULL,
  attendee_name      VARCHAR(150) NULL,
  attendee_email     VARCHAR(255) NOT NULL,
  phone_number       VARCHAR(15)  NULL,
  package_id         UUID         NOT NULL REFERENCES packages(id) ON DELETE RESTRICT,
  order_id           UUID         NULL REFERENCES orders(id) ON DELETE SET NULL,
  status             VARCHAR(15)  NOT NULL
                     CHECK (status IN ('registered','waitlisted','cancelled','attended','no_show'))
                     DEFAULT 'registered',
  registered_at      TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  cancelled_at       TIMESTAMP    NULL,
  waitlist_position  INT          NULL,
  registration_token UUID         NOT NULL DEFAULT gen_random_uuid(),
  created_at         TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at         TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (package_id, attendee_email)
);
