-- name: change_write
-- Notes that something about a principal was changed, under the next generation.
WITH next AS (UPDATE access_state SET generation = generation + 1 RETURNING generation)
INSERT INTO access_change (principal, generation) SELECT %(principal)s, generation FROM next
ON CONFLICT (principal) DO UPDATE SET generation = EXCLUDED.generation

-- name: changes_read
-- Reads about whom something was changed since a generation.
SELECT principal, generation FROM access_change WHERE generation > %(seen)s

-- name: principal_make
-- Makes a principal; no row when its name is taken.
INSERT INTO access_principal (kind, name, scope, made_at) VALUES (%(kind)s, %(name)s, %(scope)s::jsonb, %(now)s)
ON CONFLICT (kind, name) DO NOTHING RETURNING number

-- name: principal_find
-- Finds a principal by kind and name, and locks it.
SELECT number, enabled, scope::text FROM access_principal WHERE kind = %(kind)s AND name = %(name)s FOR UPDATE

-- name: principals_list
-- Lists principals of a kind by name, with their roles.
SELECT p.number, p.name, p.enabled, p.scope::text,
       coalesce((SELECT array_agg(g.role ORDER BY g.role) FROM access_grant g WHERE g.principal = p.number), '{}')
FROM access_principal p
WHERE p.kind = %(kind)s AND p.name > %(after)s
ORDER BY p.name LIMIT %(limit)s

-- name: principal_enable
-- Enables or disables a principal.
UPDATE access_principal SET enabled = %(enabled)s WHERE number = %(number)s

-- name: principal_scope
-- Narrows what a principal's roles reach.
UPDATE access_principal SET scope = %(scope)s::jsonb WHERE number = %(number)s

-- name: grants_clear
-- Takes all roles from a principal.
DELETE FROM access_grant WHERE principal = %(number)s

-- name: grant_write
-- Gives a principal a role.
INSERT INTO access_grant (principal, role) VALUES (%(number)s, %(role)s)

-- name: roles_lock
-- Lets one change of roles and grants happen at a time, so that no two of them together join what must stay apart.
LOCK TABLE access_grant, access_role IN SHARE ROW EXCLUSIVE MODE

-- name: roles_all
-- Reads every role.
SELECT name, english, chinese, permissions, limits::text, scope::text FROM access_role ORDER BY name

-- name: roles_of
-- Reads the roles of a principal.
SELECT r.name, r.english, r.chinese, r.permissions, r.limits::text, r.scope::text
FROM access_grant g JOIN access_role r ON r.name = g.role
WHERE g.principal = %(number)s ORDER BY r.name

-- name: role_write
-- Writes a role, or writes it anew.
INSERT INTO access_role (name, english, chinese, permissions, limits, scope)
VALUES (%(name)s, %(english)s, %(chinese)s, %(permissions)s, %(limits)s::jsonb, %(scope)s::jsonb)
ON CONFLICT (name) DO UPDATE SET english = EXCLUDED.english, chinese = EXCLUDED.chinese,
    permissions = EXCLUDED.permissions, limits = EXCLUDED.limits, scope = EXCLUDED.scope

-- name: role_remove
-- Removes a role that nobody has.
DELETE FROM access_role r WHERE name = %(name)s AND NOT EXISTS (SELECT FROM access_grant g WHERE g.role = r.name)

-- name: role_holders
-- Lists who has a role.
SELECT p.number, p.kind, p.name FROM access_grant g JOIN access_principal p ON p.number = g.principal
WHERE g.role = %(name)s ORDER BY p.number

-- name: rules_all
-- Reads every rule of when a second person is needed.
SELECT pattern, kinds, thresholds::text FROM approval_rule ORDER BY pattern

-- name: rule_write
-- Writes a rule of when a second person is needed, or writes it anew.
INSERT INTO approval_rule (pattern, kinds, thresholds) VALUES (%(pattern)s, %(kinds)s, %(thresholds)s::jsonb)
ON CONFLICT (pattern) DO UPDATE SET kinds = EXCLUDED.kinds, thresholds = EXCLUDED.thresholds

-- name: rule_remove
-- Removes a rule.
DELETE FROM approval_rule WHERE pattern = %(pattern)s

-- name: approval_put
-- Puts a command to wait for a second person; no row when its id is known.
INSERT INTO approval (id, action, maker, permission, rule, amount_minor, currency, command, effect, why, state, put_at,
                      expires_at)
VALUES (%(id)s, %(action)s, %(maker)s, %(permission)s, %(rule)s, %(amount_minor)s, %(currency)s, %(command)s,
        %(effect)s, %(why)s, 'waiting', %(now)s, %(expires_at)s)
