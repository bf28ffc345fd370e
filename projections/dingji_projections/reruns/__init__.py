"""Assessments run again, or under other standards and readings."""
