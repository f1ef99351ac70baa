"""Ports to the outside (author, runtime, voice, vision, pictures), each with a built-in."""
