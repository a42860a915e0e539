// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Layouts
import Glowworm

Rectangle {
    id: root

    required property string title
    default property alias rows: column.data

    implicitHeight: column.implicitHeight + 40
    radius: 14
    color: Theme.surface
    border.width: 1
    border.color: Theme.border

    ColumnLayout {
        id: column

        x: 20
        y: 20
        width: parent.width - 40
        spacing: 20

        Label {
            text: root.title
            color: Theme.accent
            font.pixelSize: Theme.captionSize
            font.weight: Font.DemiBold
            Accessible.role: Accessible.Heading
        }
    }
}
