// SPDX-License-Identifier: Apache-2.0
// What the engine does with the memory it was given, while it does it.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

Rectangle {
    id: root

    required property App.Application app

    signal closeRequested

    color: Theme.sidebar
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Live panel")

    Rectangle {
        width: 1
        height: parent.height
        color: Theme.border
    }

    Timer {
        interval: 1000
        running: root.visible
        repeat: true
        triggeredOnStart: true
        onTriggered: root.app.engine.refreshMachine()
    }

    RowLayout {
        id: header

        x: 20
        width: parent.width - 32
        height: 56

        Label {
            Layout.fillWidth: true
            text: qsTr("Memory and speed")
            font.pixelSize: 16
            font.weight: Font.DemiBold
            Accessible.role: Accessible.Heading
        }
        IconButton {
            text: qsTr("Hide the live panel")
            shortcutText: "Ctrl+T"
            icon.source: "qrc:/glowworm/icons/close.svg"
            onClicked: root.closeRequested()
        }
    }

    Placeholder {
        objectName: "panelEmpty"
        anchors.centerIn: parent
        width: parent.width - 48
        visible: !root.app.telemetry.hasMemory
        iconSource: "qrc:/glowworm/icons/panel.svg"
        title: qsTr("Nothing to show yet")
        text: qsTr("When a model is open, this is where you see what its memory is spent on "
            + "and how fast it answers, and where you change both.")
    }

    Flickable {
        id: flick

        objectName: "panelScroll"
        anchors.fill: parent
        anchors.topMargin: header.height
        visible: root.app.telemetry.hasMemory
        contentWidth: width
        contentHeight: column.implicitHeight + 24
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {}

        ColumnLayout {
            id: column

            x: 20
            width: flick.width - 40
            spacing: 18

            Verdict {
                Layout.fillWidth: true
                telemetry: root.app.telemetry
            }
            FlashView {
                Layout.fillWidth: true
                telemetry: root.app.telemetry
            }
            BudgetView {
                Layout.fillWidth: true
                engine: root.app.engine
                telemetry: root.app.telemetry
            }
            BudgetCurveView {
                Layout.fillWidth: true
                engine: root.app.engine
                curve: root.app.telemetry.curve
            }
            WindowView {
                Layout.fillWidth: true
                engine: root.app.engine
                telemetry: root.app.telemetry
            }
            HitRateView {
                Layout.fillWidth: true
                telemetry: root.app.telemetry
            }
            LatencyView {
                Layout.fillWidth: true
                telemetry: root.app.telemetry
            }
        }
    }

    // There is more below.
    Rectangle {
        anchors.bottom: parent.bottom
        x: 1
        width: parent.width - 12
        height: 32
        visible: flick.visible && !flick.atYEnd
        gradient: Gradient {
            GradientStop {
                position: 0
                color: Qt.alpha(Theme.sidebar, 0)
            }
            GradientStop {
                position: 1
                color: Theme.sidebar
            }
        }
    }
}
