// SPDX-License-Identifier: Apache-2.0
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

T.ItemDelegate {
    id: root

    required property int index
    required property string conversationId
    required property string title
    required property string updatedText
    required property bool current
    required property App.ConversationListModel conversations
    property bool cursorHere: false
    property bool renaming: false

    signal opened

    function open(): void {
        conversations.select(conversationId);
        opened();
    }

    function beginRename(): void {
        ListView.view.currentIndex = index;  // else the list would take the focus from the field
        renaming = true;
    }

    implicitHeight: 40
    leftPadding: 8
    rightPadding: 4
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    Accessible.role: Accessible.ListItem
    Accessible.name: title
    Accessible.description: updatedText
    Accessible.selected: current
    onClicked: if (!renaming) open()
    onDoubleClicked: beginRename()
    ListView.onPooled: renaming = false

    Keys.onReturnPressed: open()
    Keys.onEnterPressed: open()
    Keys.onPressed: event => {
        if (event.key === Qt.Key_F2) {
            beginRename();
            event.accepted = true;
        } else if (event.key === Qt.Key_Delete) {
            conversations.remove(conversationId);
            event.accepted = true;
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: root.current ? Theme.selected : root.hovered ? Theme.hover : "transparent"
        border.width: root.cursorHere ? 2 : 0
        border.color: Theme.focus

        Rectangle {
            x: 0
            anchors.verticalCenter: parent.verticalCenter
            width: 3
            height: 16
            radius: 2
            visible: root.current
            color: Theme.accent
        }
    }

    contentItem: Item {
        Label {
            anchors.fill: parent
            anchors.leftMargin: 4
            anchors.rightMargin: root.hovered ? more.width + 4 : 8
            visible: !root.renaming
            text: root.title
            color: root.current ? Theme.text : Theme.textMuted
            font.weight: root.current ? Font.Medium : Font.Normal
            elide: Text.ElideRight
            Accessible.ignored: true
        }
        Loader {
            anchors.fill: parent
            anchors.topMargin: 3
            anchors.bottomMargin: 3
            active: root.renaming
            sourceComponent: TextField {
                objectName: "renameField"
                text: root.title
                placeholderText: qsTr("Name of the chat")
                Component.onCompleted: {
                    forceActiveFocus();
                    selectAll();
                }
                Keys.onShortcutOverride: event => event.accepted = event.key === Qt.Key_Escape
                Keys.onEscapePressed: root.renaming = false
                onAccepted: {
                    root.conversations.rename(root.conversationId, text);
                    root.renaming = false;
                }
                onActiveFocusChanged: if (!activeFocus) root.renaming = false
            }
        }
    }

    IconButton {
        id: more

        objectName: "more"
        anchors.right: parent.right
        anchors.rightMargin: 4
        anchors.verticalCenter: parent.verticalCenter
        visible: !root.renaming && (root.hovered || root.cursorHere || menu.active)
        focusPolicy: Qt.NoFocus
        text: qsTr("More for this chat")
        icon.source: "qrc:/glowworm/icons/more.svg"
        onClicked: {
            menu.active = true;
            (menu.item as T.Menu).popup(more, 0, more.height + 2);
        }

        Loader {
            id: menu

            active: false
            sourceComponent: Menu {
                onClosed: menu.active = false

                MenuItem {
                    text: qsTr("Rename")
                    icon.source: "qrc:/glowworm/icons/edit.svg"
                    onTriggered: root.beginRename()
                }
                MenuItem {
                    text: qsTr("Delete")
                    dangerous: true
                    icon.source: "qrc:/glowworm/icons/trash.svg"
                    onTriggered: root.conversations.remove(root.conversationId)
                }
            }
        }
    }
}
