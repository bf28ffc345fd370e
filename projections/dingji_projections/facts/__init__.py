"""Questions about facts: who stated what, conflicts, swings, papers used more than once."""
