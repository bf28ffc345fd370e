"""The rules that judge a submission against the ledger: pure functions, one module for each part of the procedure."""
