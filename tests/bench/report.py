#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns a folder of tests/bench/full into Markdown tables (standard output) and plots.

usage: report.py FOLDER [TABLE ...] [--plots FOLDER]        (plots need matplotlib)
"""
import argparse
import json
import pathlib

INK, FAINT, OURS, OTHER = "#1f2430", "#c9ced8", "#2f7d5b", "#8a93a6"


def tables(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]


def markdown(table):
    rows = table.get("rows", [])
    lines = ["### " + table["title"], ""]
    if rows:
        columns = list(rows[0])
        lines += ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        lines += ["| " + " | ".join(row[c] for c in columns) + " |" for row in rows]
    return "\n".join(lines + [""] + [note + "  " for note in table.get("notes", [])]) + "\n"


def value(cell):
    return float(cell.split()[0].lstrip("x")) if cell else float("nan")


def bare(axes):
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


def bars(pyplot, path, title, names, values, unit, ours):
    """Horizontal bars on a logarithmic axis, the figure written at each end."""
    figure, axes = pyplot.subplots(figsize=(7.2, 0.9 + 0.36 * len(names)))
    colours = [OURS if mine else OTHER for mine in ours]
    axes.barh(range(len(names)), values, color=colours, height=0.66)
    for i, v in enumerate(values):
        axes.text(v * 1.06, i, f"{v:,.0f} {unit}", va="center", fontsize=8, color=INK)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(min(values) / 2, max(values) * 4)
    axes.set_xticks([])
    axes.minorticks_off()
    figure.suptitle(title + ", logarithmic", x=0.01, ha="left", fontsize=9)
    bare(axes)
    save(pyplot, figure, path)


def lines(pyplot, path, title, x_name, y_name, series, log=False):
    """series: (name, xs, ys, style)."""
    figure, axes = pyplot.subplots(figsize=(7.2, 3.4))
    for name, xs, ys, style in series:
        axes.plot(xs, ys, style, label=name, linewidth=1.6, markersize=5)
    if log:
        axes.set_yscale("log")
    axes.set_xlabel(x_name, fontsize=9)
    axes.set_ylabel(y_name, fontsize=9)
    figure.suptitle(title, x=0.01, ha="left", fontsize=9)
    axes.legend(fontsize=8, frameon=False)
    bare(axes)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    save(pyplot, figure, path)


def save(pyplot, figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def column(table, name):
    return [value(row[name]) for row in table["rows"]]


def plot_ablation(pyplot, found, folder):
    for name, table in zip(("half", "quarter"), found):
        rows = table["rows"]
        bars(pyplot, folder / f"ablation-{name}.svg", table["title"],
             [row["technique"] for row in rows], column(table, "ms/token"), "ms",
             [i > 1 for i in range(len(rows))])


def plot_rival_large(pyplot, found, folder):
    # A model without ReLU has a larger cap than the rival here: no comparison.
    rows = [row for row in found[0]["rows"] if not row["shape"].startswith("silu")]
    names, values, ours = [], [], []
    for row in rows:
        size = f"{row['shape']} {row['dtype']}, {row['GB']} GB in {row['cap GB']} GB"
        for program, mine in (("llama.cpp", False), ("glowworm", True)):
            names.append(f"{size}: {program}")
            values.append(value(row[program + " ms"]))
            ours.append(mine)
    bars(pyplot, folder / "rival-large.svg", found[0]["title"], names, values, "ms", ours)


def plot_budget(pyplot, found, folder):
    for i, table in enumerate(found):
        x = column(table, "budget MB")
        lines(pyplot, folder / f"budget-{i + 1}.svg", table["title"], "budget, MB", "ms a token",
              [("foretold", x, column(table, "ms foretold"), "-"),
               ("measured", x, column(table, "ms"), "o")])


def plot_growth(pyplot, found, folder):
    table = found[0]
    x = column(table, "GB touched")
    lines(pyplot, folder / "growth.svg", table["title"], "GB touched a token", "ms a token",
          [("measured", x, column(table, "ms/token"), "o-"),
           ("bound by memory and disk", x, column(table, "bound ms"), "--"),
           ("foretold before loading", x, column(table, "foretold ms"), ":")])


PLOTS = {"ablation": plot_ablation, "rival-large": plot_rival_large, "budget": plot_budget,
         "growth": plot_growth}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("table", nargs="*")
    parser.add_argument("--plots", type=pathlib.Path)
    args = parser.parse_args()
    names = args.table or sorted(p.stem for p in args.folder.glob("*.json"))
    found = {name: tables(args.folder / f"{name}.json") for name in names}
    for name in names:
        print(f"## bench {name}\n")
        for table in found[name]:
            print(markdown(table))
    if args.plots:
        import matplotlib
        matplotlib.use("svg")
        matplotlib.rcParams.update({"svg.hashsalt": "glowworm", "svg.fonttype": "none",
                                    "font.family": "sans-serif"})
        from matplotlib import pyplot
        args.plots.mkdir(parents=True, exist_ok=True)
        for name in set(names) & set(PLOTS):
            PLOTS[name](pyplot, found[name], args.plots)


if __name__ == "__main__":
    main()
