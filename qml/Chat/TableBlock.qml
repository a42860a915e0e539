// SPDX-License-Identifier: Apache-2.0
// A table; wider than the column it scrolls sideways.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Glowworm

Rectangle {
    id: root

    required property var tableRows  // a list of lists of cells
    required property int columns
    required property var alignments  // a list of Qt.Alignment
    readonly property list<string> cells: flattened(tableRows)

    function flattened(rows: var): list<string> {
        const cells = [];
        for (const row of rows)
            for (const cell of row)
                cells.push(cell);
        return cells;
    }

    implicitHeight: flick.height + 2
    radius: Theme.radius
    color: "transparent"
    border.width: 1
    border.color: Theme.border
    Accessible.role: Accessible.Table

    Flickable {
        id: flick

        x: 1
        y: 1
        width: parent.width - 2
        height: grid.implicitHeight
        contentWidth: Math.max(width, grid.implicitWidth)
        contentHeight: grid.implicitHeight
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        flickableDirection: Flickable.HorizontalFlick
        T.ScrollBar.horizontal: ScrollBar {}

        GridLayout {
            id: grid

            width: flick.contentWidth
            columns: Math.max(1, root.columns)
            columnSpacing: 0
            rowSpacing: 0

            Repeater {
                model: root.cells

                Rectangle {
                    id: cell

                    required property int index
                    required property string modelData
                    readonly property int column: index % grid.columns
                    readonly property bool header: index < grid.columns

                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: Math.min(words.implicitWidth, 300)
                    implicitWidth: Math.min(words.implicitWidth, 300)
                    implicitHeight: words.implicitHeight
                    color: header ? Theme.sunken : "transparent"

                    Prose {
                        id: words

                        width: cell.width
                        html: cell.modelData
                        leftPadding: 12
                        rightPadding: 12
                        topPadding: 7
                        bottomPadding: 7
                        font.pixelSize: Theme.bodySize
                        font.weight: cell.header ? Font.DemiBold : Font.Normal
                        horizontalAlignment: root.alignments[cell.column] === "right"
                            ? TextEdit.AlignRight
                            : root.alignments[cell.column] === "center" ? TextEdit.AlignHCenter
                                                                        : TextEdit.AlignLeft
                    }
                    Rectangle {
                        width: parent.width
                        height: 1
                        visible: !cell.header
                        color: Theme.border
                    }
                }
            }
        }
    }
}
