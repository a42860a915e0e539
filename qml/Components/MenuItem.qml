// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Templates as T
import Glowworm

T.MenuItem {
    id: root

    property bool dangerous: false
    readonly property color ink: dangerous ? Theme.danger : Theme.text

    implicitWidth: 208
    implicitHeight: visible ? 34 : 0
    leftPadding: 10
    rightPadding: 10
    Accessible.name: text

    contentItem: Row {
        spacing: 10
        opacity: root.enabled ? 1 : 0.5

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.icon.source.toString() !== ""
            size: 18
            source: root.icon.source
            color: root.dangerous ? Theme.danger : Theme.textMuted
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            text: root.text
            color: root.ink
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: Theme.radius - 2
        color: root.highlighted || root.hovered ? Theme.hover : "transparent"
    }
}
