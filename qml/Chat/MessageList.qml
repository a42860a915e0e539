// SPDX-License-Identifier: Apache-2.0
// The messages, made only where they are in sight. It stays at the end while the reader is there,
// and never pulls the reader away from somewhere else.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

Item {
    id: root

    required property App.Application app
    readonly property App.ChatSession chat: app.chat
    readonly property alias count: list.count
    readonly property alias following: list.following

    function jumpToEnd(): void {
        list.following = true;
        list.positionViewAtEnd();
    }

    function copyLastAnswer(): void {
        const messages = chat.messages;
        for (let row = messages.count - 1; row >= 0; --row) {
            const index = messages.index(row, 0);
            if (messages.data(index, App.MessageListModel.RoleRole) !== "assistant")
                continue;
            chat.copyText(messages.data(index, App.MessageListModel.MessageIdRole));
            return;
        }
    }

    ListView {
        id: list

        property bool following: true

        function keepEnd(): void {
            if (following && !dragging)
                contentY = Math.max(originY - topMargin,
                    originY + contentHeight + bottomMargin - height);
        }

        function scrollTo(y: real): void {
            const end = originY + contentHeight + bottomMargin - height;
            contentY = Math.max(originY - topMargin, Math.min(end, y));
            following = contentY >= end - 1;
        }

        objectName: "messages"
        anchors.fill: parent
        model: root.chat.messages
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        cacheBuffer: 400
        reuseItems: false
        spacing: 8
        topMargin: 16
        bottomMargin: 16
        activeFocusOnTab: true
        keyNavigationEnabled: false
        maximumFlickVelocity: 6000
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Messages")

        onContentYChanged: if (contentY < originY + 600) root.chat.messages.fetchOlder()
        onContentHeightChanged: Qt.callLater(keepEnd)
        onHeightChanged: Qt.callLater(keepEnd)
        onCountChanged: Qt.callLater(keepEnd)
        onMovementEnded: following = atYEnd
        onFlickStarted: following = false
        onDragStarted: following = false
        onModelChanged: root.jumpToEnd()

        Keys.onPressed: event => {
            const page = height - 64;
            const step = event.key === Qt.Key_PageUp ? -page : event.key === Qt.Key_PageDown ? page
                : event.key === Qt.Key_Up ? -64 : event.key === Qt.Key_Down ? 64 : 0;
            if (event.key === Qt.Key_End) {
                root.jumpToEnd();
            } else if (event.key === Qt.Key_Home) {
                following = false;
                positionViewAtBeginning();
            } else if (step !== 0) {
                scrollTo(contentY + step);
            } else {
                return;
            }
            event.accepted = true;
        }

        WheelHandler {
            onWheel: event => {
                const pixels = event.pixelDelta.y !== 0 ? event.pixelDelta.y
                    : event.angleDelta.y * 0.8;
                list.scrollTo(list.contentY - pixels);
            }
        }

        T.ScrollBar.vertical: ScrollBar {
            onPressedChanged: if (!pressed) list.following = list.atYEnd
                              else list.following = false
        }

        delegate: MessageDelegate {
            width: ListView.view.width
            app: root.app
        }
    }

    IconButton {
        objectName: "jumpToEnd"
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 12
        size: 36
        visible: !list.following && !list.atYEnd
        text: qsTr("Go to the end")
        icon.source: "qrc:/glowworm/icons/arrow-down.svg"
        filled: true
        onClicked: root.jumpToEnd()
    }
}
