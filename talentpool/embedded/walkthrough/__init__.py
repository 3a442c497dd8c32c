"""The main line and the desk's line over HTTP, as the people would do them."""
