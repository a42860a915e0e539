// SPDX-License-Identifier: Apache-2.0
// How much of the prompt has been read, before the first word of the answer.
import QtQuick
import Glowworm
import Glowworm.App as App

Row {
    id: root

    required property App.ChatSession chat

    objectName: "promptProgress"
    spacing: 12
    height: visible ? 24 : 0
    Accessible.role: Accessible.ProgressBar
    Accessible.name: words.text

    ProgressBar {
        anchors.verticalCenter: parent.verticalCenter
        width: 120
        value: Math.max(0, root.chat.promptProgress)
    }
    Label {
        id: words

        anchors.verticalCenter: parent.verticalCenter
        numeric: true
        text: root.chat.promptProgress < 0 ? qsTr("Waiting for the model")
            : qsTr("Reading the prompt, %1 %").arg(Math.floor(100 * root.chat.promptProgress))
        color: Theme.textMuted
        font.pixelSize: Theme.captionSize
    }
}
