-- Years of a website's rows, with its habits: names in many scripts, addresses as people typed them, people who are
-- in one package twice, waitlists nobody numbered, more people than seats, lists of packages that drifted, times as
-- the wall clock in Pune showed them. Ids are digests of what the row is, so that tests can name them.

INSERT INTO users (id, username, email, password_hash, oauth_provider, oauth_provider_id, last_login_at, created_at,
                   updated_at, status)
SELECT md5('user ' || n)::uuid, 'user' || n,
       CASE n % 3 WHEN 0 THEN 'User' || n || '@Example.ORG' ELSE 'user' || n || '@example.org' END,
       CASE WHEN n % 4 > 0 THEN '$2b$12$' || md5('hash ' || n) END,
       CASE WHEN n % 4 > 0 THEN 'local' ELSE 'google' END, CASE WHEN n % 4 = 0 THEN 'sub-' || n END,
       CASE WHEN n % 2 = 0 THEN timestamp '2025-03-01 10:00' + n * interval '1 hour' END,
       timestamp '2019-05-01 08:30:15.123456' + n * interval '3 days', timestamp '2020-02-29 23:59:59.999999',
       CASE WHEN n % 7 = 0 THEN 'inactive' ELSE 'active' END
  FROM generate_series(1, 30) AS n;

INSERT INTO events (id, created_by, title, slug, description, location, start_time, end_time, registration_deadline,
                    packages_ids, payment_required, status, published_at, cancelled_at, created_at, updated_at,
                    deleted_at)
SELECT md5('event ' || n)::uuid, md5('user 1')::uuid, title, slug, NULL, place, starts, starts + interval '8 hours',
       starts - interval '2 days', '{}', n % 2 = 0, status,
       CASE WHEN status <> 'draft' THEN timestamp '2021-01-01' END,
       CASE WHEN status = 'cancelled' THEN timestamp '2021-06-01' END,
       timestamp '2020-12-24 18:00', timestamp '2021-06-01 12:34:56.789', gone
  FROM (VALUES
    (1, 'Monsoon Data Summit', 'monsoon', 'Pune', timestamp '2031-07-01 04:30', 'published', NULL::timestamp),
    (2, 'Fête de la Musique – Œuvre ouverte', 'fete', 'Genève', '2031-06-21 16:00', 'published', NULL),
    (3, 'مؤتمر البيانات', 'bayanat', 'القاهرة', '2031-03-10 08:00', 'published', NULL),
    (4, 'Called off', 'off', 'Łódź', '2022-09-01 08:00', 'cancelled', NULL),
    (5, 'Long ago', 'long-ago', '東京', '2020-02-02 09:00', 'completed', '2022-01-01'),
    (6, NULL, NULL, NULL, NULL, 'draft', NULL)) AS e (n, title, slug, place, starts, status, gone);

INSERT INTO packages (id, name, slug, description, price, duration_days, is_active, package_type, event_id, capacity,
                      package_registration_deadline, created_at, updated_at)
SELECT md5('package ' || slug)::uuid, name, slug, 'as the website says', price, days, active,
       CASE WHEN event IS NULL THEN 'subscription' ELSE 'event' END, md5('event ' || event)::uuid, capacity, NULL,
       timestamp '2021-01-05 09:00', timestamp '2021-01-05 09:00:00.5'
  FROM (VALUES
    ('Workshop', 'monsoon-workshop', 499.00, 0, TRUE, 1, 20),
    ('VIP', 'monsoon-vip', 1999.50, 0, TRUE, 1, 3),
    ('Entrée', 'fete-entree', 0.00, 0, TRUE, 2, NULL),
    ('دخول عام', 'bayanat-general', 0, 0, TRUE, 3, 100),
    ('Early bird', 'off-early', 10, 0, FALSE, 4, 0),
    ('Table', 'long-ago-table', 10, 0, TRUE, 5, 50),
    ('Friends of the house', 'friends', 1200, 365, TRUE, NULL, NULL)
  ) AS p (name, slug, price, days, active, event, capacity);

