// SPDX-License-Identifier: Apache-2.0
// The budget within the machine: what the rest of it holds, and what is still free.
import QtQuick
import Glowworm
import Glowworm.App as App

Column {
    id: root

    required property App.EngineController engine
    readonly property real perByte: engine.machineBytes > 0 ? width / engine.machineBytes : 0

    spacing: 4
    Accessible.role: Accessible.StaticText
    Accessible.name: words.text

    Rectangle {
        width: parent.width
        height: 6
        radius: 3
        color: Theme.pressed

        Rectangle {
            width: parent.width - root.engine.machineAvailableBytes * root.perByte
            height: parent.height
            radius: 3
            color: Theme.other
        }
        Rectangle {
            width: Math.max(3, root.engine.budgetBytes * root.perByte)
            height: parent.height
            radius: 3
            color: Theme.accent
        }
    }
    Label {
        id: words

        width: parent.width
        text: qsTr("This machine: %1 of %2 available")
            .arg(Format.bytes(root.engine.machineAvailableBytes))
            .arg(Format.bytes(root.engine.machineBytes))
        numeric: true
        color: Theme.textFaint
        font.pixelSize: Theme.captionSize
        wrapMode: Text.Wrap
    }
}
