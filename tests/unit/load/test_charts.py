"""Pages of results: blocks that programs write, tables in them, and the charts drawn from those."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from load import plot
from support.chaos import results as chaos
from support.chart import Bar, bar_chart
from support.results import bar, block, number, tables, with_block

PAGE = """\
# What was measured

<!-- connect:begin -->
Over REST.

| what | connections | workers | req/s | server µs | Envoy µs | store µs |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| connect, known | 16 | 1 | 2,334 | 385 (380-401) | 205 (200-210) | 85 (80-90) |
| peer connect | 64 | 1 | 2,439 | 410 (405-420) |  | 63 (60-70) |
<!-- connect:end -->

<!-- workers:begin -->
| what | connections | workers | req/s | server µs | Envoy µs | store µs |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| connect, known | 16 | 1 | 2,334 | 385 | 205 | 85 |
| connect, known | 16 | 2 | 2,233 | 470 | 210 | 109 |
<!-- workers:end -->

<!-- transport:begin -->
<!-- transport:end -->

<!-- gzip:begin -->
<!-- gzip:end -->

<!-- grpc:begin -->
<!-- grpc:end -->

<!-- entrance:begin -->
<!-- entrance:end -->

<!-- others:begin -->
<!-- others:end -->

<!-- targets:begin -->
| target (CPU per request) | connections | compared with | measured | turns | at most |  |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| connect | 16 | the peer | 0.40 | 0.38-0.41 | 0.8 | met |
| kernel |  | a small one | 1.30 |  | 1.3 | met |
| mint | 16 | the peer |  |  | 0.8 | not measured |
<!-- targets:end -->

<!-- fairness:begin -->
| neighbour beside one caller | p99 ms | times idle | at most |  |
| --- | ---: | ---: | ---: | ---: |
| connect beside imports | 8.0 | 2.00 | 4 | met |
| connect beside lints | 20.0 | 5.00 | 4 | NOT met |
<!-- fairness:end -->

