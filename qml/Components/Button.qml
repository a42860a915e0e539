// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Templates as T
import Glowworm

T.Button {
    id: root

    enum Kind { Plain, Primary, Quiet, Danger }

    property int kind: Button.Plain
    readonly property color ink: !enabled ? Theme.textFaint
        : kind === Button.Primary ? Theme.primaryInk
        : kind === Button.Danger ? Theme.danger : Theme.text
    readonly property bool pictured: icon.source.toString() !== ""
    readonly property real pictureWidth: pictured ? 18 + spacing : 0

    implicitWidth: Math.ceil(words.implicitWidth + pictureWidth + leftPadding + rightPadding)
    implicitHeight: Theme.controlHeight
    leftPadding: 14
    rightPadding: 14
    spacing: 8
    opacity: enabled ? 1 : 0.6
    font.pixelSize: Theme.bodySize
    font.weight: kind === Button.Primary ? Font.DemiBold : Font.Medium
    hoverEnabled: true
    Accessible.name: text
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Item {
        Row {
            id: row

            anchors.centerIn: parent
            spacing: root.spacing

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.pictured
                size: 18
                source: root.icon.source
                color: root.ink
            }
            Label {
                id: words

                anchors.verticalCenter: parent.verticalCenter
                width: Math.min(implicitWidth, root.availableWidth - root.pictureWidth)
                text: root.text
                font: root.font
                color: root.ink
                elide: Text.ElideRight
                Accessible.ignored: true
            }
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: root.kind === Button.Primary
            ? (root.down ? Theme.primaryPressed : root.hovered ? Theme.primaryHover : Theme.primary)
            : root.down ? Theme.pressed
            : root.hovered ? Theme.hover
            : root.kind === Button.Quiet ? "transparent" : Theme.surface
        border.width: root.kind === Button.Plain || root.kind === Button.Danger ? 1 : 0
        border.color: root.hovered ? Theme.borderStrong : Theme.border

        FocusRing {
            control: root
        }
    }
}
