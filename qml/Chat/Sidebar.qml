// SPDX-License-Identifier: Apache-2.0
// The conversations of this machine, newest first, with a search, and the way to the other pages.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

Rectangle {
    id: root

    required property App.Application app
    required property int page
    readonly property int usualWidth: 272

    signal pageRequested(page: int)
    signal conversationRequested
    signal newRequested
    signal hideRequested
    signal widthRequested(wanted: int)

    color: Theme.sidebar

    function focusSearch(): void {
        search.forceActiveFocus(Qt.ShortcutFocusReason);
        search.selectAll();
    }

    Rectangle {
        anchors.right: parent.right
        width: 1
        height: parent.height
        color: Theme.border
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: 12
        spacing: 12

        RowLayout {
            Layout.fillWidth: true
            spacing: 8

            Image {
                Layout.leftMargin: 4
                source: "qrc:/glowworm/icons/mark.svg"
                sourceSize.width: 28
                sourceSize.height: 28
                Accessible.ignored: true
            }
            Label {
                Layout.fillWidth: true
                text: "Glowworm"
                font.pixelSize: 16
                font.weight: Font.DemiBold
            }
            IconButton {
                text: qsTr("Hide the list")
                shortcutText: "Ctrl+B"
                icon.source: "qrc:/glowworm/icons/sidebar.svg"
                onClicked: root.hideRequested()
            }
        }

        Button {
            objectName: "newChat"
            Layout.fillWidth: true
            text: qsTr("New chat")
            icon.source: "qrc:/glowworm/icons/plus.svg"
            onClicked: root.newRequested()
        }

        TextField {
            id: search

            objectName: "search"
            Layout.fillWidth: true
            placeholderText: qsTr("Search chats")
            iconSource: "qrc:/glowworm/icons/search.svg"
            text: root.app.conversations.filter
            onTextEdited: root.app.conversations.filter = text
            Keys.onDownPressed: list.forceActiveFocus(Qt.TabFocusReason)
            Keys.onShortcutOverride: event => event.accepted = event.key === Qt.Key_Escape
            Keys.onEscapePressed: {
                text = "";
                root.app.conversations.filter = "";
                root.conversationRequested();
            }
        }

        ListView {
            id: list

            objectName: "conversations"
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true
            model: root.app.conversations
            spacing: 2
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            keyNavigationEnabled: true
            highlightFollowsCurrentItem: true
            highlightMoveDuration: 0
            currentIndex: -1
            reuseItems: true
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Chats")
            onActiveFocusChanged: if (activeFocus && currentIndex < 0 && count > 0) currentIndex = 0

            T.ScrollBar.vertical: ScrollBar {}

            section.property: "section"
            section.delegate: Label {
                required property string section

                width: ListView.view.width
                height: 30
                leftPadding: 8
                text: section
                color: Theme.textFaint
                font.pixelSize: Theme.captionSize
                font.weight: Font.DemiBold
                verticalAlignment: Text.AlignBottom
                bottomPadding: 4
            }

            delegate: ConversationDelegate {
                width: ListView.view.width
                cursorHere: ListView.isCurrentItem && list.activeFocus
                conversations: root.app.conversations
                onOpened: root.conversationRequested()
            }

            Placeholder {
                anchors.horizontalCenter: parent.horizontalCenter
                y: 48
                width: parent.width - 24
                visible: list.count === 0
                title: search.text === "" ? qsTr("No chats yet") : qsTr("Nothing found")
                text: search.text === "" ? qsTr("What you ask is kept here, on this machine only.")
                                         : qsTr("No chat has “%1” in its title.").arg(search.text)
            }
        }

        MachineStatus {
            objectName: "machineStatus"
            Layout.fillWidth: true
            Layout.leftMargin: 8
            machine: root.app.machine
        }

        Rectangle {
            Layout.fillWidth: true
            implicitHeight: 1
            color: Theme.border
        }

        Repeater {
            model: [
                { label: qsTr("Models"), picture: "models", page: Pages.Models },
                { label: qsTr("Settings"), picture: "settings", page: Pages.Settings }
            ]

            NavigationButton {
                required property var modelData  // an object of the list above

                Layout.fillWidth: true
                Layout.topMargin: -8
                text: modelData.label
                icon.source: "qrc:/glowworm/icons/" + modelData.picture + ".svg"
                current: root.page === modelData.page
                onClicked: root.pageRequested(current ? Pages.Chat : modelData.page)
            }
        }
    }

    // Its edge can be dragged; twice clicked it is where it was at first.
    MouseArea {
        objectName: "sidebarEdge"
        anchors.right: parent.right
        anchors.rightMargin: -3
        width: 7
        height: parent.height
        cursorShape: Qt.SplitHCursor
        preventStealing: true
        onPositionChanged: mouse => {
            if (pressed)
                root.widthRequested(Math.round(mapToItem(root, mouse.x, 0).x));
        }
        onDoubleClicked: root.widthRequested(root.usualWidth)
    }
}
