// SPDX-License-Identifier: Apache-2.0
// The words that appear when the pointer rests on something. Made only when it does.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Glowworm

Loader {
    id: root

    property bool shown: false
    required property string text

    active: shown

    sourceComponent: T.ToolTip {
        id: tip

        parent: root.parent
        visible: true
        delay: 500
        text: root.text
        x: Math.round(((parent?.width ?? 0) - width) / 2)
        y: (parent?.height ?? 0) + 6
        margins: 8
        padding: 6
        leftPadding: 10
        rightPadding: 10
        implicitWidth: contentItem.implicitWidth + leftPadding + rightPadding
        implicitHeight: contentItem.implicitHeight + topPadding + bottomPadding

        contentItem: Text {
            text: tip.text
            color: Theme.window
            font.pixelSize: Theme.captionSize
        }
        background: Rectangle {
            radius: 6
            color: Theme.text
        }
    }
}