INSERT INTO orders (id, user_id, package_id, payment_gateway, payment_id, amount_paid, currency, payment_status,
                    purchased_at, access_expires_at, updated_at)
SELECT md5('order ' || n)::uuid, md5('user ' || n)::uuid, md5('package ' || slug)::uuid, 'razorpay', 'pay_' || n,
       n * 100.25, 'INR', (ARRAY['pending', 'paid', 'failed', 'refunded'])[n % 4 + 1],
       timestamp '2021-02-01' + n * interval '1 day',
       CASE WHEN slug = 'friends' THEN timestamp '2022-02-01' + n * interval '1 day' END, timestamp '2021-03-03 03:03:03'
  FROM generate_series(1, 12) AS n, LATERAL (SELECT CASE WHEN n % 3 = 0 THEN 'friends' ELSE 'monsoon-workshop' END AS slug) p;

INSERT INTO contacts (id, user_id, name, email, country_code, phone_number, subject, message, status, token,
                      submitted_at, updated_at)
SELECT md5('contact ' || n)::uuid, CASE WHEN n = 1 THEN md5('user 2')::uuid END, name, 'someone@example.org', '+91',
       '9800000000', subject, E'Line one\nline two\t“quoted” = \\ %', 'unread', md5('token ' || n)::uuid,
       timestamp '2023-01-01', timestamp '2023-01-01'
  FROM (VALUES (1, 'José Núñez', 'Tickets'), (2, '李雷', NULL), (3, 'עדי לוי', ''), (4, 'O''Brien', '=1+1'))
       AS c (n, name, subject);

INSERT INTO admin_logs (id, admin_id, action_type, description, logged_at)
SELECT md5('log ' || n)::uuid, md5('user 1')::uuid, 'event.publish', 'Published №' || n,
       timestamp '2021-01-01' + n * interval '1 minute'
  FROM generate_series(1, 5) AS n;

INSERT INTO blogs (id, author_id, title, slug, summary, content, media_cid, status, views_count, published_at,
                   deleted_at, created_at, updated_at)
SELECT md5('blog ' || n)::uuid, md5('user 1')::uuid, title, slug, NULL, content, NULL, status, n * 1000,
       CASE WHEN status <> 'draft' THEN timestamp '2022-02-02' END,
       CASE WHEN status = 'archived' THEN timestamp '2023-03-03' END, timestamp '2022-02-01', timestamp '2022-02-03'
  FROM (VALUES (1, 'Grüße aus Pune', 'gruesse', 'Text', 'published'), (2, NULL, NULL, NULL, 'draft'),
               (3, 'Old', 'old', 'Text', 'archived')) AS b (n, title, slug, content, status);

INSERT INTO event_registrations (id, event_id, user_id, attendee_name, attendee_email, phone_number, package_id,
                                 order_id, status, registered_at, cancelled_at, waitlist_position, registration_token,
                                 created_at, updated_at)
SELECT md5('registration ' || who)::uuid, p.event_id, r.account, r.name, r.email, NULL, p.id, r.paid, r.status, at,
       CASE WHEN r.status = 'cancelled' THEN at + interval '1 day' END, place, md5('ticket ' || who)::uuid, at,
       at + interval '2 days 00:10:30'
  FROM (
    SELECT 'vip ' || n AS who, 'monsoon-vip' AS slug, md5('user ' || n)::uuid AS account, 'Guest ' || n AS name,
           'vip' || n || '@example.org' AS email, NULL::uuid AS paid, 'registered' AS status, NULL::int AS place,
           timestamp '2021-04-01 10:00' + n * interval '1 minute' AS at
      FROM generate_series(1, 5) AS n
    UNION ALL
    SELECT 'workshop ' || n, 'monsoon-workshop', md5('user ' || n)::uuid, (ARRAY['Zoë Ångström', 'Łukasz Żak', 'Nguyễn Văn An',
           'نور الهدى', 'דנה כהן', 'Σοφία', '王小明', ''])[n], 'w' || n || '@example.org', md5('order ' || n)::uuid,
           (ARRAY['registered', 'attended', 'cancelled', 'no_show'])[n % 4 + 1], NULL,
           timestamp '2021-05-01' + n * interval '1 hour'
      FROM generate_series(1, 8) AS n
    UNION ALL
    SELECT 'twin ' || n, 'monsoon-workshop', NULL, NULL, email, NULL, 'registered', NULL, timestamp '2021-05-09'
      FROM (VALUES (1, 'Meera@Example.org'), (2, 'meera@example.org'), (3, ' meera@example.org')) AS t (n, email)
    UNION ALL
    SELECT 'waiting ' || n, 'monsoon-vip', NULL, 'Waits ' || n, 'wait' || n || '@example.org', NULL, 'waitlisted', place,
           timestamp '2021-04-02' + n * interval '1 minute'
      FROM (VALUES (1, NULL), (2, 1), (3, 1), (4, 7)) AS t (n, place)
    UNION ALL
    SELECT 'in order ' || n, 'long-ago-table', NULL, 'Waits ' || n, 'order' || n || '@example.org', NULL, 'waitlisted', n,
           timestamp '2020-01-02'
      FROM generate_series(1, 3) AS n
  ) AS r JOIN packages p ON p.slug = r.slug;

