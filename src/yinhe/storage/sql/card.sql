-- name: cards_load
-- Reads what every card has beside its loan.
COPY (SELECT
    loan, bought, bought_whole, bought_remainder, advanced, billed, billed_whole, billed_remainder, planned, fees,
    charged, "left", balance, minimum, interest, fee, number, closed, due, paid, plan_amount, plan_count,
    plan_done
    FROM card
) TO STDOUT (FORMAT binary)

-- name: card_stage_create
-- Makes the session's own table for cards to write.
CREATE TEMPORARY TABLE IF NOT EXISTS card_stage (LIKE card) ON COMMIT DELETE ROWS

-- name: card_stage_copy
-- Takes cards to write in.
COPY card_stage (
    loan, bought, bought_whole, bought_remainder, advanced, billed, billed_whole, billed_remainder, planned, fees,
    charged, "left", balance, minimum, interest, fee, number, closed, due, paid, plan_amount, plan_count,
    plan_done
) FROM STDIN (FORMAT binary)

-- name: card_stage_merge
-- Brings the cards into the table.
INSERT INTO card SELECT * FROM card_stage
ON CONFLICT (loan) DO UPDATE SET
    bought = excluded.bought, bought_whole = excluded.bought_whole, bought_remainder = excluded.bought_remainder,
    advanced = excluded.advanced, billed = excluded.billed, billed_whole = excluded.billed_whole, billed_remainder
    = excluded.billed_remainder, planned = excluded.planned, fees = excluded.fees, charged = excluded.charged,
    "left" = excluded."left", balance = excluded.balance, minimum = excluded.minimum, interest =
    excluded.interest, fee = excluded.fee, number = excluded.number, closed = excluded.closed, due = excluded.due,
    paid = excluded.paid, plan_amount = excluded.plan_amount, plan_count = excluded.plan_count, plan_done =
    excluded.plan_done

-- name: card_stage_empty
-- Empties the session's own table of cards.
TRUNCATE card_stage

-- name: statement_stage_create
-- Makes the session's own table for statements to write.
CREATE TEMPORARY TABLE IF NOT EXISTS card_statement_stage (LIKE card_statement) ON COMMIT DELETE ROWS

-- name: statement_stage_copy
-- Takes statements to write in.
COPY card_statement_stage (
    loan, number, closed, due, balance, minimum, interest, fee, "left", paid
) FROM STDIN (FORMAT binary)

-- name: statement_stage_merge
-- Brings the statements into the table.
INSERT INTO card_statement SELECT * FROM card_statement_stage
ON CONFLICT (loan, number) DO UPDATE SET
    closed = excluded.closed, due = excluded.due, balance = excluded.balance, minimum = excluded.minimum, interest
    = excluded.interest, fee = excluded.fee, "left" = excluded."left", paid = excluded.paid

-- name: statement_stage_empty
-- Empties the session's own table of statements.
TRUNCATE card_statement_stage

-- name: card_read
-- Reads what one card has beside its loan; dates as days since 1970-01-01.
SELECT
    loan, bought, bought_whole, bought_remainder, advanced, billed, billed_whole, billed_remainder, planned, fees,
    charged, "left", balance, minimum, interest, fee, number, closed - date '1970-01-01', due - date '1970-01-01',
    paid - date '1970-01-01', plan_amount, plan_count, plan_done
FROM card WHERE loan = %(loan)s

-- name: statements_of
-- Reads the statements of a card, the newest first; dates as days since 1970-01-01.
SELECT
    loan, number, closed - date '1970-01-01', due - date '1970-01-01', balance, minimum, interest, fee, "left",
    paid - date '1970-01-01'
FROM card_statement WHERE loan = %(loan)s ORDER BY number DESC LIMIT %(limit)s
