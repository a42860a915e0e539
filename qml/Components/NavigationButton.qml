// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Templates as T
import Glowworm

T.AbstractButton {
    id: root

    property bool current: false

    implicitHeight: 36
    implicitWidth: 200
    leftPadding: 8
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    Accessible.name: text
    Accessible.role: Accessible.PageTab
    Accessible.selected: current
    Keys.onReturnPressed: click()

    contentItem: Row {
        spacing: 10

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            source: root.icon.source
            color: root.current ? Theme.accent : Theme.textMuted
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            text: root.text
            font.weight: root.current ? Font.DemiBold : Font.Medium
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: root.current ? Theme.selected : root.hovered ? Theme.hover : "transparent"

        FocusRing {
            control: root
        }
    }
}
