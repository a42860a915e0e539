// SPDX-License-Identifier: Apache-2.0
// The names of the window's pages.
import QtQuick

QtObject {
    enum Page { Chat, Models, Settings }
}
