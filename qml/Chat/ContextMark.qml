// SPDX-License-Identifier: Apache-2.0
// The line between the messages that no longer fit into the context and those that do.
import QtQuick
import QtQuick.Layouts
import Glowworm

RowLayout {
    id: root

    objectName: "contextMark"
    height: 36
    spacing: 12

    Rectangle {
        Layout.fillWidth: true
        implicitHeight: 1
        color: Theme.borderStrong
    }
    Label {
        Layout.maximumWidth: root.width - 48
        text: qsTr("The model no longer sees what is above: the context is full")
        color: Theme.textMuted
        font.pixelSize: Theme.captionSize
        elide: Text.ElideRight
    }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: 1
        color: Theme.borderStrong
    }
}
