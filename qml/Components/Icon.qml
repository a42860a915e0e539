// SPDX-License-Identifier: Apache-2.0
// One of the drawings in resources/icons, in one colour.
import QtQuick
import QtQuick.Controls.impl as Impl
import Glowworm

Impl.IconImage {
    id: root

    property int size: 20

    sourceSize.width: size
    sourceSize.height: size
    width: size
    height: size
    color: Theme.textMuted
    asynchronous: false
    Accessible.ignored: true
}
