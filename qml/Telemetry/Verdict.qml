// SPDX-License-Identifier: Apache-2.0
// The speed, and in words what limits it.
import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

ColumnLayout {
    id: root

    required property App.Telemetry telemetry

    spacing: 4

    RowLayout {
        Layout.fillWidth: true
        spacing: 6

        Label {
            objectName: "tokensPerSecond"
            text: root.telemetry.hasData ? Format.significant(root.telemetry.tokensPerSecond)
                : qsTr("No figures yet")
            numeric: true
            font.pixelSize: root.telemetry.hasData ? 36 : Theme.titleSize
            font.weight: Font.DemiBold
            color: root.telemetry.hasData ? Theme.accent : Theme.textMuted
            Accessible.name: root.telemetry.hasData ? qsTr("%1 tokens a second").arg(text) : text
        }
        Label {
            Layout.fillWidth: true
            Layout.alignment: Qt.AlignBaseline
            visible: root.telemetry.hasData
            text: qsTr("tokens/s")
            color: Theme.textMuted
        }
        Label {
            visible: root.telemetry.hasData
            Layout.alignment: Qt.AlignBaseline
            text: qsTr("%1 a token").arg(Format.milliseconds(root.telemetry.timePerTokenMs))
            numeric: true
            color: Theme.textMuted
        }
    }
    Label {
        objectName: "verdict"
        Layout.fillWidth: true
        text: root.telemetry.hasData ? root.telemetry.verdict
                                     : qsTr("Ask something: the figures move with the answer.")
        color: Theme.textMuted
        wrapMode: Text.Wrap
        lineHeight: 1.25
    }
    Label {
        Layout.fillWidth: true
        visible: root.telemetry.synthetic
        text: qsTr("Scripted figures, not of a real model")
        color: Theme.warning
        font.pixelSize: Theme.captionSize
        wrapMode: Text.Wrap
    }
}
