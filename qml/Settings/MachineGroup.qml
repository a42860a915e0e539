// SPDX-License-Identifier: Apache-2.0
// What this machine was found to do, and the way to find it out again.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

SettingGroup {
    id: root

    required property App.MachineProbe machine
    readonly property real fastest: Math.max(1, ...machine.readSpeeds)

    title: qsTr("This machine")

    SettingRow {
        Layout.fillWidth: true
        name: root.machine.known ? qsTr("Measured") : qsTr("Not measured yet")
        help: root.machine.waiting
            ? qsTr("Begins as soon as no model is being opened, imported or answering.")
            : qsTr("Reads for a few seconds from the disk that holds the models and, for a moment, from 256 MB of "
                + "memory. Foretells a model's speed, and chooses how the models that open from then on are read.")

        Button {
            objectName: "measureMachine"
            text: root.machine.measuring || root.machine.waiting ? qsTr("Stop")
                : root.machine.known ? qsTr("Measure again") : qsTr("Measure this machine")
            onClicked: {
                if (root.machine.measuring || root.machine.waiting)
                    root.machine.cancel();
                else
                    root.machine.measure();
            }
        }
    }
    ProgressBar {
        objectName: "measureProgress"
        Layout.fillWidth: true
        visible: root.machine.measuring
        value: root.machine.progress
        Accessible.name: qsTr("Measuring this machine")
    }
    InlineMessage {
        objectName: "measureError"
        Layout.fillWidth: true
        visible: root.machine.errorText !== ""
        text: root.machine.errorText
        closable: false
    }
    ColumnLayout {
        objectName: "machineFigures"
        Layout.fillWidth: true
        visible: root.machine.known
        spacing: 8

        Label {
            Layout.fillWidth: true
            text: qsTr("Disk, by the size of a read, %1 at a time").arg(root.machine.readsInFlight)
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
            wrapMode: Text.Wrap
        }
        Repeater {
            model: root.machine.readSizes

            SpeedBar {
                required property int index
                required property int modelData

                Layout.fillWidth: true
                name: modelData < 1048576 ? qsTr("%1 KiB").arg(modelData / 1024)
                                          : qsTr("%1 MiB").arg(modelData / 1048576)
                bytesPerSecond: root.machine.readSpeeds[index] ?? 0
                share: bytesPerSecond / root.fastest
            }
        }
    }
    Flow {
        Layout.fillWidth: true
        visible: root.machine.known
        spacing: 32

        ModelFigure {
            objectName: "memorySpeed"
            name: root.machine.threads === 1 ? qsTr("Memory, 1 thread")
                                             : qsTr("Memory, %1 threads").arg(root.machine.threads)
            value: Format.speed(root.machine.memoryBytesPerSecond)
        }
        ModelFigure {
            name: qsTr("Page cache, cold")
            value: Format.speed(root.machine.cachedReadSpeed)
        }
        ModelFigure {
            objectName: "readChoice"
            numeric: false
            name: qsTr("How models are read")
            value: (root.machine.directIo ? qsTr("past the page cache") : qsTr("through the page cache"))
                + qsTr(", %1 at a time").arg(root.machine.readsInFlight)
                + (root.machine.gapBytes > 0 ? qsTr(", gaps to %1 KiB").arg(root.machine.gapBytes / 1024) : "")
        }
    }
}
