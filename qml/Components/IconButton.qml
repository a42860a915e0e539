// SPDX-License-Identifier: Apache-2.0
// A drawing that does something. `text` is its name: for the hint and for screen readers.
import QtQuick
import QtQuick.Templates as T
import Glowworm

T.AbstractButton {
    id: root

    property int size: 32
    property int iconSize: 18
    property color ink: checked ? Theme.accent : hovered ? Theme.text : Theme.textMuted
    property bool filled: false
    property string shortcutText

    implicitWidth: size
    implicitHeight: size
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    opacity: enabled ? 1 : 0.45
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.checkable: checkable
    Accessible.checked: checked
    Accessible.onPressAction: click()
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            size: root.iconSize
            source: root.icon.source
            color: root.filled ? Theme.primaryInk : root.ink
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: root.filled
            ? (root.down ? Theme.primaryPressed : root.hovered ? Theme.primaryHover : Theme.primary)
            : root.down ? Theme.pressed : root.hovered ? Theme.hover : "transparent"

        FocusRing {
            control: root
        }
    }

    Hint {
        shown: root.hovered && !root.down && root.text !== ""
        text: root.shortcutText === "" ? root.text : root.text + "   " + root.shortcutText
    }
}
