// SPDX-License-Identifier: Apache-2.0
// This machine is being measured: how far that is, and the way to end it.
import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

RowLayout {
    id: root

    required property App.MachineProbe machine

    visible: machine.measuring
    spacing: 8

    ColumnLayout {
        Layout.fillWidth: true
        spacing: 6

        Label {
            Layout.fillWidth: true
            text: qsTr("Measuring this machine, %1 %").arg(Math.floor(100 * root.machine.progress))
            numeric: true
            color: Theme.textMuted
            font.pixelSize: Theme.captionSize
            elide: Text.ElideRight
        }
        ProgressBar {
            Layout.fillWidth: true
            value: root.machine.progress
            Accessible.name: qsTr("Measuring this machine")
        }
    }
    IconButton {
        objectName: "stopMeasuring"
        text: qsTr("Stop measuring")
        icon.source: "qrc:/glowworm/icons/close.svg"
        onClicked: root.machine.cancel()
    }
}
