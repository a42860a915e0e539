// SPDX-License-Identifier: Apache-2.0
// Where the prompt is written. Enter sends (but never while an input method composes), Shift+Enter
// starts a line; what is written is kept with its conversation.
import QtQuick
import Glowworm
import Glowworm.App as App

Rectangle {
    id: root

    required property App.ChatSession chat
    required property App.EngineController engine
    readonly property bool sendable: !chat.busy && !chat.busyElsewhere
                                     && engine.modelId !== "" && box.text.trim() !== ""

    function focusPrompt(): void {
        box.area.forceActiveFocus();
    }

    function write(text: string): void {
        box.text = text;
        box.area.cursorPosition = box.area.length;
        focusPrompt();
    }

    function send(): void {
        if (sendable)
            chat.send(box.text);
    }

    implicitHeight: box.implicitHeight + 44
    radius: 16
    color: Theme.surface
    border.width: 1
    border.color: box.area.activeFocus ? Theme.focus : Theme.borderStrong

    Connections {
        target: root.chat

        function onDraftChanged(): void {
            if (box.text !== root.chat.draft)
                box.text = root.chat.draft;
        }
    }

    TextBox {
        id: box

        objectName: "prompt"
        x: 6
        y: 2
        width: parent.width - 12
        height: implicitHeight
        linesMax: 8
        placeholderText: root.engine.modelId !== ""
            || root.engine.state === App.EngineController.Loading
            ? qsTr("Ask something") : qsTr("Write; it can be sent once a model is there")
        text: root.chat.draft
        onTextChanged: if (root.chat.draft !== text) root.chat.draft = text

        area.Keys.onPressed: event => {
            const enter = event.key === Qt.Key_Return || event.key === Qt.Key_Enter;
            if (!enter || event.modifiers & Qt.ShiftModifier || area.inputMethodComposing)
                return;
            event.accepted = true;
            root.send();
        }
    }

    Label {
        anchors.left: parent.left
        anchors.leftMargin: 18
        anchors.verticalCenter: button.verticalCenter
        visible: root.engine.contextTokens > 0
        numeric: true
        text: (root.chat.contextStartId === "" ? qsTr("%1 of %2 tokens")
            : qsTr("%1 of %2 tokens, the oldest messages are left out"))
            .arg(Format.count(root.engine.contextUsed)).arg(Format.count(root.engine.contextTokens))
        color: root.engine.contextUsed > 0.9 * root.engine.contextTokens ? Theme.warning
            : Theme.textFaint
        font.pixelSize: Theme.captionSize
    }
    Label {
        anchors.right: button.left
        anchors.rightMargin: 12
        anchors.verticalCenter: button.verticalCenter
        visible: !root.chat.busy && root.width > 520 && root.chat.contextStartId === ""
        text: qsTr("Enter sends, Shift+Enter starts a line")
        color: Theme.textFaint
        font.pixelSize: Theme.captionSize
    }

    IconButton {
        id: button

        objectName: root.chat.busy ? "stop" : "send"
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: 8
        size: 32
        filled: true
        enabled: root.chat.busy || root.sendable
        text: root.chat.busy ? qsTr("Stop") : qsTr("Send")
        shortcutText: root.chat.busy ? "Esc" : "Enter"
        icon.source: root.chat.busy ? "qrc:/glowworm/icons/stop.svg"
            : "qrc:/glowworm/icons/send.svg"
        onClicked: root.chat.busy ? root.chat.stop() : root.send()
    }
}
