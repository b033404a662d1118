"""Makers of files as they are really sent, each written by another program or by its published format."""
