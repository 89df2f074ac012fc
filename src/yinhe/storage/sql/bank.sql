-- name: parties_prohibited
-- Lists the parties that the bank does no business with.
SELECT number FROM party WHERE risk = 'prohibited'

-- name: has_open_contracts
-- Finds whether a party, named as contracts name their holder, has a contract or a loan that is open.
SELECT EXISTS (SELECT FROM deposit WHERE holder = %(holder)s AND open)
    OR EXISTS (SELECT FROM lending WHERE borrower = %(holder)s AND open)

-- name: alive
-- Asks whether the database answers.
SELECT true

-- name: accounts_of_products
-- Lists the accounts of a range of products but one.
SELECT account FROM account WHERE product BETWEEN %(first)s AND %(last)s AND product <> %(but)s
