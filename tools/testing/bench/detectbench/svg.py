# SPDX-License-Identifier: GPL-2.0
"""Plots as SVG, written by hand: axes and lines are all that is needed."""

from html import escape

WIDTH, HEIGHT = 760, 420        # the legend comes below that
LEFT, RIGHT, TOP_, BOTTOM = 70, 20, 50, 60
LEGEND_COLUMNS, LEGEND_ROW = 3, 18
COLOURS = ("#0b5394", "#cc4125", "#38761d", "#b45f06", "#674ea7", "#45818e", "#a64d79", "#7f6000")


class Plot:
    """One plot; add lines, then write it."""

    def __init__(self, title, x_title, y_title, x_range, y_range):
        self.x_range, self.y_range = x_range, y_range
        self.parts = []
        self.legend = []
        self._text(WIDTH / 2, 24, title, size=16)
        self._text(LEFT + self._inner_width() / 2, HEIGHT - 14, x_title)
        self.parts.append(f'<text x="18" y="{TOP_ + self._inner_height() / 2:.1f}" '
                          f'transform="rotate(-90 18 {TOP_ + self._inner_height() / 2:.1f})" '
                          f'text-anchor="middle" font-size="12">{escape(y_title)}</text>')

    @staticmethod
    def _inner_width():
        return WIDTH - LEFT - RIGHT

    @staticmethod
    def _inner_height():
        return HEIGHT - TOP_ - BOTTOM

    def x(self, value):
        """Where a value of the x axis is."""
        low, high = self.x_range
        return LEFT + (value - low) / (high - low) * self._inner_width()

    def y(self, value):
        """Where a value of the y axis is."""
        low, high = self.y_range
        return HEIGHT - BOTTOM - (value - low) / (high - low) * self._inner_height()

    def _text(self, x, y, text, size=12, anchor="middle"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
                          f'font-size="{size}">{escape(text)}</text>')

    def ticks(self, xs, ys):
        """Marks on the axes: (value, text) pairs."""
        for value, text in xs:
            x = self.x(value)
            self.parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP_}" '
                              f'y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>')
            self._text(x, HEIGHT - BOTTOM + 16, text)
        for value, text in ys:
            y = self.y(value)
            self.parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" '
                              f'y2="{y:.1f}" stroke="#ddd"/>')
            self._text(LEFT - 6, y + 4, text, anchor="end")

    def line(self, points, name="", dashed=False, colour=None):
        """A line through (x, y) pairs."""
        colour = colour or COLOURS[len(self.legend) % len(COLOURS)]
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" '
                          f'stroke-width="2"{dash}/>')
        if name:
            self.legend.append((name, colour, dash))

    def write(self, path):
        """All of it as a file."""
        column = (WIDTH - LEFT - RIGHT) / LEGEND_COLUMNS
        for place, (name, colour, dash) in enumerate(self.legend):
            x = LEFT + place % LEGEND_COLUMNS * column
            y = HEIGHT + 4 + place // LEGEND_COLUMNS * LEGEND_ROW
            self.parts.append(f'<line x1="{x:.1f}" x2="{x + 24:.1f}" y1="{y}" y2="{y}" '
                              f'stroke="{colour}" stroke-width="4"{dash}/>')
            self._text(x + 30, y + 4, name, size=11, anchor="start")
        height = HEIGHT + (len(self.legend) + LEGEND_COLUMNS - 1) // LEGEND_COLUMNS * LEGEND_ROW + 8
        # a sheet of its own, so that ink is dark on light whatever the page is
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" font-family="sans-serif">\n'
            f'<rect width="{WIDTH}" height="{height}" rx="6" fill="white"/>\n'
            + "\n".join(self.parts) + "\n</svg>\n", encoding="utf-8")
