"""How good the matcher is, on texts that no constant was tuned on."""
