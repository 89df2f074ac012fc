"""Messages of ISO 20022 as frozen structs, read from XML and written to it; nothing here knows of the books."""
