// SPDX-License-Identifier: Apache-2.0
import QtQuick
import Glowworm

Item {
    id: root

    required property color swatch
    required property string name
    required property string value
    property string about  // the name in full

    implicitWidth: 130
    implicitHeight: 19
    Accessible.role: Accessible.StaticText
    Accessible.name: (about === "" ? name : about) + " " + value

    HoverHandler {
        id: pointer
    }
    Hint {
        shown: pointer.hovered && root.about !== ""
        text: root.about
    }
    Rectangle {
        id: dot

        anchors.verticalCenter: parent.verticalCenter
        width: 10
        height: 10
        radius: 3
        color: root.swatch
    }
    Label {
        anchors.left: dot.right
        anchors.leftMargin: 6
        anchors.right: figure.left
        anchors.rightMargin: 6
        anchors.verticalCenter: parent.verticalCenter
        text: root.name
        color: Theme.textMuted
        font.pixelSize: Theme.captionSize
        elide: Text.ElideRight
        Accessible.ignored: true
    }
    Label {
        id: figure

        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        text: root.value
        numeric: true
        font.pixelSize: Theme.captionSize
        Accessible.ignored: true
    }
}
