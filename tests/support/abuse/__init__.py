"""Attacks of one caller, and the neighbour who must not feel them."""
