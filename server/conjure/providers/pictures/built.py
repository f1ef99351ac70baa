"""Covers of places that people made."""

from conjure.providers.dice import Dice
from conjure.providers.pictures.palette import Palette, mix
from conjure.providers.pictures.shapes import (
    WIDTH,
    circle,
    d,
    ellipse,
    line,
    n,
    path,
    polygon,
    rect,
    ridge,
    scatter,
    windows,
)


def city(dice: Dice, p: Palette) -> str:
    """A skyline in three depths, windows lit, over a wet street."""
    out = ""
    for low, high, fill, lit in (
        (90, 210, p.far, 0), (70, 260, p.mid, 5), (40, 150, p.near, 6),
    ):  # fmt: skip
        x, outline, lamps = -10.0, "", ""
        while x < WIDTH:
            width, height = dice.between(78, 128), dice.between(low, high)
            top = 396 - height
            outline += d("M", x, "396V", top, "h", width, "V396z")
            if dice.unit() < 0.4:
                outline += d("M", x + width / 2 - 1, top, "v-26h3v26z")
            if lit:
                lamps += windows(dice, (x, top, width, height), lit, p.lamp)
            x += width + dice.between(0, 12)
        out += path(outline, fill) + lamps
    street = rect(0, 394, WIDTH, 56, mix(p.near, p.mid, 0.35))
    gleams = line(
        "".join(d("M", dice.between(40, 740), "402v", dice.between(18, 40)) for _ in range(9)),
        p.lamp,
        5,
        ' opacity=".3"',
    )
    return out + street + gleams


def castle(dice: Dice, p: Palette) -> str:
    """Towers on a hill, banners, a lit gate and a winding road."""
    x = dice.between(330, 480)

    def tower(at: float, top: float, width: float) -> str:
        teeth = "".join(
            d("M", at - width / 2 + k * width / 4.5, top, "v-9h", width / 9, "v9z")
            for k in range(5)
        )
        return f"M{n(at - width / 2)} 330V{n(top)}h{n(width)}V330z{teeth}"

    def spire(at: float, top: float, width: float) -> str:
        return polygon(
            (at - width / 2 - 4, top), (at, top - width * 1.5), (at + width / 2 + 4, top)
        )

    high = dice.between(110, 140)
    flag = d("M", x, high - 96, "l34 9l-34 11z")
    body = (
        tower(x, high, 50) + tower(x - 78, high + 62, 40) + tower(x + 84, high + 40, 44)
        + tower(x + 3, high + 118, 190)
    )  # fmt: skip
    roofs = spire(x, high, 50) + spire(x + 84, high + 40, 44)
    return (
        path(ridge(dice, 320, 120, 8, sharp=True), p.far)
        + path(
            d(
                "M0 450V370Q",
                x - 190,
                "366",
                x - 120,
                "316H",
                x + 130,
                "Q",
                x + 210,
                "366 800 352V450z",
            ),
            p.mid,
        )
        + path(body, p.near)
        + path(roofs, mix(p.mid, p.near, 0.5))
        + line(d("M", x, high - 72, "v-26"), p.near, 3)
        + path(flag, p.lamp)
        + path(d("M", x - 14, "328v-22a14 14 0 0 1 28 0v22z"), p.lamp)
        + windows(dice, (x - 20, high + 16, 40, 80), 3, p.lamp)
        + path(
            d(
                "M",
                x - 12,
                "328Q",
                x + 90,
                "360",
                x - 60,
                "396T",
                x - 150,
                "450h170Q",
                x + 60,
                "392",
                x + 60,
                "366T",
                x + 14,
                "328z",
            ),
            mix(p.mid, p.low, 0.3),
        )
        + path(ridge(dice, 434, 34, 6, sharp=False), p.near)
    )


