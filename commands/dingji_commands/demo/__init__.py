"""The demonstration: its data file, the replay of it into a new ledger, and a summary of what that says."""
