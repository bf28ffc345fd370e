"""How views are kept: a basis, tables that catch up with the log, a file that holds them."""