def stars(dice: Dice, p: Palette) -> str:
    """A ringed planet, a ring station, a grey horizon."""
    x, y, r = dice.between(190, 610), dice.between(150, 190), dice.between(80, 118)
    tilt = n(dice.between(-28, 28))
    ring = f' transform="rotate({tilt} {n(x)} {n(y)})"'
    back = d("M", x - r * 1.9, y, "a", r * 1.9, r * 0.42, "0 0 1", r * 3.8, "0")
    front = d("M", x - r * 1.9, y, "a", r * 1.9, r * 0.42, "0 0 0", r * 3.8, "0")
    sx = dice.between(80, 160) if x > 400 else dice.between(640, 720)
    sy = dice.between(110, 220)
    station = (
        ellipse(sx, sy, 44, 15, "none", f' stroke="{p.orb}" stroke-width="5"')
        + line(d("M", sx, sy - 30, "v60M", sx - 44, sy, "h88"), p.orb, 3)
        + circle(sx, sy, 7, p.lamp)
    )
    craters = "".join(
        ellipse(
            dice.between(60, 740),
            dice.between(400, 436),
            dice.between(16, 46),
            6,
            mix(p.near, p.mid, 0.5),
        )
        for _ in range(6)
    )
    return (
        scatter(dice, 22, (0, 0, WIDTH, 340), p.orb)
        + line(back, p.lamp, 9, ring + ' opacity=".55"')
        + circle(x, y, r, "url(#p)")
        + line(front, p.lamp, 9, ring + ' opacity=".85"')
        + station
        + path(ridge(dice, 366, 60, 8, sharp=True), p.mid)
        + path(ridge(dice, 400, 26, 5, sharp=False), p.near)
        + craters
    )


def house(dice: Dice, p: Palette) -> str:
    """A tall old house on a rise between bare trees, windows lit."""
    x = dice.between(320, 480)
    tower = dice.pick((-1, 1))
    t = x + tower * 92
    body = (
        polygon((x - 110, 350), (x - 110, 226), (x + 110, 226), (x + 110, 350))
        + polygon((x - 126, 230), (x - 62, 158), (x + 62, 158), (x + 126, 230))
        + polygon((t - 32, 350), (t - 32, 164), (t + 32, 164), (t + 32, 350))
        + polygon((t - 40, 166), (t, 92), (t + 40, 166))
        + polygon((x - 44, 190), (x - 44, 132), (x - 26, 132), (x - 26, 190))
    )
    panes = "".join(
        f"M{n(x + dx)} {y}h18v30h-18z" for dx in (-88, -48, 26, 66) for y in (244, 298)
        if dice.unit() < 0.75
    ) + d("M", t - 8, "194h16v26h-16z")  # fmt: skip
    trees = "".join(
        d("M", at, "400l", lean, "-120m", -lean * 0.4, "52l-36 -44m44 14l34 -52m-40 82l-52 -30")
        for at, lean in (
            (dice.between(60, 150), dice.between(-16, 16)),
            (dice.between(650, 740), dice.between(-16, 16)),
        )
    )  # fmt: skip
    return (
        path(ridge(dice, 330, 90, 6, sharp=False), p.far)
        + line(trees, p.mid, 6)
        + path(d("M0 450V400Q", x, "300 800 392V450z"), p.mid)
        + path(body, p.near)
        + path(panes, p.lamp)
        + path(d("M", x - 14, "350v-34a14 14 0 0 1 28 0v34z"), mix(p.lamp, p.near, 0.2))
        + path(
            d(
                "M",
                x - 14,
                "349h28Q",
                x + 40,
                "400",
                x + 120,
                "450h-230Q",
                x - 30,
                "400",
                x - 14,
                "349z",
            ),
            mix(p.mid, p.low, 0.35),
        )
        + path(ridge(dice, 440, 26, 7, sharp=False), p.near)
    )


