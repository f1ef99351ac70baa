"""Whether somebody tries to get at the brain: its texts, its rules, or who runs it.

This is for good manners alone. What an answer is made of is decided elsewhere, so an attempt that is not
found here gets no more than any other question does.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from conjure.providers.brain.builtin.text import folded

# Said by nobody who talks to a character. Beginnings of words.
_STRONG: Final = (
    *(
        "prompt",
        "systemprompt",
        "preprompt",
        "jailbreak",
        "base64",
        "rot13",
        "verbatim",
        "json",
        "yaml",
    ),
    *(
        "markdown",
        "openai",
        "chatgpt",
        "gpt",
        "llm",
        "password",
        "passwort",
        "kennwort",
        "contrasen",
        "passphrase",
    ),
    *("systemnachricht", "systemanweisung", "sprachmodell", "hexadecim", "ascii"),
    *("chatbot", "acrosti", "akrosti", "backstor"),
)
# What the brain is called, where it is asked for.
_WEAK: Final = (
    *(
        "instruction",
        "instruktion",
        "anweisung",
        "vorgab",
        "consigne",
        "instruccion",
        "istruzion",
        "instruc",
    ),
    *(
        "lore",
        "guideline",
        "richtlinie",
        "directive",
        "directri",
        "direttiv",
        "diretri",
        "config",
        "konfig",
    ),
    *(
        "persona",
        "hintergrundgeschichte",
        "rule",
        "regel",
        "regle",
        "regla",
        "regol",
        "regra",
        "programm",
        "program",
    ),
    *(
        "script",
        "skript",
        "guion",
        "copione",
        "roteiro",
        "context",
        "kontext",
        "contest",
        "definition",
        "definiz",
    ),
    *(
        "definic",
        "beschreibung",
        "description",
        "descripcion",
        "descrizion",
        "descricao",
        "example",
        "beispiel",
    ),
    *(
        "exemple",
        "ejemplo",
        "esempi",
        "exemplo",
        "secret",
        "geheim",
        "segret",
        "segred",
        "senha",
        "training",
        "brain",
    ),
    *(
        "gehirn",
        "cerveau",
        "cerebro",
        "cervell",
        "system",
        "sistema",
        "systeme",
        "developer",
        "entwickler",
        "admin",
    ),
    *(
        "developpeur",
        "desarrollador",
        "sviluppatore",
        "desenvolvedor",
        "debug",
        "hidden",
        "verborgen",
        "cache",
    ),
    *(
        "oculto",
        "nascost",
        "escondid",
        "creator",
        "setup",
        "notes",
        "notizen",
        "sheet",
        "knowledge",
        "wissen",
    ),
    *(
        "message",
        "nachricht",
        "mensaje",
        "messaggio",
        "mensagem",
        "text",
        "texto",
        "testo",
        "texte",
        "filter",
        "code",
    ),
)
# What is done to it.
_REVEAL: Final = (
    *(
        "repeat",
        "reveal",
        "print",
        "output",
        "recite",
        "dump",
        "spell",
        "translat",
        "summar",
        "quote",
        "copy",
        "paste",
    ),
    *(
        "encode",
        "list",
        "reproduc",
        "ignor",
        "disregard",
        "forget",
        "overrid",
        "bypass",
        "echo",
        "leak",
        "expos",
    ),
    *(
        "complete",
        "display",
        "paraphras",
        "rewrite",
        "convert",
        "read",
        "show",
        "share",
        "disclose",
        "write",
    ),
    *(
        "wiederhol",
        "verrat",
        "zeig",
        "gib",
        "druck",
        "ausgeb",
        "ubersetz",
        "buchstabier",
        "zitier",
        "missacht",
    ),
    *(
        "vergiss",
        "fass",
        "nenn",
        "schreib",
        "lies",
        "umschreib",
        "repet",
        "revel",
        "affich",
        "imprim",
        "tradui",
    ),
    *(
        "epell",
        "epel",
        "cite",
        "oubli",
        "resum",
        "donne",
        "ecri",
        "recit",
        "montr",
        "repit",
        "muestr",
        "traduc",
    ),
    *(
        "deletre",
        "cita",
        "olvid",
        "escrib",
        "dime",
        "ripet",
        "rivel",
        "mostra",
        "stamp",
        "compit",
        "dimentic",
    ),
    *(
        "riassum",
        "scriv",
        "traduz",
        "soletr",
        "esquec",
        "escrev",
        "mostre",
        "diga",
        "liste",
        "elenc",
        "enumer",
    ),
    *(
        "what",
        "was",
        "quel",
        "quelle",
        "quelles",
        "quels",
        "cual",
        "cuales",
        "quali",
        "qual",
        "quais",
        "que",
    ),
)
_YOURS: Final = frozenset(
    "your yours dein deine deinen deinem deiner deines ihr ihre ihren ton ta tes votre vos tu tus su sus tuo tua tuoi "
    "tue vostro teu tua teus tuas seu sua seus suas previous prior above earlier initial original all vorherigen "
    "vorigen obigen bisherigen precedent precedents precedentes anteriores previas precedenti anterior alle toutes "
    "todas tutte".split()
)
_PHRASES: Final = tuple(
    tuple(folded(way))
    for way in """
    ignore all previous|ignore previous|ignore everything|ignore the above|disregard all|forget everything
    everything above|text above|words above|above this line|start of this conversation|beginning of the conversation
    first letter|first letters|first word|last word|every second word|one word at a time|word for word|letter by letter
    word by word|in reverse|backwards|complete the sentence|finish the sentence|fill in the blank|continue the text
    continue the sentence|what were you told|what have you been told|who wrote you|who created you|who made you
    who programmed you|are you a bot|are you an ai|are you a machine|are you a robot|are you human|are you real
    language model|break character|out of character|stop pretending|act as|pretend to be|pretend you are|pretend that you
    role play as|roleplay as|you are now|from now on|new instructions|true or false|yes or no|developer mode|god mode
    opposite day|grandmother used to|for a test|i am your developer|i am your creator|i am the developer|as an ai
    do anything now|in pig latin|what are you not allowed|what must you never|what are you hiding|end of prompt
    vergiss alles|ignoriere alles|alles oben|text oben|ersten buchstaben|erster buchstabe|wort für wort|wort nach dem anderen
    rückwärts|vervollständige den satz|vervollständige|ergänze den satz|wer hat dich geschrieben
    wer hat dich programmiert|wer hat dich gemacht|was wurde dir gesagt|was hat man dir gesagt|bist du eine ki
    bist du ein bot|bist du eine maschine|bist du ein mensch|bist du echt|tu so als|spiel die rolle|fall aus der rolle
    ab jetzt bist du|von jetzt an|du bist jetzt|ja oder nein|wahr oder falsch|was darfst du nicht|was verbirgst du
    oublie tout|ignore tout|texte ci dessus|tout ce qui précède|première lettre|premières lettres|mot à mot|mot pour mot
    à l envers|complète la phrase|termine la phrase|qui t a écrit|qui t a créé|qui t a programmé|qu est ce qu on t a dit
    es tu une ia|es tu un robot|es tu humain|es tu une machine|es tu réel|fais comme si|joue le rôle|sors de ton rôle
    à partir de maintenant|tu es maintenant|désormais tu es|oui ou non|vrai ou faux|que caches tu|que dois tu taire
    olvida todo|ignora todo|texto anterior|todo lo anterior|texto de arriba|primera letra|primeras letras
    palabra por palabra|al revés|completa la frase|termina la frase|quién te escribió|quién te creó|quién te programó
    qué te dijeron|eres una ia|eres un robot|eres humano|eres una máquina|eres real|finge que|finge ser|actúa como
    sal de tu papel|a partir de ahora|ahora eres|sí o no|verdadero o falso|qué escondes|qué no puedes decir
    dimentica tutto|ignora tutto|testo sopra|testo precedente|prima lettera|prime lettere|parola per parola|al contrario
    completa la frase|finisci la frase|chi ti ha scritto|chi ti ha creato|chi ti ha programmato|cosa ti hanno detto
    sei una ia|sei un ia|sei un robot|sei umano|sei una macchina|sei reale|fai finta|fingi di|comportati come
    esci dal personaggio|d ora in poi|da ora in poi|adesso sei|ora sei|sì o no|vero o falso|cosa nascondi
    esqueça tudo|esquece tudo|ignore tudo|ignora tudo|texto acima|tudo acima|primeira letra|primeiras letras
    palavra por palavra|de trás para|ao contrário|complete a frase|completa a frase|termine a frase|quem te escreveu
    quem te criou|quem criou você|quem te programou|o que te disseram|o que lhe disseram|és uma ia|você é uma ia
    você é um robô|és um robô|você é humano|finja que|finja ser|faz de conta|aja como|saia do personagem
    a partir de agora|agora você é|sim ou não|verdadeiro ou falso|o que você esconde|o que escondes
    """.replace("\n", "|").split("|")
    if way.strip()
)
_BY_FIRST_WORD: Final = {
    first: tuple(phrase for phrase in _PHRASES if phrase[0] == first)
    for first in {phrase[0] for phrase in _PHRASES}
}
# Written together, these are found where words are taken apart or turned round.
_GLUED: Final = (
    *(
        "systemprompt",
        "yourprompt",
        "ignoreall",
        "ignoreprevious",
        "instructions",
        "anweisungen",
        "systemnachricht",
    ),
    *(
        "deinprompt",
        "instruccion",
        "istruzion",
        "instrucoes",
        "password",
        "passwort",
        "motdepasse",
        "contrasena",
    ),
    *("revealyour", "repeatyour", "yourpersona", "yourlore", "systemmessage"),
)
_BACKWARDS: Final = tuple(glued[::-1] for glued in _GLUED)
_LEET: Final = str.maketrans("013457@$!|€", "oieastasiie")
_LEETED: Final = re.compile(r"[a-z][013457@$!|€]|[013457@$!|€][a-z]", re.IGNORECASE)
_BLOB: Final = re.compile(r"[A-Za-z0-9+/_-]{16,400}={0,2}")
_HEX: Final = re.compile(r"\A(?:[0-9a-fA-F]{2}){8,}\Z")


def asks_for_brain(text: str, words: list[str]) -> bool:
    """Whether a visible text, and its folded words, look like it."""
    if _is_attempt(words):
        return True
    if _LEETED.search(text) and _is_attempt(folded(text.translate(_LEET))):
        return True
    glued = "".join(words)
    if any(word in glued for word in _GLUED) or any(word in glued for word in _BACKWARDS):
        return True
    return any(_is_coded(blob) for blob in _BLOB.findall(text)[:8])


def _is_attempt(words: list[str]) -> bool:
    weak, reveal, yours = False, False, False
    for word in words:
        if word.startswith(_STRONG):
            return True
        weak = weak or word.startswith(_WEAK)
        reveal = reveal or word.startswith(_REVEAL)
        yours = yours or word in _YOURS
    if weak and yours and (reveal or len(words) < 8):
        return True
    return any(
        tuple(words[start : start + len(phrase)]) == phrase
        for start, word in enumerate(words)
        for phrase in _BY_FIRST_WORD.get(word, ())
    )


def _is_coded(blob: str) -> bool:
    """Whether letters are a code for other letters: base64 or hexadecimal."""
    try:
        if _HEX.match(blob):
            decoded = bytes.fromhex(blob)
        else:
            body = blob.rstrip("=").replace("-", "+").replace("_", "/")
            decoded = base64.b64decode(body[: len(body) // 4 * 4], validate=True)
    except (ValueError, binascii.Error):
        return False
    letters = sum(1 for byte in decoded if byte == 32 or 65 <= byte <= 122)
    return letters >= 0.9 * len(decoded)
