// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them: three significant digits, binary units.
pragma Singleton

import QtQuick

QtObject {
    id: root

    function significant(value: real): string {
        const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
        return value.toFixed(digits);
    }

    function bytes(value: real): string {
        if (value < 1024)
            return qsTr("%1 B").arg(Math.round(value));
        if (value < 1048576 * 0.9995)
            return qsTr("%1 KiB").arg(root.significant(value / 1024));
        if (value < 1073741824 * 0.9995)
            return qsTr("%1 MiB").arg(root.significant(value / 1048576));
        return qsTr("%1 GiB").arg(root.significant(value / 1073741824));
    }

    // As disks and memory are sold.
    function speed(bytesPerSecond: real): string {
        return bytesPerSecond < 1e9 ? qsTr("%1 MB/s").arg(root.significant(bytesPerSecond / 1e6))
                                    : qsTr("%1 GB/s").arg(root.significant(bytesPerSecond / 1e9));
    }

    function milliseconds(value: real): string {
        return value >= 1000 ? qsTr("%1 s").arg(root.significant(value / 1000))
                             : qsTr("%1 ms").arg(root.significant(value));
    }

    function percent(share: real): string {
        const digits = share > 0 && share < 0.0995 ? 1 : 0;
        return qsTr("%1 %").arg((100 * share).toFixed(digits));
    }

    function count(value: real): string {
        return Math.round(value).toLocaleString(Qt.locale(), "f", 0);
    }
}
