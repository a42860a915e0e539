// SPDX-License-Identifier: Apache-2.0
// The share of the neurons a token needed that were already in memory.
import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

ColumnLayout {
    id: root

    required property App.Telemetry telemetry

    spacing: 6

    PanelTitle {
        Layout.fillWidth: true
        title: qsTr("Found in memory")
        value: root.telemetry.hasData ? Format.percent(root.telemetry.hitRateNow) : "–"
    }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: 8
        radius: 4
        color: Theme.pressed

        Rectangle {
            width: parent.width * root.telemetry.hitRateNow
            height: parent.height
            radius: 4
            color: Theme.neurons
        }
        Rectangle {
            x: Math.min(parent.width - 2, parent.width * root.telemetry.hitRateAnswer)
            y: -3
            width: 2
            height: 14
            visible: root.telemetry.hasData
            color: Theme.text
        }
    }
    Label {
        Layout.fillWidth: true
        text: root.telemetry.hasData
            ? qsTr("%1 over the whole answer (the mark)")
            .arg(Format.percent(root.telemetry.hitRateAnswer))
            : qsTr("The cache hit rate appears with the first answer")
        numeric: true
        color: Theme.textFaint
        font.pixelSize: Theme.captionSize
        wrapMode: Text.Wrap
    }
}