<!-- scale:begin -->
<!-- scale:end -->
"""
SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str) -> tuple[list[str], list[float]]:
    """The texts of a chart, and the widths of its bars."""
    root = ET.fromstring(svg)
    texts = [text.text or "" for text in root.iter(f"{SVG}text")]
    bars = [rect for rect in root.iter(f"{SVG}rect") if rect.get("height") == "15"]
    return texts, [float(rect.get("width", "0")) for rect in bars]


def test_bars_are_as_long_as_their_values():
    """Parts of one bar stand behind each other; names are text, not markup."""
    texts, widths = drawn(
        bar_chart("A <title>", "µs", [Bar("a & b", {"x": 1, "y": 3}), Bar("c", {"x": 2})])
    )
    assert texts == ["A <title>", "µs", "x", "y", "a & b", "4", "c", "2"]
    assert widths[1] == pytest.approx(3 * widths[0], abs=0.2)
    assert widths[2] == pytest.approx(2 * widths[0], abs=0.2)


def test_a_line_marks_the_limit_also_beyond_all_bars():
    """A chart of targets that are all met still shows where the limit is."""
    svg = bar_chart("Targets", "ratio", [Bar("a", {"": 0.5})], mark=1, places=2)
    root = ET.fromstring(svg)
    line, bars = root.find(f"{SVG}line"), list(root.iter(f"{SVG}rect"))[1:]
    assert line is not None
    begin, width = (float(bars[0].get(name, "")) for name in ("x", "width"))
    assert float(line.get("x1", "")) - begin == pytest.approx(2 * width, abs=0.2)
    assert "0.50" in drawn(svg)[0]


@pytest.mark.parametrize("bars", [[], [Bar("a", {})], [Bar("a", {"x": 0})]])
def test_nothing_to_draw_is_an_error(bars):
    """An empty picture would look like a result."""
    with pytest.raises(ValueError, match="nothing to draw"):
        bar_chart("Empty", "µs", bars)


def test_a_block_is_replaced_and_nothing_else():
    """Prose is broken to the width of a page, tables are not."""
    table = "| what |\n| --- |\n| " + "x" * 150 + " |"
    page = with_block(PAGE, "scale", f"{'word ' * 40}\n\n{table}")
    written = block(page, "scale")
    assert written.endswith(table)
    assert max(len(line) for line in written.splitlines() if line[:1] != "|") <= 116
    assert with_block(page, "scale", "") == with_block(PAGE, "scale", "")
    assert page.startswith(PAGE[: PAGE.index("<!-- scale:begin -->")])


@pytest.mark.parametrize(
    "page", ["", "<!-- a:begin -->", "<!-- a:end --><!-- a:begin -->", "<!-- a:begin -->" * 2]
)
def test_a_page_without_the_block_is_an_error(page):
    """Results that go nowhere would be lost in silence."""
    with pytest.raises(ValueError, match="no block"):
        block(page, "a")


def test_cells_are_read_as_people_write_them():
    """Thousands, several counts, none at all."""
    assert [number(cell) for cell in ("2,334", "0.94", "503: 12, 504: 3", "none", "")] == [
        2334, 0.94, 503, 0, 0,
    ]  # fmt: skip


def test_the_columns_of_a_row_become_the_parts_of_a_bar():
    """A process that a row does not have has no part."""
    first, *_ = tables(PAGE)
    found = bar(first[1], "what", {"server µs": "server", "Envoy µs": "Envoy"})
    assert (found.name, found.parts) == ("peer connect", {"server": 410, "Envoy": 0})


def test_each_section_of_the_load_has_a_chart():
    """A bar for each row, told apart by what tells rows apart there; a section without numbers has none."""
    charts = plot.charts(PAGE)
    assert sorted(charts) == ["connect.svg", "fairness.svg", "targets.svg", "workers.svg"]
    assert drawn(charts["connect.svg"])[0][-4:] == [
        "connect, known, 16 conn.", "675", "peer connect, 64 conn.", "473",
    ]  # fmt: skip
    assert drawn(charts["workers.svg"])[0][-4:] == [
        "connect, known, 1 workers, 16 conn.", "675", "connect, known, 2 workers, 16 conn.", "789",
    ]  # fmt: skip
    assert drawn(charts["fairness.svg"])[0][-3:] == ["2.0", "connect beside lints", "5.0"]
    assert drawn(charts["targets.svg"])[0][-4:] == ["connect, 16", "0.50", "kernel", "1.00"]


def test_a_run_is_recorded_with_its_charts(tmp_path):
    """What `make load` and `make scale` call."""
    page = tmp_path / "RESULTS.md"
    page.write_text(PAGE)
    head = "| what | server µs | Envoy µs | store µs |\n| --- | ---: | ---: | ---: |\n"
    plot.record(plot.SCALE, f"{head}| connect, 1,000,000 live sessions | 500 | 200 | 100 |", page)
    assert "1,000,000" in block(page.read_text(), "scale")
    assert block(page.read_text(), "connect") == block(PAGE, "connect")
    assert drawn((tmp_path / "scale.svg").read_text())[0][-1] == "800"


def test_faults_are_recorded_with_their_chart(tmp_path):
    """What `make chaos` calls."""
    page = tmp_path / "RESULTS.md"
    page.write_text(
        "".join(
            f"<!-- {name}:begin -->\n<!-- {name}:end -->\n" for name in ("chaos", "steps", "alerts")
        )
    )
    faults = "| fault | first success, ms |\n|---|---|\n| SIGKILL | 344 |"
    steps = "| deed | steps tried |\n|---|---|\n| a job | 45 |"
    chaos.record(faults, steps, "| fault | fires |\n|---|---|\n| a flood | LoopLags |", page)
    assert "a job" in block(page.read_text(), "steps")
    assert "a flood" in block(page.read_text(), "alerts")
    assert re.search(r"^20\d\d-.*, commit \S+: \d+ cores", block(page.read_text(), "chaos"))
    assert drawn((tmp_path / chaos.CHART).read_text())[0][-2:] == ["SIGKILL", "344"]


def test_the_charts_in_the_repository_show_the_tables_beside_them():
    """`python tests/load plot` draws those of the load again."""
    for name, svg in plot.charts(plot.RESULTS.read_text()).items():
        assert (plot.RESULTS.parent / name).read_text() == svg, name
    assert (chaos.RESULTS.parent / chaos.CHART).read_text() == chaos.chart(
        chaos.RESULTS.read_text()
    )
