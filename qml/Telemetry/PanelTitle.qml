// SPDX-License-Identifier: Apache-2.0
// The name of a part of the panel, and its figure at the right.
import QtQuick
import QtQuick.Layouts
import Glowworm

RowLayout {
    id: root

    required property string title
    property string value

    Label {
        Layout.fillWidth: true
        text: root.title
        font.weight: Font.DemiBold
        Accessible.role: Accessible.Heading
    }
    Label {
        text: root.value
        numeric: true
        font.weight: Font.DemiBold
    }
}
