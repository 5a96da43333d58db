"""From a record to what the matcher sees of it: passages, tags, vectors."""
