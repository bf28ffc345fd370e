"""The papers kept beside a ledger, by their SHA-256, and the entries that refer to them."""
