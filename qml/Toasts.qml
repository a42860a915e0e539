// SPDX-License-Identifier: Apache-2.0
// What was just taken away, with the way back.
import QtQuick
import Glowworm
import Glowworm.App as App

Column {
    id: root

    required property App.Application app

    spacing: 8

    Toast {
        objectName: "modelUndo"
        anchors.horizontalCenter: parent.horizontalCenter
        text: root.app.models.undoText
        onAction: root.app.models.undoRemove()
    }
    Toast {
        objectName: "conversationUndo"
        anchors.horizontalCenter: parent.horizontalCenter
        text: root.app.conversations.undoText
        onAction: root.app.conversations.undoRemove()
    }
}
