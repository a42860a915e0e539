// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Templates as T
import Glowworm

T.Slider {
    id: root

    implicitWidth: 160
    implicitHeight: 28
    hoverEnabled: true

    handle: Rectangle {
        x: root.leftPadding + root.visualPosition * (root.availableWidth - width)
        y: (root.height - height) / 2
        width: 16
        height: 16
        radius: 8
        color: root.pressed ? Theme.primaryPressed : Theme.primary
        border.width: 2
        border.color: Theme.window

        FocusRing {
            radius: width / 2
            control: root
        }
    }

    background: Item {
        Rectangle {
            x: 8
            width: parent.width - 16
            height: 4
            anchors.verticalCenter: parent.verticalCenter
            radius: 2
            color: Theme.pressed

            Rectangle {
                width: root.visualPosition * parent.width
                height: parent.height
                radius: 2
                color: Theme.accent
            }
        }
    }
}
