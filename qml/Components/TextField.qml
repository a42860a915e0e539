// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Templates as T
import Glowworm

T.TextField {
    id: root

    property url iconSource
    property bool invalid: false

    implicitWidth: 200
    implicitHeight: Theme.controlHeight
    leftPadding: iconSource.toString() === "" ? 12 : 36
    rightPadding: 12
    color: Theme.text
    placeholderTextColor: Theme.textFaint
    selectionColor: Theme.selection
    selectedTextColor: Theme.text
    font.pixelSize: Theme.bodySize
    verticalAlignment: TextInput.AlignVCenter
    selectByMouse: true
    Accessible.role: Accessible.EditableText
    Accessible.name: placeholderText

    background: Rectangle {
        radius: Theme.radius
        color: Theme.surface
        border.width: root.activeFocus || root.invalid ? 2 : 1
        border.color: root.invalid ? Theme.danger
            : root.activeFocus ? Theme.focus : root.hovered ? Theme.borderStrong : Theme.border
    }

    Icon {
        x: 10
        anchors.verticalCenter: parent.verticalCenter
        size: 18
        visible: root.iconSource.toString() !== ""
        source: root.iconSource
    }

    Label {
        x: root.leftPadding
        width: root.width - root.leftPadding - root.rightPadding
        height: root.height
        visible: root.text === "" && root.preeditText === ""
        text: root.placeholderText
        color: root.placeholderTextColor
        elide: Text.ElideRight
        Accessible.ignored: true
    }
}
