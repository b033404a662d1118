"""`make fuzz`: damaged and twisted files without end, read for a bounded time; not part of `make test`."""
