// SPDX-License-Identifier: Apache-2.0
// A trouble of the whole window, with its ways out: it lies over the page until it is settled.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

Rectangle {
    id: root

    required property App.Application app

    objectName: "notice"
    visible: app.notice !== ""
    implicitHeight: row.implicitHeight + 24
    color: Theme.warningFill
    Accessible.role: Accessible.AlertMessage
    Accessible.name: app.notice

    RowLayout {
        id: row

        x: 20
        y: 12
        width: parent.width - 32
        spacing: 8

        Icon {
            source: "qrc:/glowworm/icons/warning.svg"
            color: Theme.warning
        }
        Label {
            Layout.fillWidth: true
            Layout.leftMargin: 4
            text: root.app.notice
            wrapMode: Text.Wrap
        }
        Repeater {
            model: root.app.noticeActions

            Button {
                required property int index
                required property string modelData

                implicitHeight: 32
                text: modelData
                onClicked: root.app.runNoticeAction(index)
            }
        }
        IconButton {
            text: qsTr("Dismiss")
            icon.source: "qrc:/glowworm/icons/close.svg"
            onClicked: root.app.dismissNotice()
        }
    }
    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 1
        color: Theme.border
    }
}
