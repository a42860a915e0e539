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

    // A table that grows keeps the cells that it has.
    function takeCells(): void {
        let count = 0;
        for (const row of tableRows) {
            for (const cell of row) {
                if (count >= cells.count)
                    cells.append({ html: cell });
                else if (cells.get(count).html !== cell)
                    cells.setProperty(count, "html", cell);
                ++count;
            }
        }
        if (count < cells.count)
            cells.remove(count, cells.count - count);
    }

    Component.onCompleted: takeCells()
    onTableRowsChanged: takeCells()

    implicitHeight: flick.height + 2
    radius: Theme.radius
    color: "transparent"
    border.width: 1
    border.color: Theme.border
    Accessible.role: Accessible.Table

    ListModel {
        id: cells
    }
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
                model: cells

                Rectangle {
                    id: cell

                    required property int index
                    required property string html
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
                        html: cell.html
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
