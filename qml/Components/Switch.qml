// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Templates as T
import Glowworm

T.Switch {
    id: root

    implicitWidth: 44
    implicitHeight: 28
    hoverEnabled: true
    Accessible.name: text

    indicator: Rectangle {
        y: (root.height - height) / 2
        width: 44
        height: 24
        radius: 12
        color: root.checked ? Theme.primary : Theme.pressed
        border.width: 1
        border.color: root.checked ? Theme.primary : Theme.borderStrong

        Rectangle {
            x: root.checked ? parent.width - width - 3 : 3
            y: 3
            width: 18
            height: 18
            radius: 9
            color: root.checked ? Theme.primaryInk : Theme.textMuted
        }
        FocusRing {
            radius: 14
            control: root
        }
    }
}
