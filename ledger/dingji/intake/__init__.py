"""What is handed in, read with bounds: lines, tables, fact sheets, drafts; and the receipts that answer it."""
