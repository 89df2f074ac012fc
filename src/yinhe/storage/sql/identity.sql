-- name: key_lock
-- Lets one process make a signing key at a time.
LOCK TABLE identity_key IN SHARE ROW EXCLUSIVE MODE

-- name: keys_read
-- Reads every signing key, the one that signs first.
SELECT kid, private_key, public_key::text, made_at, gone_at FROM identity_key
ORDER BY gone_at IS NOT NULL, made_at DESC, kid

-- name: key_write
-- Writes a new signing key.
INSERT INTO identity_key (kid, private_key, public_key, made_at)
VALUES (%(kid)s, %(private_key)s, %(public_key)s::jsonb, %(now)s)

-- name: keys_retire
-- Says when the keys that no longer sign go: when the last token they signed has expired.
UPDATE identity_key SET gone_at = %(gone_at)s WHERE gone_at IS NULL AND kid <> %(kid)s

-- name: keys_drop
-- Drops the keys none of whose tokens lives.
DELETE FROM identity_key WHERE gone_at <= %(now)s

-- name: users_lock
-- Lets one process make the first user.
LOCK TABLE identity_user IN SHARE ROW EXCLUSIVE MODE

-- name: users_any
-- Whether there is any user at all.
SELECT EXISTS (SELECT FROM identity_user)

-- name: user_make
-- Makes a user with a one-time secret.
INSERT INTO identity_user (principal, password_hash, password_set_at, one_time_until)
VALUES (%(number)s, %(hash)s, %(now)s, %(until)s)

-- name: user_by_name
-- Reads what a user proves itself with, by name.
SELECT p.number, p.name, p.enabled, u.password_hash, u.one_time_until, u.totp_secret, u.totp_confirmed, u.totp_step
FROM access_principal p JOIN identity_user u ON u.principal = p.number
WHERE p.kind = 'user' AND p.name = %(name)s

-- name: user_lock
-- Reads what a user proves itself with, by number, and locks it.
SELECT p.number, p.name, p.enabled, u.password_hash, u.one_time_until, u.totp_secret, u.totp_confirmed, u.totp_step
FROM access_principal p JOIN identity_user u ON u.principal = p.number
WHERE p.number = %(number)s
FOR UPDATE OF u

-- name: user_password
-- Sets a user's password hash; with a time, as a one-time secret until then.
UPDATE identity_user SET password_hash = %(hash)s, password_set_at = %(now)s, one_time_until = %(until)s
WHERE principal = %(number)s

-- name: user_rehash
-- Keeps the same password with other parameters, unless it was changed meanwhile.
UPDATE identity_user SET password_hash = %(hash)s WHERE principal = %(number)s AND password_hash = %(before)s

-- name: user_opened
-- Notes that a user opened a session.
UPDATE identity_user SET last_opened_at = %(now)s WHERE principal = %(number)s

-- name: factor_begin
-- Keeps the sealed secret of a second factor that is not confirmed yet.
UPDATE identity_user SET totp_secret = %(secret)s, totp_confirmed = false, totp_step = 0 WHERE principal = %(number)s

-- name: factor_confirm
-- Puts a second factor in force.
UPDATE identity_user SET totp_confirmed = true, totp_step = %(step)s WHERE principal = %(number)s

-- name: factor_used
-- Notes that the code of a time step was used; no row when it, or a later one, was used before.
UPDATE identity_user SET totp_step = %(step)s
WHERE principal = %(number)s AND totp_confirmed AND totp_step < %(step)s

-- name: factor_remove
-- Takes a second factor away.
UPDATE identity_user SET totp_secret = NULL, totp_confirmed = false, totp_step = 0 WHERE principal = %(number)s

-- name: recovery_clear
-- Takes all recovery codes of a user away.
DELETE FROM identity_recovery_code WHERE principal = %(number)s

-- name: recovery_write
-- Keeps the hash of a recovery code.
INSERT INTO identity_recovery_code (principal, hash) VALUES (%(number)s, %(hash)s)

-- name: recovery_use
-- Uses a recovery code; no row when there is no such code, or it was used.
UPDATE identity_recovery_code SET used_at = %(now)s
WHERE principal = %(number)s AND hash = %(hash)s AND used_at IS NULL

-- name: users_state
-- Reads how users prove themselves, without their secrets.
SELECT u.principal, u.one_time_until IS NOT NULL, u.totp_confirmed, u.last_opened_at,
       (SELECT count(*) FROM identity_recovery_code c WHERE c.principal = u.principal AND c.used_at IS NULL)
FROM identity_user u WHERE u.principal = ANY (%(numbers)s)

-- name: session_open
-- Opens a session of a user.
INSERT INTO identity_session (id, principal, address, channel, second_factor, opened_at, used_at, idle_at, ends_at)
VALUES (%(id)s, %(number)s, %(address)s, %(channel)s, %(second_factor)s, %(now)s, %(now)s, %(idle_at)s, %(ends_at)s)

-- name: session_lock
-- Reads a session, and locks it.
SELECT s.principal, p.name, p.enabled, s.channel, s.idle_at, s.ends_at, s.ended_at,
       (SELECT count(*) FROM identity_refresh r WHERE r.session = s.id)
FROM identity_session s JOIN access_principal p ON p.number = s.principal
WHERE s.id = %(id)s
FOR UPDATE OF s

-- name: session_used
-- Notes that a session was refreshed.
UPDATE identity_session SET used_at = %(now)s, idle_at = %(idle_at)s WHERE id = %(id)s

