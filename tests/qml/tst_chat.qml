// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test

Driver {
    id: root

    name: "chat"

    function test_type_stream_and_answer(): void {
        begin({});
        ready();
        write("Tell me about a table");
        keyClick(Qt.Key_Return);
        compare(item("prompt").text, "");
        tryVerify(() => app.chat.messages.count === 2);
        tryVerify(() => app.engine.state === App.EngineController.Generating);
        tryVerify(() => lastText().length > 40);
        verify(app.chat.busy);
        tryVerify(() => !app.chat.busy, 30000);
        compare(lastState(), "done");
        verify(lastText().includes("What a budget buys"));
        verify(app.chat.title !== "");
    }

    function test_shift_enter_starts_a_line(): void {
        begin({});
        ready();
        write("one");
        keyClick(Qt.Key_Return, Qt.ShiftModifier);
        type("two");
        compare(item("prompt").text, "one\ntwo");
        compare(app.chat.messages.count, 0);
    }

    function test_enter_with_nothing_written_sends_nothing(): void {
        begin({});
        ready();
        write("  ");
        keyClick(Qt.Key_Return);
        compare(app.chat.messages.count, 0);
        verify(!item("send").enabled);
    }

    function test_prompt_grows_to_eight_lines(): void {
        begin({});
        const box = item("prompt");
        const one = box.height;
        box.text = "line\n".repeat(30);
        tryVerify(() => box.height > 4 * one);
        verify(box.height < 10 * one);
        compare(box.height, box.implicitHeight);
    }

    function test_stop_by_button_and_by_escape(): void {
        begin({ tokensPerSecond: 40 });
        ready();
        write("something long");
        keyClick(Qt.Key_Return);
        tryVerify(() => lastText().length > 20);
        click("stop");
        tryVerify(() => !app.chat.busy, 1000);
        compare(lastState(), "stopped");
        verify(lastText().length > 20);

        write("again something long");
        keyClick(Qt.Key_Return);
        tryVerify(() => app.chat.busy && lastText().length > 20);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !app.chat.busy, 1000);
        compare(lastState(), "stopped");
    }

    function test_prompt_progress_is_shown(): void {
        begin({ promptTokensPerSecond: 20 });
        ready();
        write("a prompt that is read slowly");
        keyClick(Qt.Key_Return);
        tryVerify(() => app.chat.promptProgress > 0 && app.chat.promptProgress < 1);
        tryVerify(() => shown("promptProgress"));
        keyClick(Qt.Key_Escape);
        tryVerify(() => !app.chat.busy, 1000);
    }

    function test_answered_again_the_old_answer_stays_within_reach(): void {
        begin({ tokensPerSecond: 1000 });
        ask("short");
        verify(!shown("variantShown"));
        click("regenerate");
        waitForAnswer();
        compare(app.chat.messages.count, 2);
        compare(lastState(), "done");
        compare(item("variantShown").text, "2 of 2");
        click("variantBefore");
        tryVerify(() => item("variantShown").text === "1 of 2");
        verify(!item("variantBefore").enabled);
        compare(lastText(), "Short and sweet.");
        click("variantAfter");
        tryVerify(() => item("variantShown").text === "2 of 2");
    }

    function test_what_no_longer_fits_is_marked(): void {
        begin({ contextTokens: 256, tokensPerSecond: 1000 });
        for (let question = 0; question < 8; ++question)
            ask("short, with some more words so that it takes its room");
        compare(app.chat.errorText, "");
        verify(app.chat.contextStartId !== "");
        (item("messages") as ListView).positionViewAtIndex(
            app.chat.messages.rowOf(app.chat.contextStartId), ListView.Beginning);
        tryVerify(() => shown("contextMark"));
    }

    function test_enter_belongs_to_the_input_method_while_it_composes(): void {
        begin({});
        ready();
        const area = (item("prompt") as TextBox).area;
        area.forceActiveFocus();
        scene.compose("こん", false);
        tryVerify(() => area.inputMethodComposing);
        compare(area.preeditText, "こん");
        keyClick(Qt.Key_Return);
        compare(app.chat.messages.count, 0);
        scene.compose("今日は", true);
        tryVerify(() => !area.inputMethodComposing);
        verify((item("prompt") as TextBox).text.includes("今日は"));
    }

    function test_a_right_to_left_prompt_stands_at_the_right(): void {
        begin({});
        ready();
        const area = (item("prompt") as TextBox).area;
        area.forceActiveFocus();
        area.text = "مرحبا";
        compare(area.effectiveHorizontalAlignment, TextEdit.AlignRight);
        area.text = "hello";
        compare(area.effectiveHorizontalAlignment, TextEdit.AlignLeft);
    }

    function test_edit_and_send_again(): void {
        begin({});
        ask("short");
        click("editMessage");
        tryVerify(() => shown("messageEditor"));
        const editor = item("messageEditor");
        compare(editor.text, "short");
        editor.text = "short, please";
        click("sendAgain");
        waitForAnswer();
        compare(app.chat.messages.count, 2);
        const messages = app.chat.messages;
        compare(messages.data(messages.index(0, 0), App.MessageListModel.PlainTextRole),
                "short, please");
    }

    function test_copy_message_code_and_last_answer(): void {
        begin({ tokensPerSecond: 1000, height: 1600 });
        ask("code");
        click("copyMessage");
        verify(scene.clipboard().length > 0);
        click("copyCode");
        tryVerify(() => scene.clipboard().includes("addNeuron"));
        verify(!scene.clipboard().includes("```"));
        keyClick(Qt.Key_C, Qt.ControlModifier | Qt.ShiftModifier);
        tryVerify(() => scene.clipboard() === lastText());
    }

    function test_options_belong_to_the_chat(): void {
        begin({});
        ask("short");
        click("chatOptions");
        tryVerify(() => shown("systemPrompt"));
        const instructions = item("systemPrompt");
        tryVerify(() => {
            mouseClick(instructions.area);
            return instructions.area.activeFocus;
        });
        type("Be brief");
        keyClick(Qt.Key_Escape);
        tryVerify(() => !shown("systemPrompt"));
        compare(app.chat.systemPrompt, "Be brief");
        keyClick(Qt.Key_N, Qt.ControlModifier);
        tryCompare(app.chat, "systemPrompt", "");
    }

    function test_failure_is_told_and_dismissed(): void {
        begin({});
        ask("fail");
        tryVerify(() => shown("chatError"));
        verify(app.chat.errorText !== "");
        compare(lastState(), "error");
        app.chat.dismissError();
        tryVerify(() => !shown("chatError"));
    }

    function test_model_that_does_not_open_is_told(): void {
        begin({ models: "broken" });
        tryVerify(() => app.engine.state === App.EngineController.Failed, 5000);
        tryVerify(() => shown("chatError"));
        verify(app.engine.errorText !== "");
    }

    function test_the_reader_is_not_pulled_to_the_end(): void {
        begin({ tokensPerSecond: 150 });
        ask("table code list");
        write("long");
        keyClick(Qt.Key_Return);
        const list = item("messages") as ListView;
        tryVerify(() => list.contentHeight > 2 * list.height, 10000);
        tryVerify(() => list.atYEnd);
        mouseWheel(list, 200, 200, 0, 2400);
        tryVerify(() => !list.atYEnd);
        tryVerify(() => shown("jumpToEnd"));
        const y = list.contentY;
        wait(400);
        verify(app.chat.busy);
        fuzzyCompare(list.contentY, y, 2);
        click("jumpToEnd");
        tryVerify(() => list.atYEnd);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !app.chat.busy);
    }

    function test_long_words_do_not_widen_the_page(): void {
        begin({ tokensPerSecond: 1000, width: 1024, height: 700 });
        ask("words arabic html");
        const list = item("messages") as ListView;
        verify(list.contentWidth <= list.width);
        verify(!lastText().includes("&lt;"));
    }
}
