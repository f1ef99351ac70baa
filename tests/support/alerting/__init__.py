"""Alerts under faults: the rules with their time compressed, a deployment that can have each fault, the faults."""
