"""How an upgrade is planned against a live database, run beside a site that writes, and taken back."""
