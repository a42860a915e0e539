// SPDX-License-Identifier: Apache-2.0
// One conversation: header, messages (or a welcome), errors, the prompt.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

Item {
    id: root

    required property App.Application app
    property bool sidebarHidden: false
    property bool panelShown: false

    signal sidebarRequested
    signal panelRequested
    signal modelsRequested

    function focusPrompt(): void {
        composer.focusPrompt();
    }

    function copyLastAnswer(): void {
        messages.copyLastAnswer();
    }

    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        ChatHeader {
            Layout.fillWidth: true
            app: root.app
            sidebarHidden: root.sidebarHidden
            panelShown: root.panelShown
            onSidebarRequested: root.sidebarRequested()
            onPanelRequested: root.panelRequested()
            onModelsRequested: root.modelsRequested()
            onOptionsRequested: optionsSheet.show()
        }

        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true

            MessageList {
                id: messages

                anchors.fill: parent
                visible: count > 0
                app: root.app
            }
            Loader {
                anchors.fill: parent
                active: messages.count === 0 && !root.app.chat.loading
                sourceComponent: WelcomeView {
                    app: root.app
                    onModelsRequested: root.modelsRequested()
                    onExampleChosen: text => composer.write(text)
                }
            }
        }

        InlineMessage {
            objectName: "chatError"
            Layout.alignment: Qt.AlignHCenter
            Layout.fillWidth: true
            Layout.maximumWidth: Theme.textWidthMax
            Layout.leftMargin: 16
            Layout.rightMargin: 16
            Layout.bottomMargin: 8
            visible: text !== ""
            text: root.app.chat.errorText !== "" ? root.app.chat.errorText
                : root.app.engine.errorText
            actionText: root.app.engine.state === App.EngineController.Failed ? qsTr("Try again")
                : ""
            closable: root.app.chat.errorText !== ""
            onAction: root.app.engine.retry()
            onDismissed: root.app.chat.dismissError()
        }

        Composer {
            id: composer

            Layout.alignment: Qt.AlignHCenter
            Layout.fillWidth: true
            Layout.maximumWidth: Theme.textWidthMax + 32
            Layout.leftMargin: 16
            Layout.rightMargin: 16
            Layout.bottomMargin: 16
            chat: root.app.chat
            engine: root.app.engine
        }
    }

    Loader {
        id: optionsSheet

        function show(): void {
            active = true;
            (item as ChatOptionsSheet).open();
        }

        active: false
        sourceComponent: ChatOptionsSheet {
            chat: root.app.chat
        }
    }
}
