// SPDX-License-Identifier: Apache-2.0
import QtQuick
import Glowworm

Text {
    id: root

    property bool numeric: false  // figures of one width, so that they do not dance

    color: Theme.text
    font.pixelSize: Theme.bodySize
    font.features: numeric ? ({ "tnum": 1 }) : ({})
    textFormat: Text.PlainText
    verticalAlignment: Text.AlignVCenter
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}
