// SPDX-License-Identifier: Apache-2.0
// News that stays until it is read: what happened, and one thing to do about it.
import QtQuick
import QtQuick.Layouts
import Glowworm

Rectangle {
    id: root

    enum Kind { Info, Warning, Error }

    property int kind: InlineMessage.Error
    property string text
    property string actionText
    property bool closable: true
    readonly property color ink: kind === InlineMessage.Error ? Theme.danger
        : kind === InlineMessage.Warning ? Theme.warning : Theme.accent

    signal action
    signal dismissed

    implicitHeight: row.implicitHeight + 16
    implicitWidth: 320
    radius: Theme.radius
    color: kind === InlineMessage.Error ? Theme.dangerFill
        : kind === InlineMessage.Warning ? Theme.warningFill : Theme.infoFill
    border.width: 1
    border.color: Qt.alpha(ink, 0.4)
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    RowLayout {
        id: row

        x: 12
        y: 8
        width: parent.width - 20
        spacing: 10

        Icon {
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: 6
            source: root.kind === InlineMessage.Info ? "qrc:/glowworm/icons/info.svg"
                                                     : "qrc:/glowworm/icons/warning.svg"
            color: root.ink
        }
        TextEdit {
            Layout.fillWidth: true
            Layout.topMargin: 6
            Layout.bottomMargin: 6
            text: root.text
            color: Theme.text
            selectionColor: Theme.selection
            selectedTextColor: Theme.text
            font.pixelSize: Theme.bodySize
            wrapMode: TextEdit.Wrap
            textFormat: TextEdit.PlainText
            readOnly: true
            selectByMouse: true
            activeFocusOnTab: false
        }
        Button {
            Layout.alignment: Qt.AlignTop
            implicitHeight: 32
            visible: root.actionText !== ""
            text: root.actionText
            onClicked: root.action()
        }
        IconButton {
            Layout.alignment: Qt.AlignTop
            visible: root.closable
            text: qsTr("Dismiss")
            icon.source: "qrc:/glowworm/icons/close.svg"
            onClicked: root.dismissed()
        }
    }
}