ON CONFLICT (id) DO NOTHING

-- name: approvals_waiting_of
-- Counts what waits of one maker.
SELECT count(*) FROM approval WHERE maker = %(maker)s AND state = 'waiting' AND expires_at > %(now)s

-- name: approval_read
-- Reads one command that waits or waited.
SELECT a.id, a.action, a.maker, p.kind, p.name, a.permission, a.rule, a.amount_minor, a.currency, a.command, a.effect,
       a.why, a.state, a.put_at, a.expires_at, d.name, a.decided_at, a.decision_why, a.finished_at, a.result
FROM approval a
JOIN access_principal p ON p.number = a.maker
LEFT JOIN access_principal d ON d.number = a.decider
WHERE a.id = %(id)s

-- name: approval_lock
-- Locks one command that waits or waited.
SELECT state FROM approval WHERE id = %(id)s FOR UPDATE

-- name: approvals_list
-- Lists commands that wait or waited, the newest first; large contents are left out.
SELECT a.id, a.action, a.maker, p.kind, p.name, a.permission, a.rule, a.amount_minor, a.currency,
       CASE WHEN octet_length(a.command) <= %(bytes_max)s THEN a.command END,
       CASE WHEN octet_length(a.effect) <= %(bytes_max)s THEN a.effect END,
       a.why, a.state, a.put_at, a.expires_at, d.name, a.decided_at, a.decision_why, a.finished_at, a.result
FROM approval a
JOIN access_principal p ON p.number = a.maker
LEFT JOIN access_principal d ON d.number = a.decider
WHERE (%(states)s::text[] IS NULL OR a.state = ANY (%(states)s))
  AND (%(maker)s::bigint IS NULL OR a.maker = %(maker)s)
  AND (%(before)s::uuid IS NULL OR a.id < %(before)s)
ORDER BY a.id DESC LIMIT %(limit)s

-- name: approval_decide
-- Notes what a second person, or the maker withdrawing, decided.
UPDATE approval SET state = %(state)s, decider = %(decider)s, decided_at = %(now)s, decision_why = %(why)s
WHERE id = %(id)s

-- name: approval_finish
-- Notes what became of an approved command.
UPDATE approval SET state = %(state)s, finished_at = %(now)s, result = %(result)s
WHERE id = %(id)s AND state = 'approved'

-- name: approvals_expire
-- Lets what waited too long expire.
UPDATE approval SET state = 'expired', decided_at = %(now)s
WHERE id IN (SELECT id FROM approval WHERE state = 'waiting' AND expires_at <= %(now)s
             ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, action

-- name: emergency_lock
-- Lets one principal open and end break-glass one at a time.
SELECT number FROM access_principal WHERE number = %(principal)s FOR UPDATE

-- name: emergency_of
-- Reads until when a principal has break-glass open.
SELECT id, ends_at FROM access_emergency WHERE principal = %(principal)s AND ends_at > %(now)s

-- name: emergency_open
-- Opens break-glass.
INSERT INTO access_emergency (id, principal, why, opened_at, ends_at)
VALUES (%(id)s, %(principal)s, %(why)s, %(now)s, %(ends_at)s)

-- name: emergency_end
-- Ends break-glass before its time.
UPDATE access_emergency SET ends_at = %(now)s WHERE principal = %(principal)s AND ends_at > %(now)s RETURNING id

-- name: emergency_read
-- Reads one emergency, and locks it.
SELECT e.id, e.principal, p.name, e.why, e.opened_at, e.ends_at, r.name, e.reviewed_at, e.finding
FROM access_emergency e
JOIN access_principal p ON p.number = e.principal
LEFT JOIN access_principal r ON r.number = e.reviewer
WHERE e.id = %(id)s
FOR UPDATE OF e

-- name: emergencies_list
-- Lists emergencies, the newest first; all, or those nobody reviewed.
SELECT e.id, e.principal, p.name, e.why, e.opened_at, e.ends_at, r.name, e.reviewed_at, e.finding
FROM access_emergency e
JOIN access_principal p ON p.number = e.principal
LEFT JOIN access_principal r ON r.number = e.reviewer
WHERE (%(all)s OR e.reviewed_at IS NULL) AND (%(before)s::uuid IS NULL OR e.id < %(before)s)
ORDER BY e.id DESC LIMIT %(limit)s

-- name: emergency_review
-- Notes that another user looked at an emergency.
UPDATE access_emergency SET reviewer = %(reviewer)s, reviewed_at = %(now)s, finding = %(finding)s WHERE id = %(id)s
