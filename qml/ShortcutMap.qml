// SPDX-License-Identifier: Apache-2.0
// Every shortcut of the window in one place; ShortcutSheet tells people about them.
import QtQuick

Item {
    id: root

    signal newChat
    signal search
    signal copyAnswer
    signal panelToggled
    signal sidebarToggled
    signal models
    signal preferences
    signal help
    signal quit
    signal escaped

    visible: false

    Shortcut {
        sequences: [StandardKey.New]
        onActivated: root.newChat()
    }
    Shortcut {
        sequences: [StandardKey.Find, "Ctrl+K"]
        onActivated: root.search()
    }
    Shortcut {
        sequence: "Ctrl+Shift+C"
        onActivated: root.copyAnswer()
    }
    Shortcut {
        sequence: "Ctrl+T"
        onActivated: root.panelToggled()
    }
    Shortcut {
        sequence: "Ctrl+B"
        onActivated: root.sidebarToggled()
    }
    Shortcut {
        sequence: "Ctrl+M"
        onActivated: root.models()
    }
    Shortcut {
        sequence: "Ctrl+,"
        onActivated: root.preferences()
    }
    Shortcut {
        sequences: [StandardKey.HelpContents, "Ctrl+?", "Ctrl+/"]
        onActivated: root.help()
    }
    Shortcut {
        sequences: [StandardKey.Quit]
        onActivated: root.quit()
    }
    Shortcut {
        sequence: "Esc"
        onActivated: root.escaped()
    }
}
