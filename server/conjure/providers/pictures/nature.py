"""Covers of places that nature made."""

from conjure.providers.dice import Dice
from conjure.providers.pictures.palette import Palette, mix
from conjure.providers.pictures.shapes import (
    HEIGHT,
    WIDTH,
    circle,
    d,
    line,
    path,
    pine,
    polygon,
    rect,
    ridge,
    scatter,
    wave,
)


def coast(dice: Dice, p: Palette) -> str:
    """A lighthouse on a headland, its beam over the sea."""
    left = dice.unit() < 0.5
    x = dice.between(130, 210) if left else dice.between(590, 670)
    top = dice.between(120, 150)
    way = 1 if left else -1
    far_x = WIDTH if left else 0
    beam = polygon((x, top + 14), (far_x, top - 46), (far_x, top + 86))
    tower = polygon((x - 13, top + 26), (x + 13, top + 26), (x + 20, 318), (x - 20, 318))
    bands = "".join(
        rect(x - 15 - at, top + 70 + at * 50, 30 + 2 * at, 20, p.mid) for at in range(4)
    )
    head = x - way * 170
    cliff = d(
        "M",
        head,
        "450V300Q",
        x - way * 60,
        "284",
        x,
        "312Q",
        x + way * 60,
        "330",
        x + way * 90,
        "372T",
        x + way * 170,
        "450z",
    )
    return (
        path(ridge(dice, 300, 70, 7, sharp=False), p.far)
        + path(wave(dice, 305, 8, 6), p.mid)
        + path(wave(dice, 345, 14, 5), mix(p.mid, p.near, 0.45))
        + path(beam, p.lamp, ' opacity=".28"')
        + path(tower, mix(p.orb, p.near, 0.12))
        + bands
        + rect(x - 17, top + 20, 34, 7, p.near)
        + rect(x - 9, top + 2, 18, 20, p.lamp)
        + path(polygon((x - 15, top + 3), (x, top - 16), (x + 15, top + 3)), p.near)
        + path(cliff, p.near)
        + path(wave(dice, 400, 18, 4), mix(p.near, p.mid, 0.25))
    )


def deep(dice: Dice, p: Palette) -> str:
    """Shafts of light over drowned columns and weed."""
    shafts = ""
    for _ in range(4):
        x, spread = dice.between(60, 700), dice.between(30, 80)
        drift = dice.between(-140, 140)
        shafts += path(
            polygon((x, 0), (x + spread, 0), (x + drift + spread * 2, 420), (x + drift, 420)),
            p.orb,
            ' opacity=".1"',
        )
    columns = ""
    start = dice.between(140, 300)
    for at in range(4):
        x, height = start + at * 78, dice.between(60, 190)
        top = 372 - height
        columns += rect(x, top, 24, height + 20, p.mid) + rect(x - 6, top - 9, 36, 10, p.mid)
    weed = "".join(
        d("M", x, "450q", dice.between(-34, 34), -height / 2, "0", -height)
        for x, height in ((dice.between(0, 800), dice.between(60, 190)) for _ in range(13))
    )
    fish = "".join(
        d("M", x, y, "q12 -8 24 0q-12 8 -24 0l-8 -6v12z")
        for x, y in ((dice.between(380, 660), dice.between(110, 220)) for _ in range(7))
    )
    return (
        shafts
        + path(ridge(dice, 350, 130, 6, sharp=False), p.far)
        + columns
        + path(fish, p.lamp)
        + path(ridge(dice, 405, 40, 5, sharp=False), p.near)
        + line(weed, p.near, 8)
        + scatter(dice, 16, (80, 60, 640, 300), p.orb)
    )


def forest(dice: Dice, p: Palette) -> str:
    """Rows of trees around a lit clearing."""
    rows = ""
    for foot, low, high, fill, count in (
        (322, 70, 130, p.far, 13), (368, 100, 170, p.mid, 10),
    ):  # fmt: skip
        span = WIDTH / count
        rows += path(
            "".join(
                pine((at + dice.between(0.1, 0.9)) * span, foot, dice.between(low, high))
                for at in range(count)
            )
            + polygon((0, foot - 6), (WIDTH, foot - 14), (WIDTH, HEIGHT), (0, HEIGHT)),
            fill,
        )
    door = dice.between(300, 500)
    frame = "".join(
        pine(x, 450, height)
        for x, height in (
            (dice.between(-10, 40), 330), (dice.between(80, 150), 230),
            (dice.between(650, 720), 250), (dice.between(760, 810), 350),
        )
    )  # fmt: skip
    return (
        rows
        + circle(door, 380, 46, p.lamp, ' opacity=".25"')
        + path(d("M", door - 13, "398v-26a13 13 0 0 1 26 0v26z"), p.lamp)
        + path(
            d(
                "M",
                door - 16,
                "398Q",
                door - 70,
                "430",
                door - 150,
                "450h260Q",
                door + 50,
                "420",
                door + 16,
                "398z",
            ),
            mix(p.mid, p.lamp, 0.3),
        )
        + path(ridge(dice, 436, 26, 6, sharp=False) + frame, p.near)
        + scatter(dice, 9, (220, 250, 380, 130), p.lamp)
    )


