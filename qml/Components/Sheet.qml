// SPDX-License-Identifier: Apache-2.0
// A card over the dimmed window: one subject, Escape or a click beside it closes.
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Glowworm

T.Popup {
    id: root

    required property string title
    property string name  // of its content, for tests
    default property alias body: column.data
    property int wantedWidth: 560

    parent: T.Overlay.overlay
    x: Math.round(((parent?.width ?? 0) - width) / 2)
    y: Math.round(Math.max(24, ((parent?.height ?? 0) - height) / 2))
    width: Math.min(wantedWidth, (parent?.width ?? 0) - 48)
    height: Math.min(header.height + column.implicitHeight + 56, (parent?.height ?? 0) - 48)
    modal: true
    focus: true
    padding: 0
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside

    T.Overlay.modal: Rectangle {
        color: Theme.scrim
    }

    background: Rectangle {
        radius: 16
        color: Theme.window
        border.width: 1
        border.color: Theme.border
    }

    contentItem: FocusScope {
        objectName: root.name
        Accessible.role: Accessible.Dialog
        Accessible.name: root.title

        RowLayout {
            id: header

            x: 24
            y: 16
            width: parent.width - 40
            height: 40

            Label {
                Layout.fillWidth: true
                text: root.title
                font.pixelSize: Theme.titleSize
                font.weight: Font.DemiBold
                Accessible.role: Accessible.Heading
            }
            IconButton {
                text: qsTr("Close")
                icon.source: "qrc:/glowworm/icons/close.svg"
                onClicked: root.close()
            }
        }

        Flickable {
            id: flick

            anchors.fill: parent
            anchors.topMargin: header.y + header.height + 8
            anchors.bottomMargin: 8
            contentWidth: width
            contentHeight: column.implicitHeight + 24
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar {}

            ColumnLayout {
                id: column

                x: 24
                width: flick.width - 48
                spacing: 16
            }
        }
    }
}
