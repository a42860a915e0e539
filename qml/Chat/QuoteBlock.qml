// SPDX-License-Identifier: Apache-2.0
import QtQuick
import Glowworm

Item {
    id: root

    required property string text
    property bool shrink: false
    property real maximumWidth: 0

    width: shrink ? Math.min(prose.implicitWidth + prose.x, maximumWidth) : maximumWidth
    implicitHeight: prose.implicitHeight

    Rectangle {
        width: 3
        height: root.height
        radius: 2
        color: Theme.borderStrong
    }
    Prose {
        id: prose

        x: 16
        width: root.width - x
        html: root.text
        color: Theme.textMuted
    }
}
