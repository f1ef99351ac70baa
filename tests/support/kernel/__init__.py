"""Worlds and cases for the kernel."""
