"""The dashboard: reads results/ and shows them. `app.py` is its router."""
