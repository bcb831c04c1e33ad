"""Parts of pages that are long: each a function that shows one thing."""
