// SPDX-License-Identifier: Apache-2.0
// Contrast as WCAG 2.2 computes it: words 4.5:1 (1.4.3), what must be seen to be used 3:1 (1.4.11).
import QtQuick
import QtTest
import Glowworm

TestCase {
    id: root

    name: "theme"

    function cleanup(): void {
        Theme.scheme = Theme.System;
    }

    function linear(channel: real): real {
        return channel <= 0.04045 ? channel / 12.92 : Math.pow((channel + 0.055) / 1.055, 2.4);
    }

    function luminance(c: color): real {
        return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
    }

    function contrast(a: color, b: color): real {
        const light = Math.max(luminance(a), luminance(b));
        const dark = Math.min(luminance(a), luminance(b));
        return (light + 0.05) / (dark + 0.05);
    }

    function test_contrast_itself(): void {
        fuzzyCompare(contrast("#ffffff", "#000000"), 21, 1e-6);
        fuzzyCompare(contrast("#777777", "#ffffff"), 4.478, 1e-3);
    }

    function test_contrasts_data(): list<var> {
        const surfaces = ["window", "sidebar", "surface", "sunken", "hover", "selected"];
        const rows = [];
        const add = (front, back, least) => {
            for (const scheme of [Theme.Light, Theme.Dark])
                rows.push({ tag: `${front} on ${back}, ${scheme === Theme.Dark ? "dark" : "light"}`,
                            front: front, back: back, least: least, scheme: scheme });
        };
        for (const words of ["text", "textMuted", "textFaint", "accent", "danger", "warning"])
            for (const surface of surfaces)
                add(words, surface, 4.5);
        for (const fill of ["primary", "primaryHover", "primaryPressed"])
            add("primaryInk", fill, 4.5);
        for (const fill of ["dangerFill", "warningFill", "infoFill", "selection"])
            add("text", fill, 4.5);
        add("danger", "dangerFill", 3);
        add("warning", "warningFill", 3);
        for (const surface of ["window", "sidebar", "surface"]) {
            add("focus", surface, 3);
            add("borderStrong", surface, 3);
        }
        for (const series of ["resident", "attention", "predictor", "neurons", "flash", "other"])
            add(series, "sidebar", 3);
        return rows;
    }

    function test_contrasts(row: var): void {
        Theme.scheme = row.scheme;
        const reached = contrast(Theme[row.front], Theme[row.back]);
        verify(reached >= row.least, `${reached.toFixed(2)} : 1, wanted ${row.least} : 1`);
    }
}
