// SPDX-License-Identifier: Apache-2.0
// The typed blocks of one message, one delegate for each kind.
pragma ComponentBehavior: Bound

import QtQuick
import Qt.labs.qmlmodels
import Glowworm
import Glowworm.App as App

Column {
    id: root

    required property App.BlockListModel blocks
    property bool streaming: false
    property bool shrink: false  // as narrow as the words allow
    required property real maximumWidth

    signal copyRequested(text: string)

    spacing: 12

    Repeater {
        id: repeater

        model: root.blocks
        delegate: DelegateChooser {
            role: "kind"

            DelegateChoice {
                roleValue: "text"

                TextBlock {
                    shrink: root.shrink
                    maximumWidth: root.maximumWidth
                    caretShown: root.streaming && index === repeater.count - 1
                }
            }
            DelegateChoice {
                roleValue: "list"

                TextBlock {
                    shrink: root.shrink
                    maximumWidth: root.maximumWidth
                    caretShown: root.streaming && index === repeater.count - 1
                }
            }
            DelegateChoice {
                roleValue: "heading"

                HeadingBlock {
                    shrink: root.shrink
                    maximumWidth: root.maximumWidth
                }
            }
            DelegateChoice {
                roleValue: "code"

                CodeBlock {
                    width: root.maximumWidth
                    onCopyRequested: text => root.copyRequested(text)
                }
            }
            DelegateChoice {
                roleValue: "table"

                TableBlock {
                    width: root.maximumWidth
                }
            }
            DelegateChoice {
                roleValue: "quote"

                QuoteBlock {
                    shrink: root.shrink
                    maximumWidth: root.maximumWidth
                }
            }
            DelegateChoice {
                roleValue: "rule"

                Rectangle {
                    width: root.maximumWidth
                    height: 1
                    color: Theme.border
                }
            }
        }
    }
}
