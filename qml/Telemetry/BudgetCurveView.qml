// SPDX-License-Identifier: Apache-2.0
// What each budget would bring: milliseconds a token over the budget, foretold, with the present
// budget as a dot. Dragging the dot (or the arrow keys) sets the budget as the slider above does.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

ColumnLayout {
    id: root

    required property App.EngineController engine
    required property App.BudgetCurve curve
    // Read again whenever the curve or the budget changes.
    property string advice
    property real foretoldMs
    property real measuredMs  // at the present budget; 0: not for long enough

    function renew(): void {
        advice = curve.advice(engine.budgetBytes);
        foretoldMs = curve.msAt(engine.budgetBytes);
        measuredMs = curve.measuredAt(engine.budgetBytes);
    }

    spacing: 6
    Component.onCompleted: renew()

    Connections {
        target: root.curve

        function onChanged(): void {
            root.renew();
        }
    }
    Connections {
        target: root.engine

        function onBudgetChanged(): void {
            root.renew();
        }
    }

    RowLayout {
        Layout.fillWidth: true
        spacing: 4

        Label {
            Layout.fillWidth: true
            text: qsTr("What memory would bring")
            font.weight: Font.DemiBold
            elide: Text.ElideRight
            Accessible.role: Accessible.Heading
        }
        IconButton {
            objectName: "copyCurve"
            implicitWidth: 28
            implicitHeight: 28
            visible: root.curve.hasCurve
            text: qsTr("Copy the curve as CSV")
            icon.source: "qrc:/glowworm/icons/copy.svg"
            onClicked: root.curve.copyAsCsv()
        }
    }
    Label {
        objectName: "budgetHere"
        Layout.fillWidth: true
        visible: root.curve.hasCurve
        text: root.measuredMs > 0
            ? qsTr("Here: foretold %1, measured %2").arg(Format.milliseconds(root.foretoldMs))
                .arg(Format.milliseconds(root.measuredMs))
            : qsTr("Here: foretold %1 a token").arg(Format.milliseconds(root.foretoldMs))
        numeric: true
        color: Theme.textMuted
        font.pixelSize: Theme.captionSize
        elide: Text.ElideRight
    }
    T.Slider {
        id: slider

        objectName: "budgetCurve"
        Layout.fillWidth: true
        implicitHeight: 132
        leftPadding: plot.areaLeft - dot.width / 2
        rightPadding: width - plot.areaRight - dot.width / 2
        visible: root.curve.hasCurve
        hoverEnabled: true
        from: root.engine.budgetBytesMin
        to: Math.max(from + 1, root.engine.budgetBytesMax)
        stepSize: (to - from) / 100
        snapMode: T.Slider.NoSnap
        value: root.engine.budgetBytes
        Accessible.name: qsTr("Memory budget, on the curve of time per token")
        Accessible.description: qsTr("%1, about %2 a token. %3")
            .arg(Format.bytes(root.engine.budgetBytes)).arg(Format.milliseconds(root.foretoldMs)).arg(root.advice)
        onMoved: root.engine.budgetBytes = Math.round(value)
        onPressedChanged: if (!pressed) value = Qt.binding(() => root.engine.budgetBytes)

        background: App.BudgetPlot {
            id: plot

            objectName: "budgetPlot"
            curve: root.curve
            budgetBytes: root.engine.budgetBytes
            lineColor: Theme.accent
            pointColor: Theme.flash
            gridColor: Theme.border
            textColor: Theme.textFaint
            font.pixelSize: 10
        }

        handle: Rectangle {
            id: dot

            x: plot.dotX - width / 2
            y: plot.dotY - height / 2
            width: 16
            height: 16
            radius: 8
            color: slider.pressed ? Theme.primaryPressed : Theme.primary
            border.width: 2
            border.color: Theme.sidebar

            FocusRing {
                radius: width / 2
                control: slider
            }
        }
    }
    RowLayout {
        Layout.fillWidth: true
        visible: root.curve.hasCurve
        spacing: 12

        Label {
            text: Format.bytes(root.engine.budgetBytesMin)
            numeric: true
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
        }
        Label {
            Layout.fillWidth: true
            text: qsTr("- - foretold   ● measured")
            horizontalAlignment: Text.AlignHCenter
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
            elide: Text.ElideRight
        }
        Label {
            text: Format.bytes(root.engine.budgetBytesMax)
            numeric: true
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
        }
    }
    Label {
        objectName: "budgetAdvice"
        Layout.fillWidth: true
        text: root.curve.hasCurve ? root.advice
            : qsTr("With the first answer a curve appears here: how fast each budget would be.")
        color: root.curve.hasCurve ? Theme.text : Theme.textFaint
        font.pixelSize: root.curve.hasCurve ? Theme.bodySize : Theme.captionSize
        wrapMode: Text.Wrap
        lineHeight: 1.2
    }
}
