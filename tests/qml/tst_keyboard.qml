// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test

Driver {
    id: root

    name: "keyboard"

    function test_the_prompt_has_the_keyboard_at_the_start(): void {
        begin({});
        tryVerify(() => item("prompt").area.activeFocus);
    }

    function test_tab_reaches_everything_and_comes_back(): void {
        begin({});
        ask("short");
        tryVerify(() => shown("budget") && shown("regenerate"));
        item("prompt").area.forceActiveFocus();
        const seen = new Set();
        for (let step = 0; step < 80; ++step) {
            keyClick(Qt.Key_Tab);
            const focused = window.activeFocusItem;
            verify(focused !== null);
            verify(focused.visible);
            for (let item = focused; item !== null; item = item.parent)
                seen.add(item.objectName);
            if (focused === item("prompt").area)
                break;
        }
        compare(window.activeFocusItem, item("prompt").area);
        for (const name of ["newChat", "search", "conversations", "modelPicker", "chatOptions",
                            "panelButton", "budget", "windowMode", "regenerate"])
            verify(seen.has(name), name);
    }

    function test_list_of_chats_by_keyboard(): void {
        scene.fill(3, 2, 10);
        begin({});
        const list = item("conversations") as ListView;
        tryVerify(() => list.count === 3);
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        tryCompare(app.chat, "title", "Chat 1");
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Delete);
        tryVerify(() => list.count === 2);
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_F2);
        tryVerify(() => shown("renameField"));
    }

    function test_shortcut_sheet(): void {
        begin({});
        keyClick(Qt.Key_F1);
        tryVerify(() => shown("shortcuts"));
        keyClick(Qt.Key_Escape);
        tryVerify(() => !shown("shortcuts"));
        compare(window.page, Pages.Chat);
    }

    function test_narrow_window_hides_the_list_until_asked(): void {
        begin({ width: 1024, height: 700 });
        verify(!shown("newChat"));
        keyClick(Qt.Key_B, Qt.ControlModifier);
        tryVerify(() => shown("newChat"));
        keyClick(Qt.Key_Escape);
        tryVerify(() => !shown("newChat"));
    }

    function test_everything_that_acts_has_a_name(): void {
        begin({});
        ask("table code");
        const nameless = [];
        const visit = parent => {
            for (const child of parent.children) {
                if (child.visible && child.activeFocusOnTab && child.Accessible.name === "")
                    nameless.push(String(child));
                visit(child);
            }
        };
        visit(window.contentItem);
        compare(nameless.join(", "), "");
    }
}
