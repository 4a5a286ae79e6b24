"""What all figures share: widths, fonts, colours, shapes, and how they are saved.

Text in SVG stays text (`svg.fonttype: none`): it can be searched, copied and read aloud, a figure
is a third of the size, and drawing costs less. The font stack names Verdana, of nearly the same
widths as DejaVu Sans, for machines that lack it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

#: Width of a journal page, in inches; all figures are as wide, for all hold a table.
PAGE_WIDTH = 174 / 25.4

NO_BREAK = "\N{NO-BREAK SPACE}"

#: Empty edge of a figure, in inches.
EDGE = 0.08

#: Dots an inch of a PNG.
DPI = 300

#: Sizes of text in points.
TITLE, BODY, SMALL = 9.0, 7.5, 6.75
#: Height of a line of text, in inches for each point.
LINE = 1.22 / 72

INK, SOFT, FAINT, BAND, DENSITY = "#000000", "#555555", "#9a9a9a", "#ececec", "#bdbdbd"
WATERMARK = "#ebe5e2"
#: Okabe and Ito (2008), in an order that also separates in grey, each with a shape of its own.
ARM_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
ARM_SHAPES = ("o", "s", "^", "D", "v", "P")
WARNING = "#A33B00"

RC: Any = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Geneva", "Arial", "sans-serif"],
    # Labels come from data: a dollar sign is a dollar sign.
    "text.parse_math": False,
    "text.usetex": False,
    # Unhinted letters are as wide at 72 dots an inch as at 300, and as the lines were broken for.
    "text.hinting": "none",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "figure.facecolor": "white",
    "path.simplify": False,
}


def arm_style(position: int) -> tuple[str, str]:
    """Colour and shape of an arm by its position."""
    return ARM_COLOURS[position % len(ARM_COLOURS)], ARM_SHAPES[position % len(ARM_SHAPES)]


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text in inches, with a little to spare for a reader's own font."""
    return 1.02 * sum(_advance(character, bold) for character in text) * size / 72


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Lines no wider than `width` inches; a word that is wider is broken.

    A number keeps its per cent sign, and that its `1RM`.
    """
    text = text.replace(" %", f"{NO_BREAK}%").replace("% 1RM", f"%{NO_BREAK}1RM")
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width_of(longer, size, bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while width_of(word, size, bold) > width and len(word) > 1:
            fits = next(
                (n for n in range(len(word) - 1, 1, -1) if width_of(word[:n], size, bold) <= width),
                1,
            )
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line or not lines else lines


@lru_cache(maxsize=4096)
def _advance(character: str, bold: bool) -> float:
    """Width of a character, as a share of the font's size."""
    from matplotlib.ft2font import LoadFlags

    glyph = _font(bold).load_char(ord(character), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / 100


@lru_cache(maxsize=2)
def _font(bold: bool) -> FT2Font:
    """The font that comes with matplotlib, so that lines break alike everywhere."""
    import matplotlib
    from matplotlib.ft2font import FT2Font

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    font = FT2Font(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name))
    font.set_size(100, 72)
    return font
