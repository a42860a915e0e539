// SPDX-License-Identifier: Apache-2.0
// A setting: its name and what it means at the left, the control at the right.
import QtQuick
import QtQuick.Layouts
import Glowworm

RowLayout {
    id: root

    required property string name
    property string help

    spacing: 24

    ColumnLayout {
        Layout.fillWidth: true
        spacing: 2

        Label {
            Layout.fillWidth: true
            text: root.name
            font.weight: Font.Medium
            wrapMode: Text.Wrap
        }
        Label {
            Layout.fillWidth: true
            visible: root.help !== ""
            text: root.help
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
            wrapMode: Text.Wrap
            lineHeight: 1.2
        }
    }
}
