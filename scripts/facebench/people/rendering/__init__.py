"""How a rendered person becomes a picture."""
