"""The paper's study at small size, without a network, and what of it did not run."""
