-- name: business_date
-- Reads the unit's business date.
SELECT coalesce((SELECT business_date FROM unit), date '1970-01-01') AS business_date

-- name: snapshot
-- Lets a transaction that only reads see all tables as they are at its first statement.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY

-- name: number_next
-- Takes the next number of a party.
SELECT nextval('party_number')

-- name: party_write
-- Opens a party.
INSERT INTO party (number, kind, status, tier, opened) VALUES (%(number)s, %(kind)s, 'prospect', %(tier)s, %(opened)s)

-- name: party_resolve
-- Follows merges from a number to the party it stands for.
WITH RECURSIVE up AS (
    SELECT number, merged_into FROM party WHERE number = %(number)s
    UNION ALL
    SELECT p.number, p.merged_into FROM up JOIN party p ON p.number = up.merged_into
)
SELECT number FROM up WHERE merged_into IS NULL

-- name: parties_resolve
-- Follows merges from numbers to the parties they stand for.
WITH RECURSIVE up AS (
    SELECT number AS asked, number, merged_into FROM party WHERE number = ANY(%(numbers)s)
    UNION ALL
    SELECT up.asked, p.number, p.merged_into FROM up JOIN party p ON p.number = up.merged_into
)
SELECT asked, number FROM up WHERE merged_into IS NULL

-- name: party_lock
-- Reads a party and locks it until the transaction ends.
SELECT number, kind, status, tier, nullif(risk, '') AS risk, risk_review, merged_into, version, opened, closed
FROM party WHERE number = %(number)s FOR UPDATE

-- name: parties_read
-- Reads parties.
SELECT number, kind, status, tier, nullif(risk, '') AS risk, risk_review, merged_into, version, opened, closed
FROM party WHERE number = ANY(%(numbers)s) ORDER BY number

-- name: group_read
-- Lists the numbers that stand for a party: its own and those of all that were merged into it.
WITH RECURSIVE down AS (
    SELECT number FROM party WHERE number = %(number)s
    UNION ALL
    SELECT p.number FROM party p JOIN down ON p.merged_into = down.number
)
SELECT number FROM down ORDER BY (number <> %(number)s), number

-- name: party_change
-- Writes what stands of a party in its row, and counts its version up.
UPDATE party SET status = %(status)s, tier = %(tier)s, risk = coalesce(%(risk)s, ''), risk_review = %(risk_review)s,
                 merged_into = %(merged_into)s, closed = %(closed)s, version = version + 1
WHERE number = %(number)s RETURNING version

-- name: item_write
-- Adds an entry to a party.
INSERT INTO party_item (party, area, kind, country, script, preferred, since, expires, digest, blind, twin)
VALUES (%(party)s, %(area)s, %(kind)s, %(country)s, %(script)s, %(preferred)s, %(since)s, %(expires)s, %(digest)s,
        %(blind)s, %(twin)s)
RETURNING item

-- name: items_count
-- Counts the entries of a party.
SELECT count(*) FROM party_item WHERE party = ANY(%(numbers)s)

-- name: items_read
-- Reads the entries of parties, in the order they were added.
SELECT item, party, area, kind, country, script, preferred, since, ended, expires, verified, verified_how, digest
FROM party_item WHERE party = ANY(%(numbers)s) AND (%(with_ended)s OR ended IS NULL) ORDER BY party, item

-- name: item_read
-- Reads one entry of a party.
SELECT item, party, area, kind, country, script, preferred, since, ended, expires, verified, verified_how, digest
FROM party_item WHERE item = %(item)s AND party = ANY(%(numbers)s)

-- name: item_end
-- Ends an entry; it holds against nobody any more.
UPDATE party_item SET ended = greatest(since, %(ended)s::date), live = false, preferred = false WHERE item = %(item)s

-- name: item_verify
-- Notes that an identifier was verified.
UPDATE party_item SET verified = %(verified)s, verified_how = %(how)s WHERE item = %(item)s

-- name: preferred_clear
-- Leaves no entry of an area the preferred one.
UPDATE party_item SET preferred = false WHERE party = ANY(%(numbers)s) AND area = %(area)s AND preferred

-- name: preferred_set
-- Makes an entry the preferred one of its area.
UPDATE party_item SET preferred = true WHERE item = %(item)s AND ended IS NULL

-- name: identifiers_rest
-- Lets the identifiers of parties hold against nobody.
UPDATE party_item SET live = false WHERE party = ANY(%(numbers)s) AND area = 'identifier' AND live

