// SPDX-License-Identifier: Apache-2.0
// The starter's row of the library, wherever it stands in the list: its progress in words and as a
// bar.
pragma ComponentBehavior: Bound

import QtQuick
import Glowworm
import Glowworm.App as App

Column {
    id: root

    required property App.ModelLibrary models

    objectName: "starterProgress"
    spacing: 8

    Repeater {
        model: root.models

        Column {
            id: row

            required property string name
            required property double progress
            required property string stageText
            required property bool isStarter

            visible: isStarter
            width: root.width
            spacing: 8

            ProgressBar {
                width: parent.width
                implicitHeight: 6
                value: row.progress
                Accessible.name: row.name
            }
            Label {
                width: parent.width
                numeric: true
                text: row.stageText === "" ? row.name
                    : qsTr("%1: %2, %3 %").arg(row.name).arg(row.stageText)
                    .arg(Math.floor(100 * row.progress))
                color: Theme.textFaint
                font.pixelSize: Theme.captionSize
                horizontalAlignment: Text.AlignHCenter
                elide: Text.ElideRight
            }
        }
    }
}
