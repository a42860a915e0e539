// SPDX-License-Identifier: Apache-2.0
// What a new conversation shows: what to ask, or what is still missing before something can be
// asked.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

Flickable {
    id: root

    required property App.Application app
    readonly property string starter: app.models.starterState
    readonly property bool preparing: starter === "waiting" || starter === "importing"
    readonly property bool modelless: app.engine.modelId === ""
    readonly property bool failed: app.engine.state === App.EngineController.Failed

    signal modelsRequested
    signal exampleChosen(text: string)

    contentWidth: width
    contentHeight: Math.max(height, column.implicitHeight + 48)
    boundsBehavior: Flickable.StopAtBounds
    clip: true
    T.ScrollBar.vertical: ScrollBar {}

    ColumnLayout {
        id: column

        x: Math.round((root.width - width) / 2)
        y: Math.round((root.contentHeight - height) / 2)
        width: Math.min(Theme.textWidthMax, root.width - 48)
        spacing: 16

        Image {
            Layout.alignment: Qt.AlignHCenter
            source: "qrc:/glowworm/icons/glowworm.svg"
            sourceSize.width: 72
            sourceSize.height: 72
            Accessible.ignored: true
        }
        Label {
            Layout.fillWidth: true
            text: root.failed ? root.app.engine.stateText
                : root.modelless && !root.preparing ? qsTr("Bring a model")
                : qsTr("What would you like to know?")
            font.pixelSize: Theme.displaySize
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            Accessible.role: Accessible.Heading
        }
        Label {
            Layout.fillWidth: true
            Layout.bottomMargin: 8
            text: root.failed
                ? qsTr("What went wrong is said below. Another model can be chosen above.")
                : root.preparing && root.modelless
                ? qsTr("The starter model is being made ready. You can write your first "
                + "question meanwhile.")
                : root.modelless
                ? qsTr("Drop a GGUF file or a model's folder on this window, or choose one. It "
                + "is read once and laid out for streaming; the original stays as it is.")
                : qsTr("The model runs on this machine, within the memory you give it.\nNothing "
                + "you write leaves it.")
            color: Theme.textMuted
            font.pixelSize: Theme.proseSize
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            lineHeight: 1.3
        }

        Loader {
            Layout.fillWidth: true
            Layout.maximumWidth: 440
            Layout.alignment: Qt.AlignHCenter
            active: root.preparing
            visible: active
            sourceComponent: StarterProgress {
                models: root.app.models
            }
        }
        RowLayout {
            Layout.alignment: Qt.AlignHCenter
            visible: root.modelless && !root.preparing
            spacing: 8

            Button {
                objectName: "bringModel"
                kind: Button.Primary
                text: qsTr("Go to the models")
                icon.source: "qrc:/glowworm/icons/models.svg"
                onClicked: root.modelsRequested()
            }
        }

        GridLayout {
            Layout.fillWidth: true
            Layout.topMargin: 8
            visible: (!root.modelless || root.preparing) && !root.failed
            columns: root.width > 620 ? 3 : 1
            columnSpacing: 12
            rowSpacing: 8
            uniformCellWidths: true

            Repeater {
                model: [
                    qsTr("Explain in three sentences why the sky is blue."),
                    qsTr("Write a short story about a lighthouse and a storm."),
                    qsTr("Give me a recipe for a simple soup, step by step.")
                ]

                ExampleCard {
                    required property string modelData

                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    text: modelData
                    onClicked: root.exampleChosen(modelData)
                }
            }
        }
    }
}
