// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Templates as T
import Glowworm

T.AbstractButton {
    id: root

    objectName: "example"
    implicitWidth: 220
    implicitHeight: words.implicitHeight + 28
    padding: 14
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    Accessible.name: qsTr("Example: %1").arg(text)
    Keys.onReturnPressed: click()

    contentItem: Label {
        id: words

        text: root.text
        color: root.hovered ? Theme.text : Theme.textMuted
        wrapMode: Text.Wrap
        lineHeight: 1.25
        verticalAlignment: Text.AlignTop
        Accessible.ignored: true
    }
    background: Rectangle {
        radius: 12
        color: root.down ? Theme.pressed : root.hovered ? Theme.hover : Theme.surface
        border.width: 1
        border.color: root.hovered ? Theme.borderStrong : Theme.border

        FocusRing {
            radius: 14
            control: root
        }
    }
}
