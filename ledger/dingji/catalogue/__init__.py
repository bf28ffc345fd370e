"""A notice and its standards as data: levels, facts, requirements, conditions, and what is wrong in such data."""
