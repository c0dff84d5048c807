"""What all pages share: layout, macros, languages, assets. Knows no record, no database, no network."""
