// SPDX-License-Identifier: Apache-2.0
// One message: what the person wrote stands in a bubble at the right, the answer is plain text.
pragma ComponentBehavior: Bound

import QtQuick
import Glowworm
import Glowworm.App as App

Item {
    id: root

    required property int index
    required property string messageId
    required property string role
    required property App.BlockListModel blocks
    required property string plainText
    required state
    required property string statsText
    required property string timeText
    required property int variant
    required property int variants
    required property App.Application app
    readonly property App.ChatSession chat: app.chat
    property bool editing: false
    readonly property bool mine: role === "user"
    readonly property bool streaming: state === "streaming"
    readonly property int columnWidth: Math.min(Theme.textWidthMax, width - 48)

    implicitHeight: column.implicitHeight + (mine ? 12 : 8)
    Accessible.role: Accessible.ListItem
    Accessible.name: (mine ? qsTr("You: %1") : qsTr("Answer: %1")).arg(plainText)

    HoverHandler {
        id: hover
    }

    Column {
        id: column

        x: Math.round((root.width - width) / 2)
        width: root.columnWidth
        spacing: 4

        Loader {
            width: parent.width
            active: root.chat.contextStartId === root.messageId
            visible: active
            sourceComponent: ContextMark {}
        }
        Item {
            width: parent.width
            height: bubble.height

            Rectangle {
                id: bubble

                x: parent.width - width
                width: !root.mine || root.editing ? parent.width : body.implicitWidth + 32
                height: (root.editing ? editor.height : body.implicitHeight) + (root.mine ? 20 : 4)
                radius: 14
                color: root.mine ? Theme.selected : "transparent"

                BlockColumn {
                    id: body

                    x: root.mine ? 16 : 0
                    y: root.mine ? 13 : 2
                    visible: !root.editing
                    shrink: root.mine
                    maximumWidth: root.mine ? Math.floor(root.columnWidth * 0.82) - 32
                        : root.columnWidth
                    blocks: root.blocks
                    streaming: root.streaming
                    onCopyRequested: text => root.app.copyText(text)
                }
                Loader {
                    id: editor

                    x: 8
                    y: 8
                    width: parent.width - 16
                    active: root.editing
                    sourceComponent: MessageEditor {
                        text: root.plainText
                        onCancelled: root.editing = false
                        onAccepted: text => {
                            root.editing = false;
                            root.chat.editAndResend(root.messageId, text);
                        }
                    }
                }
            }
            Loader {
                anchors.right: bubble.left
                anchors.rightMargin: 4
                anchors.bottom: bubble.bottom
                anchors.bottomMargin: 6
                active: root.mine && !root.editing
                sourceComponent: MessageActions {
                    mine: true
                    shown: hover.hovered
                    busy: root.chat.busy
                    onCopyRequested: root.chat.copyText(root.messageId)
                    onEditRequested: root.editing = true
                }
            }
        }

        PromptProgress {
            visible: root.streaming && root.plainText === ""
            chat: root.chat
        }

        Loader {
            active: !root.mine && !root.streaming
            visible: active
            sourceComponent: MessageActions {
                lastAnswer: root.ListView.view !== null
                    && root.index === root.ListView.view.count - 1
                shown: hover.hovered || lastAnswer
                messageState: root.state
                statsText: root.statsText
                timeText: root.timeText
                variant: root.variant
                variants: root.variants
                onVariantRequested: wanted => root.chat.showVariant(root.messageId, wanted)
                busy: root.chat.busy
                onCopyRequested: root.chat.copyText(root.messageId)
                onRegenerateRequested: root.chat.regenerate()
            }
        }
    }
}
