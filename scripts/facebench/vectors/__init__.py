"""From faces and names to unit vectors, and the index that searches them."""
