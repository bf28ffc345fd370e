"""The read side: projections of the ledger."""
