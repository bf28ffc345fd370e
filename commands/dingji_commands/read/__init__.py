"""Commands that answer about levels, stations, cases and facts."""
