// SPDX-License-Identifier: Apache-2.0
// Which model answers, what it is doing now, and the way to another one.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

T.AbstractButton {
    id: root

    required property App.Application app
    readonly property App.EngineController engine: app.engine
    readonly property bool working: engine.answering
        || engine.state === App.EngineController.Loading

    signal modelsRequested

    implicitWidth: Math.min(320, row.implicitWidth + 24)
    implicitHeight: Theme.controlHeight
    leftPadding: 12
    rightPadding: 10
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    text: engine.modelName === "" ? qsTr("Choose a model") : engine.modelName
    Accessible.role: Accessible.ButtonMenu
    Accessible.name: qsTr("Model: %1, %2").arg(text).arg(engine.stateText)
    Keys.onReturnPressed: click()
    onClicked: {
        menu.active = true;
        (menu.item as T.Menu).popup(root, 0, root.height + 4);
    }

    contentItem: Row {
        id: row

        spacing: 8

        Rectangle {
            anchors.verticalCenter: parent.verticalCenter
            width: 8
            height: 8
            radius: 4
            color: root.engine.state === App.EngineController.Failed ? Theme.danger
                : root.engine.state === App.EngineController.Idle ? Theme.textFaint
                : root.working ? Theme.flash : Theme.accent
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, 176)
            text: root.text
            font.weight: Font.Medium
            elide: Text.ElideMiddle
            Accessible.ignored: true
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, 80)
            visible: root.engine.state !== App.EngineController.Idle
            text: root.engine.state === App.EngineController.Failed ? qsTr("Failed")
                : root.engine.stateText
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
            elide: Text.ElideRight
            Accessible.ignored: true
        }
        Icon {
            anchors.verticalCenter: parent.verticalCenter
            size: 16
            source: "qrc:/glowworm/icons/chevron-down.svg"
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: root.down ? Theme.pressed : root.hovered ? Theme.hover : Theme.surface
        border.width: 1
        border.color: root.hovered ? Theme.borderStrong : Theme.border

        Rectangle {
            x: 8
            anchors.bottom: parent.bottom
            width: (parent.width - 16) * root.engine.loadProgress
            height: 2
            radius: 1
            visible: root.engine.state === App.EngineController.Loading
            color: Theme.accent
        }
        FocusRing {
            control: root
        }
    }

    Loader {
        id: menu

        active: false
        sourceComponent: Menu {
            id: list

            implicitWidth: 280
            onClosed: menu.active = false

            Instantiator {
                model: root.app.models
                delegate: MenuItem {
                    required property string modelId
                    required property string name
                    required property bool isOpen
                    required state

                    text: name
                    enabled: state === "ready"
                    icon.source: isOpen ? "qrc:/glowworm/icons/check.svg"
                        : "qrc:/glowworm/icons/models.svg"
                    onTriggered: root.engine.openModel(modelId)
                }
                onObjectAdded: (index, object) => list.insertItem(index, object as T.MenuItem)
                onObjectRemoved: (index, object) => list.removeItem(object as T.MenuItem)
            }
            MenuItem {
                text: qsTr("Close the model")
                visible: root.engine.modelId !== ""
                icon.source: "qrc:/glowworm/icons/close.svg"
                onTriggered: root.engine.closeModel()
            }
            MenuItem {
                text: qsTr("Manage models")
                icon.source: "qrc:/glowworm/icons/settings.svg"
                onTriggered: root.modelsRequested()
            }
        }
    }
}