def works(dice: Dice, p: Palette) -> str:
    """Great gears and an airship above chimneys and rails."""

    def gear(x: float, y: float, r: float, fill: str) -> str:
        turn = n(dice.between(0, 40))
        spokes = d("M", x - r, y, "h", 2 * r, "M", x, y - r, "v", 2 * r)
        return (
            f'<g fill="none" stroke="{fill}" transform="rotate({turn} {n(x)} {n(y)})">'
            f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(r)}" stroke-width="{n(r * 0.26)}"/>'
            f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(r * 1.16)}" stroke-width="{n(r * 0.2)}" '
            f'stroke-dasharray="{n(r * 0.3)} {n(r * 0.3)}"/>'
            f'<path d="{spokes}" '
            f'stroke-width="{n(r * 0.14)}"/></g>'
        )

    left = dice.unit() < 0.5
    gx, ax = (
        (dice.between(120, 200), dice.between(520, 620))
        if left
        else (dice.between(600, 680), dice.between(190, 290))
    )
    ay = dice.between(110, 150)
    airship = (
        ellipse(ax, ay, 104, 34, p.mid)
        + ellipse(ax, ay, 104, 12, p.lamp, ' opacity=".35"')
        + path(d("M", ax - 92, ay, "l-26 -24v48zM", ax - 26, ay + 38, "h52l-10 14h-32z"), p.near)
    )
    chimneys = "".join(
        d("M", x, "380L", x + 5, 380 - h, "h22L", x + 32, "380z")
        for x, h in (
            (dice.between(240, 300), 130),
            (dice.between(380, 430), 170),
            (dice.between(480, 540), 110),
        )
    )
    return (
        path(ridge(dice, 330, 60, 8, sharp=False), p.far)
        + gear(gx, 300, 92, mix(p.mid, p.low, 0.15))
        + gear(gx + (122 if left else -122), 362, 52, mix(p.mid, p.near, 0.4))
        + airship
        + path(
            chimneys + "M200 450V376l60 -22v22l60 -22v22l60 -22v22l60 -22v22l60 -22V450z", p.near
        )
        + windows(dice, (220, 390, 260, 50), 7, p.lamp)
        + rect(0, 420, WIDTH, 30, p.near)
        + line("M0 428H800M0 442H800", mix(p.mid, p.low, 0.4), 2)
    )


def village(dice: Dice, p: Palette) -> str:
    """Cottages between round trees, fields, a windmill on the hill."""
    m = dice.between(110, 200) if dice.unit() < 0.5 else dice.between(600, 690)
    turn = round(dice.between(10, 80))
    sails = "".join(
        path(
            d("M", m, "196l-7 -84h14z"), p.orb, f' transform="rotate({turn + at * 90} {n(m)} 196)"'
        )
        for at in range(4)
    )
    homes = lamps = ""
    for at in range(4):
        x, foot = 190 + at * 118 + dice.between(-26, 26), dice.between(372, 396)
        wide, tall = dice.between(60, 84), dice.between(34, 48)
        homes += polygon(
            (x, foot),
            (x, foot - tall),
            (x - 9, foot - tall),
            (x + wide / 2, foot - tall - 40),
            (x + wide + 9, foot - tall),
            (x + wide, foot - tall),
            (x + wide, foot),
        )
        lamps += d(
            "M",
            x + wide * 0.2,
            foot - tall + 10,
            "h12v13h-12zM",
            x + wide * 0.6,
            foot - tall + 10,
            "h12v13h-12z",
        )
    trees = "".join(
        circle(
            dice.between(20, 780),
            dice.between(362, 378),
            dice.between(18, 32),
            mix(p.mid, p.near, 0.45),
        )
        for _ in range(8)
    )
    return (
        path(ridge(dice, 310, 80, 5, sharp=False), p.far)
        + path(polygon((m - 17, 310), (m - 11, 190), (m + 11, 190), (m + 17, 310)), p.near)
        + sails
        + path(ridge(dice, 340, 50, 4, sharp=False), mix(p.far, p.mid, 0.6))
        + trees
        + path(ridge(dice, 384, 24, 4, sharp=False), p.mid)
        + path(homes, p.near)
        + path(lamps, p.lamp)
        + path(ridge(dice, 430, 26, 5, sharp=False), p.near)
    )
