// SPDX-License-Identifier: Apache-2.0
// The glow at the end of what is being written.
import QtQuick
import Glowworm

Rectangle {
    id: root

    width: 9
    height: 9
    radius: 5
    color: Theme.neurons
    Accessible.ignored: true

    Timer {
        interval: 450
        running: root.visible
        repeat: true
        onTriggered: root.opacity = root.opacity < 1 ? 1 : 0.35
    }
}
