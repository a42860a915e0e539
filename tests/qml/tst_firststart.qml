// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test

Driver {
    id: root

    name: "firststart"

    function test_prompt_can_be_written_while_the_starter_is_imported(): void {
        begin({ models: "starter", stepMs: 60 });
        tryVerify(() => shown("starterProgress"));
        write("What is a short answer");
        verify(!item("send").enabled);
        tryVerify(() => app.engine.modelOpen, 15000);
        compare(item("prompt").text, "What is a short answer");
        item("prompt").area.forceActiveFocus();
        keyClick(Qt.Key_Return);
        tryVerify(() => app.chat.messages.count === 2);
        tryVerify(() => !app.chat.busy, 10000);
    }

    function test_without_a_model_the_page_says_how_to_bring_one(): void {
        begin({ models: "none" });
        tryVerify(() => shown("bringModel"));
        click("bringModel");
        tryVerify(() => shown("noModels"));
    }

    function test_an_example_is_written_into_the_prompt(): void {
        begin({});
        ready();
        click("example");
        verify(item("prompt").text.length > 10);
        verify(item("prompt").area.activeFocus);
        compare(app.chat.messages.count, 0);
    }
}