-- name: identifiers_hold
-- Lets the identifiers of parties that have not ended hold against others again; of equal ones the oldest.
UPDATE party_item i SET live = true
WHERE i.party = ANY(%(numbers)s) AND i.area = 'identifier' AND i.ended IS NULL AND NOT EXISTS (
    SELECT 1 FROM party_item o
    WHERE o.party = ANY(%(numbers)s) AND o.area = 'identifier' AND o.ended IS NULL AND o.blind = i.blind
      AND o.item < i.item
)

-- name: identifiers_blind
-- Lists the blind indexes of the identifiers of parties that have not ended.
SELECT blind FROM party_item WHERE party = ANY(%(numbers)s) AND area = 'identifier' AND ended IS NULL ORDER BY blind

-- name: blind_lock
-- Lets nobody else take the identifier of a blind index until the transaction ends.
SELECT pg_advisory_xact_lock(%(key)s)

-- name: identifier_holder
-- Finds the party that has an identifier.
SELECT party FROM party_item WHERE area = 'identifier' AND live AND blind = ANY(%(blinds)s)
  AND party <> ALL(%(but)s) ORDER BY party LIMIT 1

-- name: field_write
-- Keeps a sealed field, in the place of the one there was.
INSERT INTO party_field (party, item, field, sealed) VALUES (%(party)s, %(item)s, %(field)s, %(sealed)s)
ON CONFLICT (party, item, field) DO UPDATE SET sealed = excluded.sealed

-- name: fields_read
-- Reads the sealed fields of parties.
SELECT party, item, field, sealed FROM party_field WHERE party = ANY(%(numbers)s) ORDER BY party, item, field

-- name: fields_of_names_read
-- Reads the sealed fields of the names of parties that have not ended, the preferred one first.
SELECT i.party, i.item, i.preferred, f.field, f.sealed
FROM party_item i JOIN party_field f ON f.party = i.party AND f.item = i.item
WHERE i.party = ANY(%(numbers)s) AND i.area = 'name' AND i.ended IS NULL
ORDER BY i.party, i.preferred DESC, i.item

-- name: fields_of_item_read
-- Reads the sealed fields of one entry.
SELECT party, item, field, sealed FROM party_field
WHERE party = %(party)s AND item = %(item)s ORDER BY field

-- name: twin_write
-- Keeps what a name with the date of birth is found by.
UPDATE party_item SET twin = %(twin)s WHERE item = %(item)s

-- name: candidates_read
-- Finds parties that have a name, a contact, or a name with a date of birth in common with what is given.
WITH hit AS (
    (SELECT party, 'born' AS sign FROM party_item
     WHERE twin = ANY(%(twins)s) AND ended IS NULL LIMIT %(limit)s)
    UNION ALL
    (SELECT party, CASE kind WHEN 'email' THEN 'email' ELSE 'number' END FROM party_item
     WHERE area = 'contact' AND blind = ANY(%(contacts)s) AND ended IS NULL LIMIT %(limit)s)
    UNION ALL
    (SELECT party, 'name' FROM party_item
     WHERE area = 'name' AND blind = ANY(%(names)s) AND ended IS NULL LIMIT %(limit)s)
), named AS (
    SELECT DISTINCT i.party, 'name' FROM hit JOIN party_item i ON i.party = hit.party
    WHERE hit.sign <> 'name' AND i.area = 'name' AND i.blind = ANY(%(names)s) AND i.ended IS NULL
)
SELECT p.number, array_agg(DISTINCT h.sign)
FROM (SELECT * FROM hit UNION SELECT * FROM named) h JOIN party p ON p.number = h.party
WHERE p.kind = %(kind)s AND p.status <> 'closed' AND p.number <> ALL(%(but)s)
GROUP BY p.number ORDER BY p.number

-- name: find_blind
-- Finds the parties that have an entry of some blind index.
SELECT DISTINCT party FROM party_item
WHERE blind = %(blind)s AND area = %(area)s AND ended IS NULL AND party > %(after)s ORDER BY party LIMIT %(limit)s

-- name: list_page
-- Lists parties in the order of their numbers, those aside that were merged into another.
SELECT number FROM party
WHERE number > %(after)s AND merged_into IS NULL AND (%(status)s::text IS NULL OR status = %(status)s::text)
ORDER BY number LIMIT %(limit)s

-- name: relations_read
-- Reads the relations from and to parties.
SELECT relation, party, other, kind, share, since, ended FROM party_relation
WHERE (party = ANY(%(numbers)s) OR other = ANY(%(numbers)s)) AND (%(with_ended)s OR ended IS NULL) ORDER BY relation

-- name: relation_write
-- Adds a relation.
INSERT INTO party_relation (party, other, kind, share, since)
VALUES (%(party)s, %(other)s, %(kind)s, %(share)s, %(since)s) RETURNING relation

