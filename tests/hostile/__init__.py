"""Files that nobody should send, made to measure: tests/test_hostile.py sends them all."""
