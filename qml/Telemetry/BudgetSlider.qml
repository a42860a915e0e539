// SPDX-License-Identifier: Apache-2.0
// The bar is the budget scale, 0 to everything in memory; the handle cannot go below the least that
// runs. What is spent is stacked inside it in the legend's order.
import QtQuick
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

T.Slider {
    id: root

    required property App.EngineController engine
    required property App.Telemetry telemetry
    readonly property real barWidth: availableWidth - 12
    readonly property real perByte: to > 0 ? barWidth / to : 0

    implicitWidth: 240
    implicitHeight: 40
    hoverEnabled: true
    from: 0
    to: Math.max(1, engine.budgetBytesMax)
    stepSize: to / 100
    snapMode: T.Slider.NoSnap
    value: engine.budgetBytes
    enabled: engine.budgetBytesMax > 0
    Accessible.name: qsTr("Memory budget")
    Accessible.description: Format.bytes(engine.budgetBytes)
    onMoved: engine.budgetBytes = Math.max(engine.budgetBytesMin, Math.round(value))
    // What the engine made of the wish (never below the least) is where the handle comes to rest.
    onPressedChanged: if (!pressed) value = Qt.binding(() => root.engine.budgetBytes)

    background: Item {
        Rectangle {
            id: bar

            x: 6
            y: 12
            width: root.barWidth
            height: 16
            radius: 5
            color: Theme.pressed

            Row {
                height: parent.height

                Segment {
                    color: Theme.resident
                    radius: 5
                    width: root.telemetry.residentBytes * root.perByte
                }
                Segment {
                    color: Theme.predictor
                    width: root.telemetry.predictorBytes * root.perByte
                }
                Segment {
                    color: Theme.attention
                    width: root.telemetry.kvBytes * root.perByte
                }
                Segment {
                    color: Theme.other
                    width: root.telemetry.bufferBytes * root.perByte
                }
                Segment {
                    color: Theme.neurons
                    width: root.telemetry.cacheUsedBytes * root.perByte
                }
                Segment {
                    color: Theme.neuronsFree
                    width: root.telemetry.cacheFreeBytes * root.perByte
                }
            }
        }
        Rectangle {
            x: 6 + root.engine.budgetBytesMin * root.perByte
            y: 8
            width: 1
            height: 24
            color: Theme.borderStrong
        }
    }

    handle: Rectangle {
        x: root.leftPadding + Math.max(root.visualPosition, root.engine.budgetBytesMin / root.to)
            * root.barWidth
        y: 4
        width: 12
        height: 32
        radius: 6
        color: root.pressed ? Theme.accent : Theme.text
        border.width: 2
        border.color: Theme.sidebar

        FocusRing {
            control: root
        }
    }

    component Segment: Rectangle {
        height: parent?.height ?? 0
        topRightRadius: 0
        bottomRightRadius: 0
    }
}
