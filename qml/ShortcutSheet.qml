// SPDX-License-Identifier: Apache-2.0
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Glowworm

Sheet {
    id: root

    readonly property list<string> keys: [
        "Enter", "Shift+Enter", "Esc", "Ctrl+N", "Ctrl+F", "Ctrl+Shift+C", "Ctrl+T", "Ctrl+B",
        "Ctrl+M", "Ctrl+,", "F2", "Del", "F1"
    ]
    readonly property list<string> meanings: [
        qsTr("Send what is written"), qsTr("Start a new line"), qsTr("Stop the answer"),
        qsTr("New chat"), qsTr("Search the chats (also Ctrl+K)"), qsTr("Copy the last answer"),
        qsTr("Show or hide the live panel"), qsTr("Show or hide the list of chats"),
        qsTr("Models"), qsTr("Settings"), qsTr("Rename the chat under the cursor"),
        qsTr("Delete the chat under the cursor"), qsTr("This page (also Ctrl+?)")
    ]

    name: "shortcuts"
    title: qsTr("Keyboard shortcuts")
    wantedWidth: 480

    Repeater {
        model: root.keys

        RowLayout {
            id: line

            required property int index
            required property string modelData

            Layout.fillWidth: true
            Layout.topMargin: index > 0 ? -6 : 0
            spacing: 16

            Label {
                Layout.fillWidth: true
                text: root.meanings[line.index]
                wrapMode: Text.Wrap
            }
            Rectangle {
                implicitWidth: key.implicitWidth + 16
                implicitHeight: 26
                radius: 6
                color: Theme.surface
                border.width: 1
                border.color: Theme.border

                Label {
                    id: key

                    anchors.centerIn: parent
                    text: line.modelData
                    color: Theme.textMuted
                    font.pixelSize: Theme.captionSize
                    font.weight: Font.Medium
                }
            }
        }
    }
}
