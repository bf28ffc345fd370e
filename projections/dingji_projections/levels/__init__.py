"""Questions about levels: history, lineage, differences, changes, replay, attainment."""
