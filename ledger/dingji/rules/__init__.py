"""The rules that judge a submission against the ledger: pure functions, one module a part of the procedure."""
