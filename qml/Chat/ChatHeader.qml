// SPDX-License-Identifier: Apache-2.0
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
    signal optionsRequested

    implicitHeight: 56

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: 12
        anchors.rightMargin: 12
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
            Layout.leftMargin: 4
            text: root.app.chat.title === "" ? qsTr("New chat") : root.app.chat.title
            font.pixelSize: 16
            font.weight: Font.DemiBold
            elide: Text.ElideRight
            Accessible.role: Accessible.Heading
        }
        ModelPicker {
            objectName: "modelPicker"
            Layout.maximumWidth: 320
            app: root.app
            onModelsRequested: root.modelsRequested()
        }
        IconButton {
            objectName: "chatOptions"
            text: qsTr("Instructions and sampling of this chat")
            icon.source: "qrc:/glowworm/icons/tune.svg"
            onClicked: root.optionsRequested()
        }
        IconButton {
            objectName: "panelButton"
            text: root.panelShown ? qsTr("Hide the live panel") : qsTr("Show the live panel")
            shortcutText: "Ctrl+T"
            icon.source: "qrc:/glowworm/icons/panel.svg"
            ink: root.panelShown ? Theme.accent : hovered ? Theme.text : Theme.textMuted
            Accessible.checkable: true
            Accessible.checked: root.panelShown
            onClicked: root.panelRequested()
        }
    }

    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 1
        color: Theme.border
    }
}
