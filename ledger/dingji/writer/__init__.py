"""The one way into a ledger, and submissions judged without recording anything."""
