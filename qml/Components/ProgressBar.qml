// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Templates as T
import Glowworm

T.ProgressBar {
    id: root

    implicitWidth: 160
    implicitHeight: 4

    background: Rectangle {
        radius: 2
        color: Theme.pressed
    }
    contentItem: Item {
        Rectangle {
            x: root.indeterminate ? parent.width * 0.35 : 0
            width: parent.width * (root.indeterminate ? 0.3 : root.visualPosition)
            height: parent.height
            radius: 2
            color: Theme.accent
        }
    }
}
