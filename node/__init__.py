"""An organization's own service: it edits records, seals them into its chain and offers them; it knows no hub."""
