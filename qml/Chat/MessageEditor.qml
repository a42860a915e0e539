// SPDX-License-Identifier: Apache-2.0
import QtQuick
import Glowworm

Column {
    id: root

    required property string text

    signal accepted(text: string)
    signal cancelled

    spacing: 8
    Component.onCompleted: {
        box.text = root.text;
        box.area.forceActiveFocus();
        box.area.cursorPosition = box.area.length;
    }
    Keys.onShortcutOverride: event => event.accepted = event.key === Qt.Key_Escape
    Keys.onEscapePressed: root.cancelled()

    TextBox {
        id: box

        objectName: "messageEditor"
        width: parent.width
        height: implicitHeight
        linesMax: 12
        placeholderText: qsTr("Your message")
    }
    Row {
        anchors.right: parent.right
        spacing: 8

        Button {
            kind: Button.Quiet
            implicitHeight: 32
            text: qsTr("Cancel")
            onClicked: root.cancelled()
        }
        Button {
            objectName: "sendAgain"
            kind: Button.Primary
            implicitHeight: 32
            enabled: box.text.trim() !== ""
            text: qsTr("Send again")
            onClicked: root.accepted(box.text)
        }
    }
}
