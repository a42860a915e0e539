// SPDX-License-Identifier: Apache-2.0
// One of a few, all in sight. Arrow keys move, like radio buttons.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Glowworm

T.Control {
    id: root

    required property list<string> options
    property int currentIndex: 0
    property string name

    signal chosen(index: int)

    implicitWidth: row.implicitWidth + 6
    implicitHeight: Theme.controlHeight
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Grouping
    Accessible.name: name
    Keys.onLeftPressed: root.chosen(Math.max(0, root.currentIndex - 1))
    Keys.onRightPressed: root.chosen(Math.min(root.options.length - 1, root.currentIndex + 1))

    background: Rectangle {
        radius: Theme.radius
        color: Theme.sunken
        border.width: 1
        border.color: Theme.border

        FocusRing {
            control: root
        }
    }

    contentItem: Item {
        Row {
            id: row

            anchors.centerIn: parent

            Repeater {
                model: root.options

                T.AbstractButton {
                    id: option

                    required property int index
                    required property string modelData
                    readonly property bool current: index === root.currentIndex

                    implicitWidth: words.implicitWidth + 28
                    implicitHeight: root.height - 6
                    hoverEnabled: true
                    focusPolicy: Qt.NoFocus
                    Accessible.role: Accessible.RadioButton
                    Accessible.name: modelData
                    Accessible.checked: current
                    onClicked: root.chosen(index)

                    contentItem: Label {
                        id: words

                        text: option.modelData
                        horizontalAlignment: Text.AlignHCenter
                        color: option.current ? Theme.text : Theme.textMuted
                        font.weight: option.current ? Font.DemiBold : Font.Medium
                        Accessible.ignored: true
                    }
                    background: Rectangle {
                        radius: Theme.radius - 2
                        color: option.current ? Theme.selected : option.hovered ? Theme.hover
                            : "transparent"
                        border.width: option.current ? 1 : 0
                        border.color: Theme.border
                    }
                }
            }
        }
    }
}
