// SPDX-License-Identifier: Apache-2.0
import QtQuick
import Glowworm

Rectangle {
    id: root

    required property string text
    property bool lit: false

    implicitWidth: words.implicitWidth + 16
    implicitHeight: 22
    radius: 11
    color: lit ? Theme.selected : Theme.sunken
    border.width: 1
    border.color: lit ? Theme.accent : Theme.border

    Label {
        id: words

        anchors.centerIn: parent
        text: root.text
        color: root.lit ? Theme.accent : Theme.textMuted
        font.pixelSize: Theme.captionSize
        font.weight: Font.Medium
    }
}
