"""Files into validated records; every fault is reported at once, with file, line and field."""
