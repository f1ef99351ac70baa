"""What passes by on the way from one place to the next, by where the picture is taken from."""

from conjure.providers.author.builtin.voice import View

_Lines = dict[str, tuple[str, ...]]

_AHEAD: _Lines = {
    "open": (
        "The walls of the view fall back and the distance opens.",
        "Shapes slide past on both sides and the sky widens.",
        "The ground unrolls ahead in one unbroken move.",
    ),
    "room": (
        "A frame passes on both sides and a lit interior opens.",
        "The threshold slides by and walls close in gently.",
        "Light from inside grows until it fills the frame.",
    ),
    "dark": (
        "Shade closes in from the edges and a small light leads on.",
        "The brightness drops behind and dim outlines appear ahead.",
        "Walls draw near and the light shrinks to a pool.",
    ),
    "deep": (
        "Slow water slides past and shapes gather in the blue.",
        "Bubbles stream by and the seabed unrolls below.",
        "Bands of light sweep past on both sides.",
    ),
}
_BELOW: _Lines = {
    "open": (
        "The ground scrolls past below and the clearing widens.",
        "Paths and shadows drift by underneath the high view.",
        "The edges of the picture open on wider ground.",
    ),
    "room": (
        "The roof line slides aside and a lit floor lies open below.",
        "Walls draw a square around the view and furniture comes in from the edge.",
        "Lit floorboards spread out below.",
    ),
    "dark": (
        "Shade closes in from the edges and a small pool of light moves on.",
        "Dim outlines pass below, one after the other.",
        "The light shrinks to a circle on the ground.",
    ),
    "deep": (
        "The seabed scrolls past below in bands of light.",
        "Slow shadows drift by underneath the high view.",
        "Bubbles rise toward the view and part.",
    ),
}
_BESIDE: _Lines = {
    "open": (
        "The scene scrolls sideways and the distance slides by more slowly.",
        "Near shapes pass quickly in front and far ones linger.",
        "The ground runs along the lower edge in one unbroken move.",
    ),
    "room": (
        "A wall slides past and a lit interior opens in cross-section.",
        "The threshold crosses the picture from edge to edge.",
        "Lamplight and furniture scroll in from the side.",
    ),
    "dark": (
        "Shade slides in from the side and a small light moves along.",
        "Dim outlines cross the picture one after the other.",
        "The light shrinks to a pool around the figure.",
    ),
    "deep": (
        "Slow water carries shapes across the picture.",
        "Bubbles rise in columns as the seabed scrolls by.",
        "Bands of light cross the picture from edge to edge.",
    ),
}
LINES: dict[View, _Lines] = {
    "first": _AHEAD,
    "behind": _AHEAD,
    "above": _BELOW,
    "side": _BESIDE,
}
