"""Training the small models: pictures and captions in, a folder for the ordinary loaders out."""
