"""The only reader of results: everything that the pages show passes through here."""
