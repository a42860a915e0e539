// SPDX-License-Identifier: Apache-2.0
// A paragraph or a list; while it is being written, with a caret at its end.
pragma ComponentBehavior: Bound

import QtQuick
import Glowworm

Item {
    id: root

    required property int index
    required property string kind
    required property string text
    property bool caretShown: false
    property bool shrink: false
    property real maximumWidth: 0

    width: shrink ? Math.min(prose.implicitWidth, maximumWidth) : maximumWidth
    implicitHeight: prose.implicitHeight

    Prose {
        id: prose

        width: root.width
        html: root.kind === "text" ? "<p>" + root.text + "</p>" : root.text
    }
    Loader {
        active: root.caretShown
        sourceComponent: Caret {
            readonly property rect end: prose.length >= 0 && prose.contentHeight >= 0
                ? prose.positionToRectangle(prose.length) : Qt.rect(0, 0, 0, 0)

            x: end.x + 3
            y: end.y + (end.height - height) / 2
        }
    }
}
