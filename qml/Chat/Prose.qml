// SPDX-License-Identifier: Apache-2.0
// Words that can be read, selected and copied. Long words break; each paragraph runs its own way.
import QtQuick
import Glowworm

TextEdit {
    id: root

    property string html

    text: Theme.proseStyle + html
    color: Theme.text
    selectionColor: Theme.selection
    selectedTextColor: Theme.text
    font.pixelSize: Theme.proseSize
    textFormat: TextEdit.RichText
    wrapMode: TextEdit.Wrap
    readOnly: true
    selectByMouse: true
    activeFocusOnTab: false
    Accessible.role: Accessible.StaticText
    Accessible.readOnly: true
    onLinkActivated: link => Qt.openUrlExternally(link)

    HoverHandler {
        enabled: root.hoveredLink !== ""
        cursorShape: Qt.PointingHandCursor
    }
}
