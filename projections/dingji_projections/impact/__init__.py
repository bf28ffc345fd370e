"""What rests on an entry, and what would change if it were voided."""
