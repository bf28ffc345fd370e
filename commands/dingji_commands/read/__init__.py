"""Commands that answer about levels, stations, cases, rounds, and the log as it is."""
