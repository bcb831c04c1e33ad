"""The protocols: pure functions of arrays. What each measures is defined in docs/protocols.md."""
