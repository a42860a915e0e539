// SPDX-License-Identifier: Apache-2.0
// One model: what it is, what is being done with it, what can be done with it.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

Item {
    id: root

    required property string modelId
    required property string name
    required state
    required property double progress
    required property string stageText
    required property string errorText
    required property double sizeBytes
    required property string architecture
    required property string typeText
    required property double activeShare
    required property double budgetMinBytes
    required property string license
    required property bool isStarter
    required property bool isOpen
    required property string forecast
    required property bool fits
    required property App.Application app
    readonly property bool working: state === "importing" || state === "verifying"
        || state === "exporting"
    readonly property bool usable: state === "ready" || state === "exporting"
        || state === "verifying"

    signal chatRequested
    signal exportRequested

    implicitHeight: column.implicitHeight + 40
    Accessible.role: Accessible.ListItem
    Accessible.name: name

    Rectangle {
        id: card

        x: Math.round((parent.width - width) / 2)
        width: Math.min(880, parent.width - 48)
        height: parent.height
        radius: 14
        color: Theme.surface
        border.width: root.isOpen ? 2 : 1
        border.color: root.isOpen ? Theme.accent : Theme.border
    }

    ColumnLayout {
        id: column

        x: card.x + 20
        y: 20
        width: card.width - 40
        spacing: 12

        RowLayout {
            Layout.fillWidth: true
            spacing: 8

            Label {
                Layout.fillWidth: true
                Layout.maximumWidth: Math.ceil(implicitWidth)
                text: root.name
                font.pixelSize: 16
                font.weight: Font.DemiBold
                elide: Text.ElideMiddle
            }
            Tag {
                visible: root.isOpen
                text: qsTr("Open")
                lit: true
            }
            Tag {
                visible: root.isStarter
                text: qsTr("Starter")
            }
            Item {
                Layout.fillWidth: true
            }
            Button {
                objectName: "openModel"
                visible: root.usable && !root.isOpen
                implicitHeight: 32
                kind: Button.Primary
                text: qsTr("Open")
                onClicked: {
                    root.app.engine.openModel(root.modelId);
                    root.chatRequested();
                }
            }
            Button {
                objectName: "cancelWork"
                visible: root.working
                implicitHeight: 32
                text: qsTr("Cancel")
                onClicked: root.app.models.cancel(root.modelId)
            }
            IconButton {
                objectName: "verifyModel"
                visible: !root.working && root.state !== "incomplete"
                text: qsTr("Check every byte")
                icon.source: "qrc:/glowworm/icons/verify.svg"
                onClicked: root.app.models.verify(root.modelId)
            }
            IconButton {
                objectName: "exportModel"
                visible: root.state === "ready"
                text: qsTr("Export as one file")
                icon.source: "qrc:/glowworm/icons/export.svg"
                onClicked: root.exportRequested()
            }
            IconButton {
                objectName: "removeModel"
                visible: !root.working
                text: qsTr("Move to the trash")
                icon.source: "qrc:/glowworm/icons/trash.svg"
                onClicked: root.app.models.remove(root.modelId)
            }
        }

        Label {
            objectName: "modelForecast"
            Layout.fillWidth: true
            Layout.topMargin: -4
            visible: root.usable && text !== ""
            text: !root.fits ? qsTr("Does not fit: it needs at least %1, this machine has %2")
                                .arg(Format.bytes(root.budgetMinBytes))
                                .arg(Format.bytes(root.app.engine.machineBytes))
                : root.forecast !== "" ? qsTr("Foretold here: %1").arg(root.forecast) : ""
            numeric: true
            color: root.fits ? Theme.textMuted : Theme.warning
            wrapMode: Text.Wrap
        }

        Flow {
            Layout.fillWidth: true
            visible: root.sizeBytes > 0
            spacing: 32

            ModelFigure {
                name: qsTr("On disk")
                value: Format.bytes(root.sizeBytes)
            }
            ModelFigure {
                visible: root.budgetMinBytes > 0
                name: qsTr("Smallest budget")
                value: Format.bytes(root.budgetMinBytes)
            }
            ModelFigure {
                visible: root.activeShare > 0
                name: qsTr("Neurons a token needs")
                value: Format.percent(root.activeShare)
            }
            ModelFigure {
                visible: root.architecture !== ""
                numeric: false
                name: qsTr("Architecture")
                value: root.architecture
            }
            ModelFigure {
                visible: root.typeText !== ""
                numeric: false
                name: qsTr("Type")
                value: root.typeText
            }
            ModelFigure {
                visible: root.license !== ""
                numeric: false
                name: qsTr("Licence")
                value: root.license
            }
        }

        ColumnLayout {
            Layout.fillWidth: true
            visible: root.working
            spacing: 6

            ProgressBar {
                Layout.fillWidth: true
                value: root.progress
                Accessible.name: root.stageText
            }
            Label {
                Layout.fillWidth: true
                numeric: true
                text: qsTr("%1 · %2 %").arg(root.stageText).arg(Math.floor(100 * root.progress))
                color: Theme.textMuted
                font.pixelSize: Theme.captionSize
                elide: Text.ElideRight
            }
        }

        InlineMessage {
            objectName: "modelError"
            Layout.fillWidth: true
            visible: root.errorText !== ""
            text: root.errorText
            actionText: root.state === "incomplete" ? qsTr("Try again") : ""
            closable: false
            onAction: root.app.models.retry(root.modelId)
        }

        Label {
            objectName: "modelNote"
            Layout.fillWidth: true
            visible: !root.working && root.stageText !== ""
            text: root.stageText
            color: Theme.textMuted
            font.pixelSize: Theme.captionSize
            elide: Text.ElideMiddle
        }
    }
}
