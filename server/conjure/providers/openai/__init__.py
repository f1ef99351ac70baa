"""Endpoints that speak OpenAI's API."""
