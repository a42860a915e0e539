// SPDX-License-Identifier: Apache-2.0
// Above the models: their speed is foretold once this machine was measured, which begins here. No
// height where there is nothing to say.
import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

Item {
    id: root

    required property App.MachineProbe machine
    required property bool wanted
    property bool progressElsewhere: false  // in sight
    readonly property bool shown: wanted && !machine.known && !(machine.measuring && progressElsewhere)

    implicitHeight: shown ? card.height + 12 : 0
    visible: shown

    Rectangle {
        id: card

        x: Math.round((parent.width - width) / 2)
        width: Math.min(880, parent.width - 48)
        height: row.implicitHeight + 24
        radius: 14
        color: Theme.infoFill
        border.width: 1
        border.color: Theme.border

        RowLayout {
            id: row

            x: 20
            y: 12
            width: parent.width - 32
            spacing: 16

            MachineStatus {
                Layout.fillWidth: true
                machine: root.machine
            }
            Label {
                objectName: "measureNote"
                Layout.fillWidth: true
                visible: !root.machine.measuring
                text: root.machine.waiting
                    ? qsTr("This machine is measured as soon as no model is being opened, imported or answering.")
                    : qsTr("How fast a model will be here can be told before it is opened: a few seconds "
                        + "measure this disk and memory.")
                wrapMode: Text.Wrap
                lineHeight: 1.2
            }
            Button {
                objectName: "measureHere"
                implicitHeight: 32
                visible: !root.machine.measuring
                text: root.machine.waiting ? qsTr("Not now") : qsTr("Measure this machine")
                onClicked: root.machine.waiting ? root.machine.cancel() : root.machine.measure()
            }
        }
    }
}
