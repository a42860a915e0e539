// SPDX-License-Identifier: Apache-2.0
// The one knob: how much memory the model may have, over what it is spent on.
import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

ColumnLayout {
    id: root

    required property App.EngineController engine
    required property App.Telemetry telemetry

    spacing: 6

    PanelTitle {
        Layout.fillWidth: true
        title: qsTr("Memory budget")
        value: Format.bytes(root.engine.budgetBytes)
    }
    BudgetSlider {
        objectName: "budget"
        Layout.fillWidth: true
        engine: root.engine
        telemetry: root.telemetry
    }
    RowLayout {
        Layout.fillWidth: true

        Label {
            Layout.fillWidth: true
            text: qsTr("at least %1").arg(Format.bytes(root.engine.budgetBytesMin))
            numeric: true
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
        }
        Label {
            text: qsTr("all in memory %1").arg(Format.bytes(root.engine.budgetBytesMax))
            numeric: true
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
        }
    }
    GridLayout {
        Layout.fillWidth: true
        columns: 2
        columnSpacing: 16
        rowSpacing: 0
        uniformCellWidths: true

        LegendRow {
            Layout.fillWidth: true
            swatch: Theme.resident
            name: qsTr("Resident")
            about: qsTr("Weights that always stay in memory")
            value: Format.bytes(root.telemetry.residentBytes)
        }
        LegendRow {
            Layout.fillWidth: true
            swatch: Theme.predictor
            name: qsTr("Predictor")
            about: qsTr("What foretells which neurons fire")
            value: Format.bytes(root.telemetry.predictorBytes)
        }
        LegendRow {
            Layout.fillWidth: true
            swatch: Theme.attention
            name: qsTr("KV cache")
            about: qsTr("The conversation so far, as the attention needs it")
            value: Format.bytes(root.telemetry.kvBytes)
        }
        LegendRow {
            Layout.fillWidth: true
            swatch: Theme.other
            name: qsTr("Buffers")
            about: qsTr("Working memory of the engine")
            value: Format.bytes(root.telemetry.bufferBytes)
        }
        LegendRow {
            objectName: "cacheUsed"
            Layout.fillWidth: true
            swatch: Theme.neurons
            name: qsTr("Neurons")
            about: qsTr("Neurons that are kept in memory")
            value: Format.bytes(root.telemetry.cacheUsedBytes)
        }
        LegendRow {
            Layout.fillWidth: true
            swatch: Theme.neuronsFree
            name: qsTr("Free")
            about: qsTr("Room for more neurons")
            value: Format.bytes(root.telemetry.cacheFreeBytes)
        }
    }
    MachineBar {
        Layout.fillWidth: true
        Layout.topMargin: 4
        engine: root.engine
    }
}
