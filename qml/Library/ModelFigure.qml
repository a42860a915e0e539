// SPDX-License-Identifier: Apache-2.0
import QtQuick
import Glowworm

Column {
    id: root

    required property string name
    required property string value
    property bool numeric: true

    spacing: 2
    Accessible.role: Accessible.StaticText
    Accessible.name: name + " " + value

    Label {
        text: root.name
        color: Theme.textFaint
        font.pixelSize: Theme.captionSize
        Accessible.ignored: true
    }
    Label {
        text: root.value
        numeric: root.numeric
        font.weight: Font.Medium
        Accessible.ignored: true
    }
}
