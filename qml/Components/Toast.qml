// SPDX-License-Identifier: Apache-2.0
// A short word over the page with a way back. Whoever owns the text
// takes it away when its time is over.
import QtQuick
import QtQuick.Layouts
import Glowworm

Rectangle {
    id: root

    property string text
    property string actionText: qsTr("Undo")

    signal action

    visible: text !== ""
    implicitWidth: Math.min(row.implicitWidth + 28, (parent?.width ?? 480) - 48)
    implicitHeight: 48
    radius: 12
    color: Theme.text
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    RowLayout {
        id: row

        anchors.fill: parent
        anchors.leftMargin: 18
        anchors.rightMargin: 10
        spacing: 12

        Label {
            Layout.fillWidth: true
            text: root.text
            color: Theme.window
            elide: Text.ElideMiddle
        }
        Button {
            objectName: root.objectName + "Button"
            implicitHeight: 32
            kind: Button.Primary
            visible: root.actionText !== ""
            text: root.actionText
            onClicked: root.action()
        }
    }
}
