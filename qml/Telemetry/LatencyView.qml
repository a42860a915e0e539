// SPDX-License-Identifier: Apache-2.0
// Where the time of a token goes: the last 200 tokens, and their mean now.
import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

ColumnLayout {
    id: root

    required property App.Telemetry telemetry

    spacing: 0

    PanelTitle {
        Layout.fillWidth: true
        Layout.bottomMargin: 4
        title: qsTr("Time per token")
        value: root.telemetry.hasData ? Format.milliseconds(root.telemetry.timePerTokenMs) : "–"
    }
    App.LatencyPlot {
        id: plot

        objectName: "latencyPlot"
        Layout.fillWidth: true
        Layout.preferredHeight: 120
        visible: root.telemetry.hasData
        telemetry: root.telemetry
        attentionColor: Theme.attention
        predictorColor: Theme.predictor
        ffnColor: Theme.neurons
        flashColor: Theme.flash
        otherColor: Theme.other
        gridColor: Theme.border
        textColor: Theme.textFaint
        markColor: Theme.text
        font.pixelSize: 10
        hovered: pointer.hovered ? tokenAt(pointer.point.position.x) : -1
        Accessible.role: Accessible.Chart
        Accessible.name: qsTr("Time per token over the last 200 tokens")

        HoverHandler {
            id: pointer
        }
    }
    Label {
        objectName: "latencyEmpty"
        Layout.fillWidth: true
        visible: !root.telemetry.hasData
        text: qsTr("Each token of an answer becomes a bar here, coloured by where its time went")
        color: Theme.textFaint
        font.pixelSize: Theme.captionSize
        wrapMode: Text.Wrap
    }
    Label {
        Layout.fillWidth: true
        Layout.preferredHeight: 32
        visible: root.telemetry.hasData
        text: plot.hovered >= 0 ? plot.describe(plot.hovered)
                                : qsTr("Last 200 tokens; dashed: the budget changed")
        numeric: true
        color: Theme.textFaint
        font.pixelSize: Theme.captionSize
        verticalAlignment: Text.AlignTop
        wrapMode: Text.Wrap
        maximumLineCount: 2
        elide: Text.ElideRight
    }
    GridLayout {
        Layout.fillWidth: true
        visible: root.telemetry.hasData
        columns: 2
        columnSpacing: 16
        rowSpacing: 0
        uniformCellWidths: true

        LegendRow {
            Layout.fillWidth: true
            swatch: Theme.attention
            name: qsTr("Attention")
            value: Format.milliseconds(root.telemetry.attentionMs)
        }
        LegendRow {
            Layout.fillWidth: true
            swatch: Theme.predictor
            name: qsTr("Predictor")
            value: Format.milliseconds(root.telemetry.predictorMs)
        }
        LegendRow {
            Layout.fillWidth: true
            swatch: Theme.neurons
            name: qsTr("Neurons")
            about: qsTr("Feed-forward: the neurons that fire")
            value: Format.milliseconds(root.telemetry.ffnMs)
        }
        LegendRow {
            Layout.fillWidth: true
            swatch: Theme.flash
            name: qsTr("Flash wait")
            about: qsTr("Waiting for neurons from flash")
            value: Format.milliseconds(root.telemetry.flashWaitMs)
        }
        LegendRow {
            Layout.fillWidth: true
            swatch: Theme.other
            name: qsTr("The rest")
            about: qsTr("Bookkeeping of the cache, output, sampling")
            value: Format.milliseconds(root.telemetry.otherMs)
        }
    }
}