-- Registered a moment ago, by the wall clock of Pune.
INSERT INTO event_registrations (id, event_id, attendee_email, package_id, status, registered_at, registration_token,
                                 created_at, updated_at)
SELECT md5('registration local ' || n)::uuid, p.event_id, 'local' || n || '@example.org', p.id, 'registered', t.at,
       md5('ticket local ' || n)::uuid, t.at, t.at
  FROM generate_series(1, 2) AS n, packages p, LATERAL (SELECT timezone('Asia/Kolkata', now()) AS at) AS t
 WHERE p.slug = 'fete-entree';

-- Cancelled by a program in Pune, stamped by a database in UTC.
INSERT INTO event_registrations (id, event_id, attendee_email, package_id, status, registered_at, cancelled_at,
                                 registration_token, created_at, updated_at)
SELECT md5('registration pune ' || n)::uuid, p.event_id, 'pune' || n || '@example.org', p.id, 'cancelled', t.at,
       t.at + interval '2 days 05:30:00.25', md5('ticket pune ' || n)::uuid, t.at, t.at + interval '2 days'
  FROM generate_series(1, 4) AS n, packages p,
       LATERAL (SELECT timestamp '2022-08-01 09:09:09.123' + n * interval '1.000777 hours' AS at) AS t
 WHERE p.slug = 'fete-entree';

DO $$ BEGIN
  IF to_regclass('public.newsletter_subscriptions') IS NOT NULL THEN
    INSERT INTO newsletter_subscriptions (id, email, subscribed_at, is_verified, unsubscribe_token, verified_at)
    SELECT md5('reader ' || n)::uuid, 'reader' || n || '@example.org', timestamp '2020-10-10', n > 1,
           md5('leave ' || n)::uuid, CASE WHEN n > 1 THEN timestamp '2020-10-11' END FROM generate_series(1, 3) AS n;
  END IF;
  IF to_regclass('public.password_resets') IS NOT NULL THEN
    INSERT INTO password_resets (id, user_id, reset_token, is_used, expires_at, created_at)
    SELECT md5('reset ' || n)::uuid, md5('user ' || n)::uuid, md5('reset token ' || n)::uuid, n = 1,
           timestamp '2022-01-02', timestamp '2022-01-01' FROM generate_series(1, 2) AS n;
  END IF;
END $$;

-- The lists of packages, whoever kept them until now: right for the first three, then one is missing, one is listed
-- twice, and one is of another event.
UPDATE events e SET packages_ids = coalesce((SELECT array_agg(p.id ORDER BY p.id) FROM packages p WHERE p.event_id = e.id), '{}');
UPDATE events SET packages_ids = '{}' WHERE slug = 'off';
UPDATE events SET packages_ids = packages_ids || packages_ids WHERE slug = 'long-ago';
UPDATE events SET packages_ids = ARRAY[md5('package friends')::uuid, md5('package monsoon-vip')::uuid] WHERE slug IS NULL;
