"""Questions about procedure: rounds, decisions, cases."""
