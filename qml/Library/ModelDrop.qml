// SPDX-License-Identifier: Apache-2.0
// The whole window takes models that are dropped on it.
import QtQuick
import Glowworm
import Glowworm.App as App

DropArea {
    id: root

    required property App.ModelLibrary models

    signal imported

    keys: ["text/uri-list"]
    onDropped: drop => {
        for (const url of drop.urls)
            models.importPath(url);
        drop.accept(Qt.CopyAction);
        imported();
    }

    Rectangle {
        anchors.fill: parent
        visible: root.containsDrag
        color: Theme.scrim

        Rectangle {
            anchors.centerIn: parent
            width: Math.min(440, parent.width - 48)
            height: 180
            radius: 16
            color: Theme.window
            border.width: 2
            border.color: Theme.accent

            Placeholder {
                anchors.centerIn: parent
                width: parent.width - 48
                iconSource: "qrc:/glowworm/icons/import.svg"
                title: qsTr("Drop to import")
                text: qsTr("A GGUF file, a model's folder or an archive of Glowworm")
            }
        }
    }
}
