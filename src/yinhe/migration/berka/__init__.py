"""The books of a real Czech bank of 1993 to 1998, published as the PKDD'99 financial data set by Petr Berka.

Read in this order: `codes` (the source's words), `sheets` (one file as typed columns), `records` and `files`
(the whole book, or why it is refused), `ordering` (the order in which a day's rows make the balances chain),
`chart` (which general-ledger account each kind of transaction meets), `identity` (stable transfer ids), `plan`
(rows ready to post).
"""
