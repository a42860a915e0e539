// SPDX-License-Identifier: Apache-2.0
// The palette and the measures of the window. The only state is which scheme was chosen.
pragma Singleton

import QtQuick

QtObject {
    id: root

    enum Scheme { System, Light, Dark }

    property int scheme: Theme.System
    readonly property bool dark: scheme === Theme.Dark
        || (scheme === Theme.System && Application.styleHints.colorScheme === Qt.Dark)

    // Surfaces, from the back to the front.
    readonly property color window: dark ? "#0b1517" : "#fbfcfa"
    readonly property color sidebar: dark ? "#0e1b1e" : "#f0f4f1"
    readonly property color surface: dark ? "#122327" : "#ffffff"
    readonly property color sunken: dark ? "#091113" : "#f3f6f3"
    readonly property color hover: dark ? "#1a3035" : "#e4ebe6"
    readonly property color pressed: dark ? "#21393f" : "#d7e1da"
    readonly property color selected: dark ? "#1d363a" : "#dde9e0"
    readonly property color border: dark ? "#203539" : "#d9e2dc"
    readonly property color borderStrong: dark ? "#55737a" : "#7b9087"

    // Words. Every one of them has 4.5:1 on every surface above.
    readonly property color text: dark ? "#e8f1ee" : "#10211f"
    readonly property color textMuted: dark ? "#a3b8b5" : "#445a56"
    readonly property color textFaint: dark ? "#8aa19f" : "#556b66"
    readonly property color accent: dark ? "#c8f04a" : "#3f6700"
    readonly property color danger: dark ? "#ff9b8f" : "#a92418"
    readonly property color warning: dark ? "#ffc266" : "#825000"

    // Filled controls.
    readonly property color primary: dark ? "#c8f04a" : "#0f4f4a"
    readonly property color primaryHover: dark ? "#d7fa69" : "#17625c"
    readonly property color primaryPressed: dark ? "#b2d83a" : "#0a3d39"
    readonly property color primaryInk: dark ? "#14200a" : "#f5ffe0"
    readonly property color dangerFill: dark ? "#3a1c1a" : "#fdebe8"
    readonly property color warningFill: dark ? "#33270f" : "#fdf3df"
    readonly property color infoFill: dark ? "#14292c" : "#e8f2ee"
    readonly property color selection: dark ? "#3d5a1e" : "#d6ef95"
    readonly property color focus: dark ? "#c8f04a" : "#0f6b63"
    readonly property color scrim: dark ? "#b0040a0b" : "#66102020"

    // What a figure is about keeps its colour in every chart: attention and its cache are blue, the
    // feed-forward neurons green, the predictor violet, waiting for flash orange, the rest grey.
    readonly property color resident: dark ? "#2f9a94" : "#12807a"
    readonly property color attention: dark ? "#5ea6ea" : "#2f78c4"
    readonly property color predictor: dark ? "#a892e6" : "#7657c2"
    readonly property color neurons: dark ? "#c8f04a" : "#749700"
    readonly property color neuronsFree: dark ? "#4a5c26" : "#c9de8c"
    readonly property color flash: dark ? "#ffad47" : "#d07300"
    readonly property color other: dark ? "#71898c" : "#7c8f88"

    // Put before the HTML of an answer: links in the accent, lines with room between them.
    readonly property string proseStyle: "<style>p,li{line-height:140%}a{color:" + accent
        + ";text-decoration:underline}code{background-color:" + hover + "}</style>"

    // An 8-px grid.
    readonly property int unit: 8
    readonly property int radius: 8
    readonly property int controlHeight: 36
    readonly property int textWidthMax: 760
    readonly property int captionSize: 12
    readonly property int bodySize: 14
    readonly property int proseSize: 15
    readonly property int titleSize: 18
    readonly property int displaySize: 28
    readonly property string mono: "Noto Sans Mono"
    readonly property int quick: 120
}
