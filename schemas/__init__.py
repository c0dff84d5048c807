"""What is said: owns record kinds, code lists, statement and body; does not know keys, the bus, or any database."""
