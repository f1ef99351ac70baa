"""Processes: the server, and those that a supervisor starts and watches."""