def peaks(dice: Dice, p: Palette) -> str:
    """Sharp mountains with snow caps and a small lit hut."""
    x, top = dice.between(300, 520), dice.between(110, 150)
    foot = 390
    summit = polygon((x - 290, foot), (x, top), (x + 270, foot))
    cap = polygon(
        (x, top), (x + 66, top + 72), (x + 34, top + 62), (x + 12, top + 92),
        (x - 16, top + 60), (x - 38, top + 84), (x - 72, top + 70),
    )  # fmt: skip
    hut = dice.between(130, 230) if x > 400 else dice.between(540, 640)
    cairns = "".join(
        polygon((c - 7, 392), (c, 368), (c + 7, 392)) for c in (hut + 90, hut + 130, hut + 166)
    )
    return (
        path(ridge(dice, 330, 190, 9, sharp=True), p.far)
        + path(summit, p.mid)
        + path(polygon((x, top), (x + 270, foot), (x + 40, foot)), p.near, ' opacity=".28"')
        + path(cap, mix(p.orb, p.low, 0.2))
        + path(ridge(dice, 398, 30, 5, sharp=False) + cairns, p.near)
        + rect(hut - 24, 362, 48, 34, p.near)
        + path(polygon((hut - 34, 364), (hut, 336), (hut + 34, 364)), p.near)
        + rect(hut - 6, 370, 12, 14, p.lamp)
    )


def desert(dice: Dice, p: Palette) -> str:
    """Dunes with lit and shaded sides, and a far pyramid or arch."""
    x = dice.between(180, 620)
    size = dice.between(70, 120)
    far = path(polygon((x - size, 300), (x, 300 - size), (x + size, 300)), p.far) + path(
        polygon((x, 300 - size), (x + size, 300), (x + size * 0.2, 300)), p.mid
    )
    dunes = ""
    for base, rise, light, shade in (
        (330, 60, mix(p.low, p.mid, 0.5), p.mid), (390, 80, p.mid, mix(p.mid, p.near, 0.6)),
    ):  # fmt: skip
        crest = dice.between(200, 600)
        peak = base - rise
        dunes += path(
            d(
                "M0 450V",
                base,
                "Q",
                crest * 0.6,
                base,
                crest,
                peak,
                "Q",
                crest + 160,
                base,
                "800",
                base - 12,
                "V450z",
            ),
            light,
        )
        dunes += path(
            d(
                "M",
                crest,
                peak,
                "Q",
                crest + 160,
                base,
                "800",
                base - 12,
                "V450H",
                crest + 60,
                "Q",
                crest - 40,
                base,
                crest,
                peak,
                "z",
            ),
            shade,
        )
    camels = "".join(
        d("M", c, "352q4 -14 10 -4q6 -12 11 0l7 -14h6l-4 7l-6 9v14h-3v-10h-16v10h-3z")
        for c in (dice.between(120, 170), dice.between(190, 230), dice.between(250, 290))
    )
    return far + dunes + path(camels, p.near) + path(ridge(dice, 438, 18, 4, sharp=False), p.near)


def cavern(dice: Dice, p: Palette) -> str:
    """A rock mouth around crystals and a lit lake."""
    teeth = "".join(
        polygon((x - 22, -5), (x, dice.between(50, 150)), (x + 22, -5)) for x in range(20, 800, 54)
    )
    gems = ""
    for at in range(8):
        x, foot = 150 + at * 68 + dice.between(-20, 20), dice.between(330, 372)
        height, lean = dice.between(60, 150), dice.between(-30, 30)
        tip = (x + lean, foot - height)
        gems += path(
            polygon(
                (x - 15, foot),
                (x - 15 + lean * 0.7, foot - height * 0.78),
                tip,
                (x + lean * 0.5, foot),
            ),
            p.lamp,
            ' opacity=".8"',
        )
        gems += path(
            polygon(
                (x + lean * 0.5, foot),
                tip,
                (x + 15 + lean * 0.7, foot - height * 0.7),
                (x + 15, foot),
            ),
            mix(p.lamp, p.mid, 0.55),
        )
    left = d("M0 0V450H", dice.between(50, 90), "L", dice.between(110, 150), "220L60 60z")
    right = d("M800 0V450H", dice.between(710, 750), "L", dice.between(650, 690), "240L740 60z")
    return (
        circle(dice.between(330, 470), 270, 210, p.lamp, ' opacity=".16"')
        + path(ridge(dice, 330, 120, 8, sharp=True), p.far)
        + gems
        + path(wave(dice, 370, 5, 4), p.mid)
        + path(teeth + left + right, p.near)
        + path(ridge(dice, 432, 26, 8, sharp=True), p.near)
    )  # fmt: skip
