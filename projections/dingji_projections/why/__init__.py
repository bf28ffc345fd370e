"""Why a station is at a level, or not at another."""
