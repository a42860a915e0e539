// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

GridLayout {
    id: root

    required property App.Telemetry telemetry

    columns: 2
    columnSpacing: 8
    uniformCellWidths: true

    Figure {
        objectName: "bytesPerToken"
        Layout.fillWidth: true
        name: qsTr("Read per token")
        value: root.telemetry.hasData ? Format.bytes(root.telemetry.bytesPerToken) : "–"
    }
    Figure {
        Layout.fillWidth: true
        name: qsTr("Flash bandwidth")
        value: root.telemetry.hasData
            ? qsTr("%1/s").arg(Format.bytes(root.telemetry.flashBytesPerSecond)) : "–"
    }

    component Figure: Rectangle {
        id: figure

        property string name
        property string value

        implicitHeight: 60
        radius: Theme.radius
        color: Theme.surface
        border.width: 1
        border.color: Theme.border
        Accessible.role: Accessible.StaticText
        Accessible.name: name + " " + value

        Label {
            x: 12
            y: 10
            text: figure.name
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
            Accessible.ignored: true
        }
        Label {
            x: 12
            y: 30
            text: figure.value
            numeric: true
            font.weight: Font.DemiBold
            Accessible.ignored: true
        }
    }
}
