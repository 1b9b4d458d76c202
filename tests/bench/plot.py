"""Curves as an SVG: logarithmic axes, labels, light and dark pages, and a text alternative."""
import html
import math

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 76, 196, 62, 58
DASHES = ("2 5", "", "9 5")

STYLE = """
	text { font: 13px system-ui, sans-serif; fill: #1f2328 }
	.title { font-size: 16px; font-weight: 600 }
	.note { font-size: 12px }
	.grid { stroke: #d1d9e0; stroke-width: 1 }
	.axis { stroke: #59636e; stroke-width: 1.5 }
	.curve { fill: none; stroke-width: 2.5; stroke-linejoin: round }
	.c0 { stroke: #59636e } .c1 { stroke: #0550ae } .c2 { stroke: #bc4c00 }
	circle.c0 { fill: #59636e } circle.c1 { fill: #0550ae } circle.c2 { fill: #bc4c00 }
	text.c0, text.c1, text.c2 { stroke: none; font-weight: 600 }
	text.c0 { fill: #59636e } text.c1 { fill: #0550ae } text.c2 { fill: #bc4c00 }
	@media (prefers-color-scheme: dark) {
		text { fill: #e6edf3 }
		.grid { stroke: #3d444d } .axis { stroke: #9198a1 }
		.c0 { stroke: #9198a1 } .c1 { stroke: #58a6ff } .c2 { stroke: #f0883e }
		circle.c0, text.c0 { fill: #9198a1 } circle.c1, text.c1 { fill: #58a6ff } circle.c2, text.c2 { fill: #f0883e }
	}
"""


def steps(low, high):
    """1, 2 and 5 of each power of ten in the range."""
    marks = [m * 10**power for power in range(0, 8) for m in (1, 2, 5)]
    first = max([m for m in marks if m <= low], default=marks[0])
    last = min(m for m in marks if m >= high)
    return [m for m in marks if first <= m <= last]


def apart(wanted, gap=18):
    """Heights for labels near the wanted ones, without overlaps."""
    placed = []
    for index in sorted(range(len(wanted)), key=lambda i: wanted[i]):
        height = wanted[index]
        if placed:
            height = max(height, placed[-1][1] + gap)
        placed.append((index, height))
    return [height for _, height in sorted(placed)]


def curves(title, note, words, across, up, xs, ys):
    """The SVG's text; `words` are the picture for who cannot see it, `note` says below the title how it came about. `ys` is a list of
    (name, values), the values in step with xs; at most three."""
    values = [value for _, curve in ys for value in curve]
    marks = steps(min(values), max(values))

    def x_of(x):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(x / xs[0]) / math.log(xs[-1] / xs[0])

    def y_of(y):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log(y / marks[0]) / math.log(marks[-1] / marks[0])

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"'
           ' aria-labelledby="title words">',
           f'<title id="title">{html.escape(title)}</title>', f'<desc id="words">{html.escape(words)}</desc>', f"<style>{STYLE}</style>",
           f'<text class="title" x="{LEFT}" y="24">{html.escape(title)}</text>',
           f'<text class="note" x="{LEFT}" y="44">{html.escape(note)}</text>']
    for mark in marks:
        y = y_of(mark)
        out.append(f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
                   f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{mark:,}</text>')
    for x in xs:
        out.append(f'<line class="axis" x1="{x_of(x):.1f}" y1="{HEIGHT - BOTTOM}" x2="{x_of(x):.1f}" y2="{HEIGHT - BOTTOM + 5}"/>'
                   f'<text x="{x_of(x):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{x}</text>')
    out.append(f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{html.escape(across)} (logarithmic)</text>')
    middle = (TOP + HEIGHT - BOTTOM) / 2
    out.append(f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">{html.escape(up)} (logarithmic)</text>')
    labels = apart([y_of(curve[-1]) for _, curve in ys])
    for i, (name, curve) in enumerate(ys):
        points = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in zip(xs, curve))
        dash = f' stroke-dasharray="{DASHES[i]}"' if DASHES[i] else ""
        out.append(f'<polyline class="curve c{i}"{dash} points="{points}"/>')
        out += [f'<circle class="c{i}" cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3.5"/>' for x, y in zip(xs, curve)]
        out.append(f'<text class="c{i}" x="{WIDTH - RIGHT + 12}" y="{labels[i] + 4:.1f}">{html.escape(name)}</text>')
    out.append("</svg>\n")
    return "\n".join(out)
