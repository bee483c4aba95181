#!/usr/bin/python3
"""Draws flash and RAM of a firmware image by layer, and checks the page's
picture.

    picture.py PROGRAM.elf DRAWN.svg PAGE.svg

Writes DRAWN.svg, and prints its figures as a table. Exits non-zero if PAGE.svg
has other layers, or figures that differ by more than 2 % and more than a few
bytes, the effect of alignment. With another gcc than the page's nothing is
compared.
"""

import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

import layers

sys.path.append(str(Path(__file__).resolve().parent.parent / "bench"))
import figures  # noqa: E402

TOLERANCE, FEW = 0.02, 64
WIDTH, ROW, TOP = 720, 26, 64
COLUMNS = ((200, "flash", "#1f6feb"), (470, "RAM", "#bf8700"))
BAR = 170  # pixels of the longest bar of all
TEXT = '<text x="%d" y="%d"%s>%s</text>\n'
PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
width="{width}" height="{height}" role="img" aria-labelledby="title desc" \
font-family="sans-serif" font-size="13" fill="#1f2328">
<title id="title">Flash and RAM of the firmware image, in bytes by \
layer</title>
<desc id="desc">All told {flash:,} of flash and {ram:,} of RAM.</desc>
<rect width="{width}" height="{height}" rx="6" fill="#ffffff" \
stroke="#d0d7de"/>
{rows}</svg>
"""


def row(y, name, sizes, longest):
    yield TEXT % (16, y, "", escape(name))
    for (x, _, colour), size in zip(COLUMNS, sizes):
        width = round(BAR * size / longest)
        if size:
            yield ('<rect x="%d" y="%d" width="%d" height="14" fill="%s"/>\n'
                   % (x, y - 12, max(width, 1), colour))
        yield TEXT % (x + width + 6, y, "", "{:,}".format(size))


def draw(flash, ram):
    names = [name for name in layers.LAYERS if flash[name] or ram[name]]
    longest = max(*flash.values(), *ram.values())
    rows = [TEXT % (x, 32, ' font-weight="bold"', name + ", bytes")
            for x, name, _ in COLUMNS]
    for i, name in enumerate(names):
        rows += row(TOP + i * ROW, name, (flash[name], ram[name]), longest)
    y = TOP + len(names) * ROW
    rows += (TEXT % (x, y, ' font-weight="bold"', text) for x, text in (
        (16, "all told"), (COLUMNS[0][0], "{:,}".format(flash.total())),
        (COLUMNS[1][0], "{:,}".format(ram.total()))))
    return PICTURE.format(width=WIDTH, height=y + 20, rows="".join(rows),
                          flash=flash.total(), ram=ram.total())


def texts(picture):
    """The words of the picture, figures as numbers."""
    return [int(text.replace(",", "")) if re.fullmatch(r"[\d,]+", text)
            else text for words in re.findall(r"<(?:desc|text).*?>(.*?)</",
                                              picture)
            for text in words.split()]


def is_true(listed, drawn):
    if isinstance(listed, int) and isinstance(drawn, int):
        return abs(listed - drawn) <= max(TOLERANCE * drawn, FEW)
    return listed == drawn


def main():
    elf, drawn_path, readme_path = sys.argv[1:]
    flash, ram = layers.measure(elf)
    layers.show("firmware", flash, ram)
    picture = draw(flash, ram)
    with open(drawn_path, "w", encoding="utf-8") as file:
        file.write(picture)
    others = list(figures.other_compilers("arm-none-eabi-gcc"))
    if others:
        print("\n".join(others))
        return
    with open(readme_path, encoding="utf-8") as file:
        listed, drawn = texts(file.read()), texts(picture)
    if len(listed) != len(drawn) or not all(map(is_true, listed, drawn)):
        sys.exit("picture.py: %s is no longer true: copy %s there"
                 % (readme_path, drawn_path))


if __name__ == "__main__":
    main()
