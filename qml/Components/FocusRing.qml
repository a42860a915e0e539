// SPDX-License-Identifier: Apache-2.0
// The frame around whatever the keyboard is on.
import QtQuick
import QtQuick.Templates as T
import Glowworm

Rectangle {
    id: root

    required property T.Control control
    property bool shown: control.visualFocus

    anchors.fill: parent
    anchors.margins: -3
    visible: shown
    color: "transparent"
    radius: Theme.radius + 2
    border.width: 2
    border.color: Theme.focus
}
