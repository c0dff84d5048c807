"""What all pages share: owns layout, macros and translations; knows no record, no key and no database. Still empty."""
