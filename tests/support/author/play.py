"""Playing a world on paper: which states and flags can be reached."""

from collections import deque


def can(event, state, flags):
    return state in event["from"] and set(event.get("requires", ())) <= flags


def reach(world, *, without=frozenset()):
    """All (state, flags) that play can get to from the entrance, with what each leads to."""
    start = (world["entrance"]["state"], frozenset())
    leads = {}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        if here in leads:
            continue
        state, flags = here
        leads[here] = []
        for event in world["scene"]["events"]:
            if event["name"] in without or not can(event, state, flags):
                continue
            gained = flags | frozenset(event.get("grants", ()))
            there = (event.get("to", state), gained)
            leads[here].append(there)
            queue.append(there)
    return leads


def ending(world, kind):
    states = world["scene"]["states"].items()
    return next(name for name, state in states if state.get("ending", {}).get("kind") == kind)


def reaching(leads, state):
    """The positions from which a state can be reached."""
    back = {}
    for here, theres in leads.items():
        for there in theres:
            back.setdefault(there, []).append(here)
    queue = deque(here for here in leads if here[0] == state)
    found = set(queue)
    while queue:
        for before in back.get(queue.popleft(), ()):
            if before not in found:
                found.add(before)
                queue.append(before)
    return found
