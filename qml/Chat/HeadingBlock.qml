// SPDX-License-Identifier: Apache-2.0
import QtQuick
import Glowworm

Item {
    id: root

    required property int level
    required property string text
    property bool shrink: false
    property real maximumWidth: 0

    width: shrink ? Math.min(prose.implicitWidth, maximumWidth) : maximumWidth
    implicitHeight: prose.implicitHeight + prose.y

    Prose {
        id: prose

        y: root.level <= 2 ? 8 : 4
        width: root.width
        html: root.text
        font.pixelSize: root.level === 1 ? 22 : root.level === 2 ? 19
            : root.level === 3 ? 17 : Theme.proseSize
        font.weight: Font.DemiBold
        Accessible.role: Accessible.Heading
    }
}
