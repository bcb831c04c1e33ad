"""Who a rendered person is: identity, bones, name, captions, and the view of a picture."""
