// SPDX-License-Identifier: Apache-2.0
// One speed among others, as a bar of its share of the fastest.
import QtQuick
import QtQuick.Layouts
import Glowworm

RowLayout {
    id: root

    required property string name
    required property real bytesPerSecond
    required property real share  // 0..1

    spacing: 12
    Accessible.role: Accessible.StaticText
    Accessible.name: name + " " + figure.text

    Label {
        Layout.preferredWidth: 72
        text: root.name
        numeric: true
        color: Theme.textMuted
        font.pixelSize: Theme.captionSize
        horizontalAlignment: Text.AlignRight
        Accessible.ignored: true
    }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: 8
        radius: 4
        color: Theme.pressed

        Rectangle {
            width: Math.max(height, parent.width * root.share)
            height: parent.height
            radius: 4
            color: Theme.flash
        }
    }
    Label {
        id: figure

        Layout.preferredWidth: 80
        text: Format.speed(root.bytesPerSecond)
        numeric: true
        font.pixelSize: Theme.captionSize
        horizontalAlignment: Text.AlignRight
        Accessible.ignored: true
    }
}
