// SPDX-License-Identifier: Apache-2.0
// A field of several lines that grows with what is typed, up to linesMax, and scrolls after that.
import QtQuick
import QtQuick.Templates as T
import Glowworm

Flickable {
    id: root

    property alias area: area
    property alias text: area.text
    property alias placeholderText: area.placeholderText
    property alias font: area.font
    property int linesMin: 1
    property int linesMax: 8
    property int padding: 10
    readonly property real lineHeight: metrics.lineSpacing

    implicitHeight: Math.ceil(Math.min(Math.max(area.contentHeight, linesMin * lineHeight),
                                       linesMax * lineHeight + 4)) + 2 * padding
    contentWidth: width
    contentHeight: area.height
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    flickableDirection: Flickable.VerticalFlick

    T.ScrollBar.vertical: ScrollBar {}

    function follow(cursor: rect): void {
        if (cursor.y < contentY)
            contentY = Math.max(0, cursor.y - padding);
        else if (cursor.y + cursor.height > contentY + height)
            contentY = Math.min(contentHeight - height, cursor.y + cursor.height
                + padding - height);
    }

    FontMetrics {
        id: metrics
        font: area.font
    }

    T.TextArea {
        id: area

        width: root.width
        height: Math.max(root.height, implicitHeight)
        implicitHeight: contentHeight + topPadding + bottomPadding
        padding: root.padding
        leftPadding: root.padding + 2
        color: Theme.text
        placeholderTextColor: Theme.textFaint
        selectionColor: Theme.selection
        selectedTextColor: Theme.text
        font.pixelSize: Theme.proseSize
        wrapMode: TextEdit.Wrap
        textFormat: TextEdit.PlainText
        selectByMouse: true
        Accessible.role: Accessible.EditableText
        Accessible.name: placeholderText
        Accessible.multiLine: true
        // Tab leaves the field, as everywhere else in the window.
        Keys.onTabPressed: nextItemInFocusChain().forceActiveFocus(Qt.TabFocusReason)
        Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
        onCursorRectangleChanged: root.follow(cursorRectangle)

        Label {
            x: area.leftPadding
            y: area.topPadding
            width: area.width - area.leftPadding - area.rightPadding
            visible: area.length === 0 && area.preeditText === ""
            text: area.placeholderText
            color: area.placeholderTextColor
            font: area.font
            elide: Text.ElideRight
            Accessible.ignored: true
        }
    }
}
