// SPDX-License-Identifier: Apache-2.0
// The file dialogs of the library, each made when it is first asked for.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Dialogs
import Glowworm.App as App

Item {
    id: root

    required property App.ModelLibrary models
    property string exportId
    property string exportName

    function importFile(): void {
        open(file);
    }

    function importFolder(): void {
        open(folder);
    }

    function exportModel(modelId: string, name: string): void {
        exportId = modelId;
        exportName = name;
        open(target);
    }

    function open(which: Loader): void {
        which.active = true;
        const dialog = which.item as FileDialog;
        if (dialog !== null)
            dialog.open();
        else
            (which.item as FolderDialog).open();
    }

    Loader {
        id: file

        active: false
        sourceComponent: FileDialog {
            title: qsTr("Import a model")
            nameFilters: [qsTr("Models and archives (*.gguf *.glowworm *.tar.zst)"),
                          qsTr("All files (*)")]
            onAccepted: root.models.importPath(selectedFile)
        }
    }
    Loader {
        id: folder

        active: false
        sourceComponent: FolderDialog {
            title: qsTr("Import a model's folder")
            onAccepted: root.models.importPath(selectedFolder)
        }
    }
    Loader {
        id: target

        active: false
        sourceComponent: FileDialog {
            title: qsTr("Export %1").arg(root.exportName)
            fileMode: FileDialog.SaveFile
            defaultSuffix: "glowworm"
            nameFilters: [qsTr("Archive of a model (*.glowworm)")]
            onAccepted: root.models.exportArchive(root.exportId, selectedFile)
        }
    }
}
