"""Places, as characters say in each language that they are there."""

from __future__ import annotations

from typing import Final

# Beginnings of words of all six languages, and the place in English, German, French, Spanish, Italian, Portuguese.
_PLACES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        "lighthouse leuchtturm phare faro farol",
        ("at the lighthouse", "am Leuchtturm", "au phare", "en el faro", "al faro", "no farol"),
    ),
    (
        "harbour harbor hafen port puerto porto dock",
        ("at the harbour", "am Hafen", "au port", "en el puerto", "al porto", "no porto"),
    ),
    (
        "forest woods wald foret bosque bosco floresta",
        ("in the forest", "im Wald", "dans la forêt", "en el bosque", "nel bosco", "na floresta"),
    ),
    (
        "tavern inn pub taverne wirtshaus gasthaus auberge taberna posada locanda",
        (
            "in the tavern",
            "im Wirtshaus",
            "à l'auberge",
            "en la posada",
            "alla locanda",
            "na taberna",
        ),
    ),
    (
        "library bibliothek bibliotheque biblioteca",
        (
            "in the library",
            "in der Bibliothek",
            "à la bibliothèque",
            "en la biblioteca",
            "in biblioteca",
            "na biblioteca",
        ),
    ),
    (
        "kitchen kuche cuisine cocina cucina cozinha",
        (
            "in the kitchen",
            "in der Küche",
            "à la cuisine",
            "en la cocina",
            "in cucina",
            "na cozinha",
        ),
    ),
    (
        "garden garten jardin giardino jardim",
        ("in the garden", "im Garten", "au jardin", "en el jardín", "in giardino", "no jardim"),
    ),
    (
        "castle schloss burg chateau castillo castello castelo",
        (
            "in the castle",
            "im Schloss",
            "au château",
            "en el castillo",
            "al castello",
            "no castelo",
        ),
    ),
    (
        "ship schiff navire bateau barco nave navio vessel",
        ("on the ship", "auf dem Schiff", "sur le navire", "en el barco", "sulla nave", "no navio"),
    ),
    (
        "village dorf pueblo villaggio aldeia paese",
        ("in the village", "im Dorf", "au village", "en el pueblo", "nel villaggio", "na aldeia"),
    ),
    (
        "market markt marche mercado mercato",
        (
            "at the market",
            "auf dem Markt",
            "au marché",
            "en el mercado",
            "al mercato",
            "no mercado",
        ),
    ),
    (
        "museum musee museo museu",
        ("in the museum", "im Museum", "au musée", "en el museo", "al museo", "no museu"),
    ),
    (
        "cafe kaffeehaus caffe",
        ("in the café", "im Café", "au café", "en el café", "al caffè", "no café"),
    ),
    (
        "school schule ecole escuela scuola escola classroom",
        ("at school", "in der Schule", "à l'école", "en la escuela", "a scuola", "na escola"),
    ),
    (
        "workshop werkstatt atelier taller officina oficina forge schmiede",
        (
            "in the workshop",
            "in der Werkstatt",
            "à l'atelier",
            "en el taller",
            "in officina",
            "na oficina",
        ),
    ),
    (
        "beach shore strand plage playa spiaggia praia",
        ("on the beach", "am Strand", "sur la plage", "en la playa", "sulla spiaggia", "na praia"),
    ),
    (
        "mountain berg montagne montana montagna montanha",
        (
            "in the mountains",
            "in den Bergen",
            "à la montagne",
            "en la montaña",
            "in montagna",
            "na montanha",
        ),
    ),
    (
        "station bahnhof gare estacion stazione estacao",
        (
            "at the station",
            "am Bahnhof",
            "à la gare",
            "en la estación",
            "alla stazione",
            "na estação",
        ),
    ),
    (
        "shop store laden boutique tienda negozio loja",
        ("in the shop", "im Laden", "à la boutique", "en la tienda", "nel negozio", "na loja"),
    ),
    (
        "temple church kirche tempel eglise iglesia chiesa igreja monastery kloster",
        ("at the temple", "im Tempel", "au temple", "en el templo", "nel tempio", "no templo"),
    ),
    (
        "tower turm tour torre",
        ("in the tower", "im Turm", "dans la tour", "en la torre", "nella torre", "na torre"),
    ),
    (
        "island insel isla isola ilha",
        ("on the island", "auf der Insel", "sur l'île", "en la isla", "sull'isola", "na ilha"),
    ),
    (
        "house haus maison casa",
        ("in the house", "im Haus", "à la maison", "en la casa", "in casa", "em casa"),
    ),
    (
        "city stadt ville ciudad citta cidade town",
        ("in town", "in der Stadt", "en ville", "en la ciudad", "in città", "na cidade"),
    ),
)
_CODES: Final = ("en", "de", "fr", "es", "it", "pt")
_KNOWN: Final = {word: phrases for words, phrases in _PLACES for word in words.split()}
_GALLERIES: Final = frozenset("gallery galerie galeria galleria".split())
"""A museum where nothing else is named; lighthouses and houses have them too."""


def place_of(words: list[str]) -> dict[str, str] | None:
    """The first place among folded words, as it is said in each language."""
    for word in words:
        phrases = _KNOWN.get(word) or (_KNOWN.get(word[:-1]) if word.endswith("s") else None)
        if phrases is not None:
            return dict(zip(_CODES, phrases, strict=True))
    if _GALLERIES.isdisjoint(words):
        return None
    return dict(zip(_CODES, _KNOWN["museum"], strict=True))
