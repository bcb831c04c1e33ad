"""The dashboard: reads results/ and shows them. `app.py` serves it, `router.py` lists its pages."""
