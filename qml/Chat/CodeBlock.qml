// SPDX-License-Identifier: Apache-2.0
// Code with its language, coloured, scrolled sideways rather than broken, and a copy button.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Glowworm

Rectangle {
    id: root

    required property string text
    required property string plain
    required property string language
    property bool copied: false

    signal copyRequested(text: string)

    implicitHeight: header.height + flick.height
    radius: Theme.radius + 2
    color: Theme.sunken
    border.width: 1
    border.color: Theme.border

    Item {
        id: header

        width: parent.width
        height: 36

        Label {
            x: 14
            height: parent.height
            text: root.language === "" ? qsTr("code") : root.language
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
            font.weight: Font.Medium
        }
        IconButton {
            objectName: "copyCode"
            anchors.right: parent.right
            anchors.rightMargin: 6
            anchors.verticalCenter: parent.verticalCenter
            size: 28
            iconSize: 16
            ink: root.copied ? Theme.accent : hovered ? Theme.text : Theme.textMuted
            text: root.copied ? qsTr("Copied") : qsTr("Copy the code")
            icon.source: root.copied ? "qrc:/glowworm/icons/check.svg"
                : "qrc:/glowworm/icons/copy.svg"
            onClicked: {
                root.copyRequested(root.plain);
                root.copied = true;
                back.restart();
            }

            Timer {
                id: back

                interval: 2000
                onTriggered: root.copied = false
            }
        }
    }

    Flickable {
        id: flick

        y: header.height
        width: parent.width
        height: code.implicitHeight + 2
        contentWidth: code.implicitWidth
        contentHeight: code.implicitHeight
        clip: contentWidth > width
        interactive: contentWidth > width
        boundsBehavior: Flickable.StopAtBounds
        flickableDirection: Flickable.HorizontalFlick
        T.ScrollBar.horizontal: ScrollBar {}

        Prose {
            id: code

            html: root.text
            width: Math.max(implicitWidth, flick.width)
            leftPadding: 14
            rightPadding: 14
            topPadding: 2
            bottomPadding: 14
            font.family: Theme.mono
            font.pixelSize: 13
            wrapMode: TextEdit.NoWrap
            Accessible.name: root.plain
        }
    }
}
