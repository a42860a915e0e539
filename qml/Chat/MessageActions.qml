// SPDX-License-Identifier: Apache-2.0
// What can be done with a message, and the figures of the answer.
import QtQuick
import Glowworm

Row {
    id: root

    property bool mine: false
    property bool lastAnswer: false
    property bool busy: false
    property bool shown: true
    property string messageState
    property string statsText
    property string timeText
    property int variant: 0
    property int variants: 1

    signal copyRequested
    signal editRequested
    signal regenerateRequested
    signal variantRequested(variant: int)

    spacing: 2
    leftPadding: mine ? 0 : -6
    opacity: shown || copy.visualFocus || edit.visualFocus || again.visualFocus ? 1 : 0

    IconButton {
        id: copy

        objectName: "copyMessage"
        size: 28
        iconSize: 16
        text: qsTr("Copy")
        icon.source: "qrc:/glowworm/icons/copy.svg"
        onClicked: root.copyRequested()
    }
    IconButton {
        id: edit

        objectName: "editMessage"
        size: 28
        iconSize: 16
        visible: root.mine
        enabled: !root.busy
        text: qsTr("Edit and send again")
        icon.source: "qrc:/glowworm/icons/edit.svg"
        onClicked: root.editRequested()
    }
    IconButton {
        id: again

        objectName: "regenerate"
        size: 28
        iconSize: 16
        visible: root.lastAnswer
        enabled: !root.busy
        text: qsTr("Answer again")
        icon.source: "qrc:/glowworm/icons/refresh.svg"
        onClicked: root.regenerateRequested()
    }
    IconButton {
        objectName: "variantBefore"
        size: 28
        iconSize: 16
        visible: root.variants > 1
        enabled: !root.busy && root.variant > 0
        text: qsTr("The answer before")
        icon.source: "qrc:/glowworm/icons/chevron-left.svg"
        onClicked: root.variantRequested(root.variant - 1)
    }
    Label {
        objectName: "variantShown"
        visible: root.variants > 1
        height: 28
        numeric: true
        text: qsTr("%1 of %2").arg(root.variant + 1).arg(root.variants)
        color: Theme.textFaint
        font.pixelSize: Theme.captionSize
    }
    IconButton {
        objectName: "variantAfter"
        size: 28
        iconSize: 16
        visible: root.variants > 1
        enabled: !root.busy && root.variant + 1 < root.variants
        text: qsTr("The next answer")
        icon.source: "qrc:/glowworm/icons/chevron-right.svg"
        onClicked: root.variantRequested(root.variant + 1)
    }
    Label {
        visible: text !== ""
        height: 28
        leftPadding: 6
        numeric: true
        text: [root.messageState === "stopped" ? qsTr("Stopped")
            : root.messageState === "interrupted" ? qsTr("Broke off")
            : root.messageState === "error" ? qsTr("Failed") : "",
            root.statsText, root.timeText].filter(part => part !== "").join("  ·  ")
        color: Theme.textFaint
        font.pixelSize: Theme.captionSize
    }
}
