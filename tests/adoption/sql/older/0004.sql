-- Section 5.5, and what ruling 25 counts. Failures are kept per login name as typed (folded), known or not,
-- so that a name nobody has is slowed down just the same.

CREATE TABLE roles (
  id   UUID        PRIMARY KEY DEFAULT gen_random_uuid(),
  name VARCHAR(50) NOT NULL UNIQUE
);
CREATE TABLE user_roles (
  user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  role_id UUID NOT NULL REFERENCES roles(id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, role_id)
);
CREATE INDEX idx_user_roles_role_id ON user_roles(role_id);
INSERT INTO roles (name) VALUES ('admin'), ('organizer'), ('door'), ('editor') ON CONFLICT DO NOTHING;

CREATE TABLE greenroom.sign_in_attempts (
  login      TEXT      PRIMARY KEY,
  failures   INT       NOT NULL,
  blocked_until TIMESTAMP NULL,
  last_at    TIMESTAMP NOT NULL
);
