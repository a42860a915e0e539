// SPDX-License-Identifier: Apache-2.0
// What an empty place says: why it is empty and the one thing that helps.
import QtQuick
import Glowworm

Column {
    id: root

    property url iconSource
    property string title
    property string text
    property string actionText

    signal action

    spacing: 10
    width: 320

    Icon {
        anchors.horizontalCenter: parent.horizontalCenter
        visible: root.iconSource.toString() !== ""
        size: 36
        source: root.iconSource
        color: Theme.textFaint
    }
    Label {
        width: parent.width
        visible: text !== ""
        text: root.title
        font.pixelSize: 16
        font.weight: Font.DemiBold
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
    }
    Label {
        width: parent.width
        visible: text !== ""
        text: root.text
        color: Theme.textMuted
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
        lineHeight: 1.3
    }
    Button {
        anchors.horizontalCenter: parent.horizontalCenter
        visible: root.actionText !== ""
        text: root.actionText
        onClicked: root.action()
    }
}
