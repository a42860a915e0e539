// SPDX-License-Identifier: Apache-2.0
// How this conversation is answered: the instructions before it, and how words are drawn.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Glowworm
import Glowworm.App as App

Sheet {
    id: root

    required property App.ChatSession chat

    title: qsTr("This chat")

    Label {
        text: qsTr("Instructions")
        font.weight: Font.DemiBold
    }
    Rectangle {
        Layout.fillWidth: true
        Layout.topMargin: -8
        implicitHeight: instructions.implicitHeight
        radius: Theme.radius
        color: Theme.surface
        border.width: instructions.area.activeFocus ? 2 : 1
        border.color: instructions.area.activeFocus ? Theme.focus : Theme.border

        TextBox {
            id: instructions

            objectName: "systemPrompt"
            anchors.fill: parent
            linesMin: 3
            font.pixelSize: Theme.bodySize
            placeholderText: qsTr("For example: Answer briefly, in plain English.")
            text: root.chat.systemPrompt
            onTextChanged: if (root.chat.systemPrompt !== text) root.chat.systemPrompt = text
        }
    }
    Label {
        Layout.topMargin: 8
        text: qsTr("How words are drawn")
        font.weight: Font.DemiBold
    }
    NumberField {
        Layout.fillWidth: true
        name: qsTr("Temperature")
        help: qsTr("0: always the likeliest")
        to: 2
        value: root.chat.temperature
        onEdited: value => root.chat.temperature = value
    }
    NumberField {
        Layout.fillWidth: true
        name: qsTr("Top k")
        help: qsTr("0 switches it off")
        to: 200
        stepSize: 1
        decimals: 0
        value: root.chat.topK
        onEdited: value => root.chat.topK = Math.round(value)
    }
    NumberField {
        Layout.fillWidth: true
        name: qsTr("Top p")
        help: qsTr("1 switches it off")
        value: root.chat.topP
        onEdited: value => root.chat.topP = value
    }
    NumberField {
        Layout.fillWidth: true
        name: qsTr("Min p")
        help: qsTr("0 switches it off")
        value: root.chat.minP
        onEdited: value => root.chat.minP = value
    }
    NumberField {
        Layout.fillWidth: true
        name: qsTr("Repeat penalty")
        help: qsTr("1 switches it off")
        from: 1
        to: 2
        value: root.chat.repeatPenalty
        onEdited: value => root.chat.repeatPenalty = value
    }
    NumberField {
        Layout.fillWidth: true
        name: qsTr("Longest answer, in tokens")
        help: qsTr("0: until the model ends it")
        sliderShown: false
        decimals: 0
        value: root.chat.maxTokens
        onEdited: value => root.chat.maxTokens = Math.round(value)
    }
    NumberField {
        Layout.fillWidth: true
        name: qsTr("Seed")
        help: qsTr("0: a new one for each answer")
        sliderShown: false
        decimals: 0
        value: root.chat.seed
        onEdited: value => root.chat.seed = Math.round(value)
    }
    Button {
        Layout.alignment: Qt.AlignRight
        text: qsTr("Usual values")
        onClicked: {
            root.chat.temperature = 0.7;
            root.chat.topK = 40;
            root.chat.topP = 0.95;
            root.chat.minP = 0;
            root.chat.repeatPenalty = 1;
            root.chat.maxTokens = 0;
            root.chat.seed = 0;
        }
    }
}