-- name: relation_end
-- Ends a relation.
UPDATE party_relation SET ended = %(ended)s WHERE relation = %(relation)s

-- name: merge_write
-- Notes a merge.
INSERT INTO party_merge (loser, survivor, merged) VALUES (%(loser)s, %(survivor)s, %(merged)s) RETURNING merge

-- name: merge_read
-- Reads the merge of a party that stands.
SELECT merge, survivor FROM party_merge WHERE loser = %(loser)s AND undone IS NULL

-- name: merge_undo
-- Notes that a merge is undone.
UPDATE party_merge SET undone = greatest(merged, %(undone)s::date) WHERE merge = %(merge)s

-- name: contracts_move
-- Hands the contracts of the loser to the survivor, noting which.
WITH moved AS (
    UPDATE contract_holder SET holder = %(survivor)s WHERE holder = %(loser)s RETURNING contract
)
INSERT INTO party_merge_moved (merge, area, reference) SELECT %(merge)s, 'contract', contract FROM moved

-- name: loans_move
-- Hands the loans of the loser to the survivor, noting which.
WITH moved AS (
    UPDATE loan_agreement SET borrower = %(survivor)s WHERE borrower = %(loser)s RETURNING loan
)
INSERT INTO party_merge_moved (merge, area, reference) SELECT %(merge)s, 'loan', loan FROM moved

-- name: guarantees_move
-- Puts the survivor in the place of the loser where it stands surety, noting for which loans; not beside itself.
WITH moved AS (
    UPDATE loan_agreement SET guarantors = (
        SELECT jsonb_agg(CASE WHEN g.name = to_jsonb(%(loser)s::text) THEN to_jsonb(%(survivor)s::text) ELSE g.name END
                         ORDER BY g.place)
        FROM jsonb_array_elements(guarantors) WITH ORDINALITY AS g (name, place)
    )
    WHERE guarantors <> '[]'::jsonb AND guarantors @> jsonb_build_array(%(loser)s::text)
      AND NOT guarantors @> jsonb_build_array(%(survivor)s::text)
    RETURNING loan
)
INSERT INTO party_merge_moved (merge, area, reference) SELECT %(merge)s, 'guarantee', loan FROM moved

-- name: contracts_return
-- Hands the contracts of a merge back, those that went elsewhere since aside.
UPDATE contract_holder SET holder = %(loser)s FROM party_merge_moved m
WHERE m.merge = %(merge)s AND m.area = 'contract' AND m.reference = contract AND holder = %(survivor)s

-- name: loans_return
-- Hands the loans of a merge back.
UPDATE loan_agreement SET borrower = %(loser)s FROM party_merge_moved m
WHERE m.merge = %(merge)s AND m.area = 'loan' AND m.reference = loan AND borrower = %(survivor)s

-- name: guarantees_return
-- Puts the loser back where it stood surety.
UPDATE loan_agreement a SET guarantors = (
    SELECT jsonb_agg(CASE WHEN g.name = to_jsonb(%(survivor)s::text) THEN to_jsonb(%(loser)s::text) ELSE g.name END
                     ORDER BY g.place)
    FROM jsonb_array_elements(a.guarantors) WITH ORDINALITY AS g (name, place)
)
FROM party_merge_moved m
WHERE m.merge = %(merge)s AND m.area = 'guarantee' AND m.reference = a.loan
  AND a.guarantors @> jsonb_build_array(%(survivor)s::text)

-- name: moved_count
-- Counts what went to the survivor with a merge, by area.
SELECT area, count(*) FROM party_merge_moved WHERE merge = %(merge)s GROUP BY area ORDER BY area

-- name: history_page
-- Reads what the log has of parties, the newest first.
SELECT number, at, action, actor, outcome, content FROM audit_record
WHERE parties && %(numbers)s::bigint[] AND action LIKE 'party.%%' AND number < %(before)s
ORDER BY number DESC LIMIT %(limit)s

-- name: rotation_page
-- Takes the next sealed fields whose key is not the newest, locked; byte 2 to 5 of a field are the number of its key.
SELECT party, item, field, sealed FROM party_field
WHERE (party, item, field) > (%(party)s, %(item)s, %(field)s) AND substring(sealed FROM 2 FOR 4) <> %(newest)s
ORDER BY party, item, field LIMIT %(limit)s FOR UPDATE

-- name: rotation_write
-- Keeps a field as it was sealed anew.
UPDATE party_field SET sealed = %(sealed)s WHERE party = %(party)s AND item = %(item)s AND field = %(field)s
