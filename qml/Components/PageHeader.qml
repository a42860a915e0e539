// SPDX-License-Identifier: Apache-2.0
// The head of a page that is not the chat: its name, and the list of chats when that is hidden.
import QtQuick
import QtQuick.Layouts
import Glowworm

Item {
    id: root

    required property string title
    property bool sidebarHidden: false
    default property alias actions: row.data

    signal sidebarRequested

    implicitHeight: 56

    RowLayout {
        id: row

        anchors.fill: parent
        anchors.leftMargin: root.sidebarHidden ? 12 : 24
        anchors.rightMargin: 24
        spacing: 8

        IconButton {
            visible: root.sidebarHidden
            text: qsTr("Show the list of chats")
            shortcutText: "Ctrl+B"
            icon.source: "qrc:/glowworm/icons/sidebar.svg"
            onClicked: root.sidebarRequested()
        }
        Label {
            Layout.fillWidth: true
            text: root.title
            font.pixelSize: 16
            font.weight: Font.DemiBold
            elide: Text.ElideRight
            Accessible.role: Accessible.Heading
        }
    }
    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 1
        color: Theme.border
    }
}
