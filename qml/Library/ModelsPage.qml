// SPDX-License-Identifier: Apache-2.0
// The models on this machine, and how others come to it.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

Item {
    id: root

    required property App.Application app
    property bool sidebarHidden: false

    signal sidebarRequested
    signal chatRequested

    Component.onCompleted: {
        app.engine.refreshMachine();
        app.models.refresh();
    }

    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        PageHeader {
            Layout.fillWidth: true
            title: qsTr("Models")
            sidebarHidden: root.sidebarHidden
            onSidebarRequested: root.sidebarRequested()

            Button {
                objectName: "importFile"
                text: qsTr("Import a file")
                icon.source: "qrc:/glowworm/icons/file.svg"
                onClicked: dialogs.importFile()
            }
            Button {
                objectName: "importFolder"
                text: qsTr("Import a folder")
                icon.source: "qrc:/glowworm/icons/folder.svg"
                onClicked: dialogs.importFolder()
            }
        }

        ListView {
            id: list

            objectName: "models"
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true
            model: root.app.models
            spacing: 12
            topMargin: 24
            bottomMargin: 24
            boundsBehavior: Flickable.StopAtBounds
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Models")

            T.ScrollBar.vertical: ScrollBar {}

            delegate: ModelDelegate {
                width: ListView.view.width
                app: root.app
                onChatRequested: root.chatRequested()
                onExportRequested: dialogs.exportModel(modelId, name)
            }

            header: MeasureNote {
                width: ListView.view.width
                machine: root.app.machine
                wanted: list.count > 0
                progressElsewhere: !root.sidebarHidden
            }

            footer: Label {
                width: ListView.view.width
                height: 72
                leftPadding: 24
                rightPadding: 24
                visible: list.count > 0
                text: qsTr("Drop a GGUF file, a model's folder or an archive anywhere on this "
                    + "window to import it.")
                color: Theme.textFaint
                horizontalAlignment: Text.AlignHCenter
                wrapMode: Text.Wrap
            }

            Placeholder {
                objectName: "noModels"
                anchors.centerIn: parent
                width: Math.min(420, parent.width - 48)
                visible: list.count === 0
                iconSource: "qrc:/glowworm/icons/models.svg"
                title: qsTr("No model on this machine yet")
                text: qsTr("Drop a GGUF file or a folder with safetensors and config.json on "
                    + "this window, or choose one. The original stays where it is.")
                actionText: qsTr("Import a file")
                onAction: dialogs.importFile()
            }
        }
    }

    ModelDialogs {
        id: dialogs

        models: root.app.models
    }
}
