// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test

Driver {
    id: root

    name: "settings"

    function open(options: var): void {
        begin(options);
        keyClick(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => shown("theme"));
    }

    function fill(name: string, text: string): void {
        const field = item(name) as TextField;
        field.forceActiveFocus();
        field.selectAll();
        type(text);
        keyClick(Qt.Key_Return);
    }

    function test_theme_changes_at_once(): void {
        open({ theme: "light" });
        compare(Theme.dark, false);
        const theme = item("theme") as SegmentedControl;
        theme.chosen(2);
        tryCompare(Theme, "dark", true);
        compare(app.settings.theme, "dark");
        compare(app.chat.darkTheme, true);
    }

    function test_values_are_kept(): void {
        open({});
        fill("defaultBudget", "1500");
        compare(app.settings.defaultBudgetBytes, 1500 * 1048576);
        fill("contextTokens", "4096");
        compare(app.settings.contextTokens, 4096);
        fill("threads", "1");
        compare(app.settings.threads, 1);
        end();
        begin({});
        compare(app.settings.contextTokens, 4096);
    }

    function test_the_machine_is_measured_when_asked(): void {
        open({ probeMs: 100 });
        verify(!app.machine.known);
        verify(!shown("machineFigures"));
        const button = item("measureMachine") as Button;
        compare(button.text, "Measure this machine");
        button.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Space);
        tryVerify(() => app.machine.measuring);
        verify(shown("measureProgress"));
        verify(shown("machineStatus"));
        tryVerify(() => app.machine.known && !app.machine.measuring);
        tryVerify(() => shown("machineFigures"));
        verify(!shown("machineStatus"));
        compare(item("memorySpeed").value, "21.4 GB/s");
        verify(item("readChoice").value.includes("past the page cache"));
        compare(button.text, "Measure again");
    }

    function test_measuring_can_be_stopped(): void {
        open({ probeMs: 3600000 });
        app.machine.measure();
        tryVerify(() => shown("stopMeasuring"));
        click("stopMeasuring");
        tryVerify(() => !app.machine.measuring);
        verify(!app.machine.known);
    }

    function test_escape_goes_back_to_the_chat(): void {
        open({});
        keyClick(Qt.Key_Escape);
        tryVerify(() => !shown("theme"));
        tryVerify(() => item("prompt").area.activeFocus);
    }
}
