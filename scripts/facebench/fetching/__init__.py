"""Getting the files of a data set: downloads and archives."""
