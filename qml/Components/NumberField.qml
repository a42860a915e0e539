// SPDX-License-Identifier: Apache-2.0
// A number with its name, a slider for the usual range, and a field for the exact value.
import QtQuick
import QtQuick.Layouts
import Glowworm

RowLayout {
    id: root

    required property string name
    property string help
    property real value
    property real from: 0
    property real to: 1
    property real stepSize: 0.01
    property int decimals: 2
    property bool sliderShown: true

    signal edited(value: real)

    spacing: 12

    ColumnLayout {
        Layout.preferredWidth: 176
        Layout.fillWidth: !root.sliderShown
        spacing: 1

        Label {
            Layout.fillWidth: true
            text: root.name
            font.weight: Font.Medium
            elide: Text.ElideRight
        }
        Label {
            Layout.fillWidth: true
            visible: root.help !== ""
            text: root.help
            color: Theme.textFaint
            font.pixelSize: Theme.captionSize
            wrapMode: Text.Wrap
        }
    }
    Slider {
        Layout.fillWidth: true
        visible: root.sliderShown
        from: root.from
        to: root.to
        stepSize: root.stepSize
        value: root.value
        Accessible.name: root.name
        onMoved: root.edited(value)
    }
    TextField {
        id: field

        Layout.preferredWidth: root.sliderShown ? 72 : 120
        horizontalAlignment: TextInput.AlignRight
        inputMethodHints: Qt.ImhFormattedNumbersOnly
        validator: DoubleValidator {
            bottom: root.from
            decimals: root.decimals
            notation: DoubleValidator.StandardNotation
            locale: "C"
        }
        Accessible.name: root.name
        onTextEdited: if (acceptableInput) root.edited(Number(text))

        // Not while it is being typed in: "0." must not turn into "0.00" under the cursor.
        Binding on text {
            value: root.value.toFixed(root.decimals)
            when: !field.activeFocus
            restoreMode: Binding.RestoreNone
        }
    }
}
