// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test

Driver {
    id: root

    name: "conversations"

    function row(index: int): ConversationDelegate {
        const list = item("conversations") as ListView;
        tryVerify(() => list.itemAtIndex(index) !== null);
        return list.itemAtIndex(index) as ConversationDelegate;
    }

    function test_a_conversation_is_there_after_a_restart(): void {
        begin({});
        ask("short and to be kept");
        const answer = lastText();
        end();
        begin({});
        tryVerify(() => app.conversations.count === 1);
        mouseClick(row(0));
        tryVerify(() => app.chat.messages.count === 2);
        compare(lastText(), answer);
    }

    function test_a_draft_is_there_after_a_restart(): void {
        begin({});
        ask("short");
        write("half a thought");
        end();
        begin({});
        tryVerify(() => app.conversations.count === 1);
        mouseClick(row(0));
        tryCompare(item("prompt"), "text", "half a thought");
    }

    function test_drafts_are_kept_apart(): void {
        begin({});
        ask("short one");
        write("first draft");
        keyClick(Qt.Key_N, Qt.ControlModifier);
        tryCompare(item("prompt"), "text", "");
        write("second draft");
        mouseClick(row(0));
        tryCompare(item("prompt"), "text", "first draft");
    }

    function test_rename_in_the_list(): void {
        begin({});
        ask("short");
        mouseDoubleClickSequence(row(0));
        tryVerify(() => shown("renameField"));
        keyClick(Qt.Key_A, Qt.ControlModifier);
        type("Soup");
        keyClick(Qt.Key_Return);
        tryCompare(row(0), "title", "Soup");
        tryCompare(app.chat, "title", "Soup");
    }

    function test_escape_leaves_the_name_as_it_was(): void {
        begin({});
        ask("short");
        const title = row(0).title;
        mouseDoubleClickSequence(row(0));
        tryVerify(() => shown("renameField"));
        type("nonsense");
        keyClick(Qt.Key_Escape);
        tryVerify(() => !shown("renameField"));
        compare(row(0).title, title);
    }

    function test_delete_and_undo(): void {
        scene.fill(3, 2, 20);
        begin({});
        tryVerify(() => app.conversations.count === 3);
        const title = row(0).title;
        app.conversations.remove(row(0).conversationId);
        tryVerify(() => app.conversations.count === 2);
        tryVerify(() => shown("conversationUndo"));
        click("conversationUndoButton");
        tryVerify(() => app.conversations.count === 3 && row(0).title === title);
        tryVerify(() => !shown("conversationUndo"));
    }

    function test_search_finds_by_title(): void {
        scene.fill(12, 2, 20);
        begin({});
        tryVerify(() => app.conversations.count === 12);
        keyClick(Qt.Key_F, Qt.ControlModifier);
        verify(item("search").activeFocus);
        type("Chat 11");
        tryVerify(() => app.conversations.count === 1);
        compare(row(0).title, "Chat 11");
        keyClick(Qt.Key_A, Qt.ControlModifier);
        type("nowhere");
        tryVerify(() => app.conversations.count === 0);
        keyClick(Qt.Key_Escape);
        tryVerify(() => app.conversations.count === 12);
        tryVerify(() => item("prompt").area.activeFocus);
    }

    function test_a_thousand_are_read_by_the_page(): void {
        scene.fill(200, 2, 5);
        begin({});
        tryVerify(() => app.conversations.count > 0);
        const list = item("conversations") as ListView;
        for (let page = 0; page < 20 && list.count < 200; ++page) {
            list.positionViewAtEnd();
            wait(30);
        }
        tryVerify(() => list.count === 200);
    }
}
