"""What is made of the player's sources."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conjure.player.files import player_files, player_files_of

SOURCES = {
    "embed.html": b"<!-- not sent -->\n<title>$frame$runtime</title>$reload$base$preloads",
    "embed.core.js": b"export function embedOf(here) {\n  return { createEmbed() {}, mount() {} };\n}\n",
    "reload.js": b"// reload ${x}",
    "types.js": b"// types",
    "player.js": b"import './more.js';",
    "more.js": b"export {};",
    "player.css": b":root {}",
    "player.js~": b"an editor's",
    ".more.js": b"a system's",
}


def test_what_is_served():
    files = player_files_of(SOURCES)
    assert list(files.served) == ["more.js", "player.css", "player.js"]
    assert files.modules == ("more.js", "player.js")
    assert files.served["player.css"].media_type == "text/css; charset=utf-8"
    assert "not sent" not in files.shell
    assert re.fullmatch(r"[0-9a-f]{16}", files.release)


@pytest.mark.parametrize(
    "other",
    [
        {"player.js": b"import './more.js'; "},
        {"another.js": b""},
        {"more.js": SOURCES["player.js"], "player.js": SOURCES["more.js"]},
    ],
)
def test_a_release_is_of_all_that_is_served(other):
    release = player_files_of(SOURCES).release
    assert player_files_of(SOURCES | other).release != release
    assert player_files_of(dict(reversed(SOURCES.items()))).release == release


def test_one_source_becomes_a_module_and_a_script():
    files = player_files_of(SOURCES)
    module, script = files.embed_module.content.decode(), files.embed_script.content.decode()
    assert "export function embedOf(here)" in module
    assert "\nexport const { createEmbed, mount } = embedOf(import.meta.url);" in module
    assert "\nfunction embedOf(here)" in script
    assert "globalThis.Alakazam" in script
    for word in ("export", "import"):
        assert not re.search(rf"\b{word}\b", script)
    assert files.embed_module.etag != files.embed_script.etag


@pytest.mark.parametrize(
    "line",
    [
        b"import './x.js';\n",
        b"export default 1;\n",
        b"export { x };\n",
        b"const u = import.meta.url;\n",
    ],
)
def test_what_no_script_can_have_is_refused_at_the_start(line):
    with pytest.raises(ValueError, match="becomes a script too"):
        player_files_of(SOURCES | {"embed.core.js": SOURCES["embed.core.js"] + line})


@pytest.mark.parametrize("text", [b"'</script>'", b"'</SCRIPT '", b"'<!--'"])
def test_what_would_end_the_script_in_the_page_is_refused_at_the_start(text):
    with pytest.raises(ValueError, match="stands in a page"):
        player_files_of(SOURCES | {"reload.js": text})


def test_the_packages_own_files_import_only_what_is_served():
    files = player_files()
    for name in files.modules:
        text = files.served[name].content.decode()
        for imported in re.findall(
            r"""^\s*(?:import|export)\b[^;]*?["'](\./[^"']+)["']""", text, re.MULTILINE
        ):
            assert imported.removeprefix("./") in files.served, (name, imported)


def test_a_wheel_has_them(tmp_path):
    root = Path(__file__).parents[3]
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    folder = "conjure/player/web/"
    with zipfile.ZipFile(wheel) as packed:
        names = [name for name in packed.namelist() if name.startswith(folder)]
        sources = {name.removeprefix(folder): packed.read(name) for name in names}
    assert player_files_of(sources) == player_files()


def test_comments_on_lines_of_their_own_and_indentation_are_not_sent():
    written = b"""// @ts-check
/**
 * What it is for. */
export const url = "https://a.example/*"; // kept
  /* one */
/* two */ const kept = 1;
  // three */
  if (kept)
\t  more();
const path = "/**/";
/***/"""
    sent = player_files_of(SOURCES | {"more.js": written}).served["more.js"].content
    assert sent == (
        b'export const url = "https://a.example/*"; // kept\n'
        b'/* two */ const kept = 1;\nif (kept)\nmore();\nconst path = "/**/";\n'
    )


def test_no_text_of_a_source_goes_over_several_lines():
    """Then no line that looks like a comment is a part of a text."""
    for name, file in player_files().served.items():
        for line in file.content.decode().splitlines():
            assert line.count("`") % 2 == 0, (name, line)


def test_the_player_is_small():
    """What a browser loads, as it is sent: each file compressed by itself."""
    sizes = {name: len(gzip.compress(file.content)) for name, file in player_files().served.items()}
    assert sum(sizes.values()) < 60_000, sizes
