// SPDX-License-Identifier: Apache-2.0
// How many tokens back a neuron may have fired and still be kept. In the automatic window what fires
// often is kept for longer, so there the figure is what holds for all.
import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

ColumnLayout {
    id: root

    required property App.EngineController engine
    required property App.Telemetry telemetry
    readonly property bool automatic: engine.windowTokens === 0

    spacing: 6

    PanelTitle {
        Layout.fillWidth: true
        title: qsTr("Window")
        value: !root.telemetry.hasData ? ""
            : root.telemetry.windowEffective === 0 ? qsTr("less than a token")
            : (root.automatic ? qsTr("at least %1") : "%1").arg(
                root.telemetry.windowEffective === 1 ? qsTr("1 token")
                : qsTr("%1 tokens").arg(root.telemetry.windowEffective))
    }
    RowLayout {
        Layout.fillWidth: true
        spacing: 10

        SegmentedControl {
            objectName: "windowMode"
            implicitHeight: 32
            name: qsTr("Window")
            options: [qsTr("Automatic"), qsTr("Set")]
            currentIndex: root.automatic ? 0 : 1
            onChosen: index => root.engine.windowTokens = index === 0 ? 0
                : Math.max(1, root.telemetry.windowEffective)
        }
        Slider {
            id: slider

            objectName: "windowSlider"
            Layout.fillWidth: true
            visible: !root.automatic
            from: 1
            to: 64
            stepSize: 1
            value: root.engine.windowTokens
            Accessible.name: qsTr("Window in tokens")
            onMoved: root.engine.windowTokens = Math.round(value)
        }
        Label {
            Layout.preferredWidth: 24
            visible: !root.automatic
            text: root.engine.windowTokens
            numeric: true
            horizontalAlignment: Text.AlignRight
        }
    }
    Label {
        Layout.fillWidth: true
        visible: root.telemetry.hasData
        text: qsTr("Per token %1 neurons come in, %2 leave")
            .arg(Format.count(root.telemetry.neuronsLoadedPerToken))
            .arg(Format.count(root.telemetry.neuronsDroppedPerToken))
        numeric: true
        color: Theme.textFaint
        font.pixelSize: Theme.captionSize
        wrapMode: Text.Wrap
    }
}