-- name: sessions_open
-- Reads the open sessions of a user, the oldest first.
SELECT id, address, channel, second_factor, opened_at, used_at, ends_at FROM identity_session
WHERE principal = %(number)s AND ended_at IS NULL AND idle_at > %(now)s AND ends_at > %(now)s
ORDER BY opened_at, id

-- name: session_end
-- Ends a session, unless it has ended.
UPDATE identity_session SET ended_at = %(now)s, ended_why = %(why)s WHERE id = %(id)s AND ended_at IS NULL

-- name: sessions_end
-- Ends all sessions of a user but one.
UPDATE identity_session SET ended_at = %(now)s, ended_why = %(why)s
WHERE principal = %(number)s AND ended_at IS NULL AND (%(but)s::uuid IS NULL OR id <> %(but)s)
RETURNING id

-- name: refresh_write
-- Keeps the hash of a refresh token.
INSERT INTO identity_refresh (hash, session) VALUES (%(hash)s, %(session)s)

-- name: refresh_read
-- Reads whose a refresh token is, and whether it was used.
SELECT session, used FROM identity_refresh WHERE hash = %(hash)s

-- name: refresh_use
-- Uses a refresh token; no row when it was used before.
UPDATE identity_refresh SET used = true WHERE hash = %(hash)s AND NOT used

-- name: refresh_prune
-- Drops refresh tokens of sessions whose time is up.
DELETE FROM identity_refresh r USING identity_session s
WHERE r.session = s.id AND s.principal = %(number)s AND s.ends_at < %(now)s

-- name: subject_read
-- Reads what the gate needs of a user or client beside its roles.
SELECT p.kind, p.name, p.enabled, u.one_time_until IS NOT NULL, coalesce(c.channel, s.channel, ''), p.scope::text,
       s.id IS NOT NULL AND s.ended_at IS NULL, s.ends_at, s.second_factor, c.certificate
FROM access_principal p
LEFT JOIN identity_user u ON u.principal = p.number
LEFT JOIN identity_client c ON c.principal = p.number
LEFT JOIN identity_session s ON s.id = %(session)s AND s.principal = p.number
WHERE p.number = %(number)s

-- name: subject_number
-- Finds the number of a user or client.
SELECT number FROM access_principal WHERE kind = %(kind)s AND name = %(name)s

-- name: client_make
-- Makes a client.
INSERT INTO identity_client (principal, channel, certificate) VALUES (%(number)s, %(channel)s, %(certificate)s)

-- name: client_bind
-- Binds a client to another certificate, or to none.
UPDATE identity_client SET certificate = %(certificate)s WHERE principal = %(number)s

-- name: client_by_secret
-- Finds a client by name and the hash of a secret in force.
SELECT p.number, p.enabled, c.channel, c.certificate
FROM access_principal p
JOIN identity_client c ON c.principal = p.number
JOIN identity_client_secret s ON s.principal = p.number
WHERE p.kind = 'client' AND p.name = %(name)s AND s.hash = %(hash)s AND (s.ends_at IS NULL OR s.ends_at > %(now)s)

-- name: client_secrets
-- Reads the secrets of a client in force, the oldest first.
SELECT hash, made_at, ends_at FROM identity_client_secret
WHERE principal = %(number)s AND (ends_at IS NULL OR ends_at > %(now)s)
ORDER BY made_at, hash
FOR UPDATE

-- name: client_secret_write
-- Keeps the hash of a secret of a client.
INSERT INTO identity_client_secret (hash, principal, made_at) VALUES (%(hash)s, %(number)s, %(now)s)

-- name: client_secret_end
-- Says when a secret of a client ends.
UPDATE identity_client_secret SET ends_at = %(ends_at)s WHERE hash = %(hash)s

-- name: client_secrets_drop
-- Drops the secrets of a client that have ended.
DELETE FROM identity_client_secret WHERE principal = %(number)s AND ends_at <= %(now)s

-- name: clients_state
-- Reads how clients prove themselves, without their secrets.
SELECT c.principal, c.channel, c.certificate,
       (SELECT count(*) FROM identity_client_secret s
        WHERE s.principal = c.principal AND (s.ends_at IS NULL OR s.ends_at > %(now)s))
FROM identity_client c WHERE c.principal = ANY (%(numbers)s)

-- name: failure_lock
-- Reads the failures of a name or an address, none where there are none, and locks them, which no other then forgets.
INSERT INTO identity_failure AS f (what, failures, last_at, locked_until) VALUES (%(what)s, 0, %(now)s, %(now)s)
ON CONFLICT (what) DO UPDATE SET failures = f.failures
RETURNING failures, turned_away, last_at, locked_until

-- name: failure_write
-- Writes how often somebody failed, and until when the next try waits.
UPDATE identity_failure
SET failures = %(failures)s, turned_away = %(turned_away)s, last_at = %(now)s, locked_until = %(locked_until)s
WHERE what = %(what)s

-- name: failure_forget
-- Forgets the failures of a name or an address.
DELETE FROM identity_failure WHERE what = %(what)s

-- name: failures_prune
-- Forgets failures of long ago, some at a time.
DELETE FROM identity_failure WHERE what IN
    (SELECT what FROM identity_failure WHERE last_at < %(before)s ORDER BY last_at LIMIT 100 FOR UPDATE SKIP LOCKED)
