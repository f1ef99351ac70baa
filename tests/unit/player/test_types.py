"""The player's JavaScript says of what types it is, and a strict compiler finds nothing wrong."""

from __future__ import annotations

from support.node import WEB, type_errors


def test_every_file_is_checked():
    """Whatever the compiler is told, a file may ask it to look away."""
    for file in sorted(WEB.glob("*.js")):
        source = file.read_text(encoding="utf-8")
        assert source.startswith("// @ts-check\n"), file.name
        for word in ("@ts-ignore", "@ts-nocheck", "@ts-expect-error"):
            assert word not in source, (file.name, word)


def test_the_compiler_finds_nothing_but_what_is_wrong(tmp_path):
    """One wrong file beside them all: that they are looked at shows by what is said of it."""
    wrong = tmp_path / "wrong.js"
    wrong.write_text("// @ts-check\nexport const half = (text) => text / 2;\n")
    (told,) = type_errors(*sorted(WEB.glob("*.js")), wrong).splitlines()
    assert "wrong.js(2,22): error TS7006" in told
