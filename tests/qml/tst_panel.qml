// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test

Driver {
    id: root

    name: "panel"

    function test_empty_until_a_model_is_open(): void {
        begin({ models: "none" });
        tryVerify(() => shown("panelEmpty"));
        verify(!shown("budget"));
    }

    function test_budget_acts_while_the_answer_is_written(): void {
        begin({ tokensPerSecond: 100 });
        ready();
        write("long");
        keyClick(Qt.Key_Return);
        tryVerify(() => app.telemetry.hasData && app.telemetry.hitRateNow > 0, 10000);
        const budget = item("budget") as BudgetSlider;
        const before = app.engine.budgetBytes;
        const y = budget.height / 2;
        mousePress(budget, budget.width * 0.5, y);
        for (let step = 5; step <= 9; ++step)
            mouseMove(budget, budget.width * step / 10, y, 10);
        mouseRelease(budget, budget.width * 0.9, y);
        verify(app.chat.busy);
        verify(app.engine.budgetBytes > before);
        tryVerify(() => app.telemetry.budgetBytes > before, 3000);
        const cached = app.telemetry.cacheUsedBytes;
        tryVerify(() => app.telemetry.cacheUsedBytes > cached, 5000);
        compare(budget.value, app.engine.budgetBytes);

        mousePress(budget, budget.width * 0.9, y);
        for (let left = 8; left >= 0; --left)
            mouseMove(budget, budget.width * left / 10, y, 10);
        mouseRelease(budget, 0, y);
        compare(app.engine.budgetBytes, app.engine.budgetBytesMin);
        compare(budget.value, app.engine.budgetBytesMin);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !app.chat.busy);
    }

    function test_budget_by_keyboard(): void {
        begin({});
        tryVerify(() => shown("budget"));
        const budget = item("budget") as BudgetSlider;
        budget.forceActiveFocus(Qt.TabFocusReason);
        const before = app.engine.budgetBytes;
        keyClick(Qt.Key_Left);
        tryVerify(() => app.engine.budgetBytes < before);
    }

    function test_window_automatic_and_set(): void {
        begin({});
        ask("short");
        const mode = item("windowMode") as SegmentedControl;
        compare(mode.currentIndex, 0);
        mode.chosen(1);
        tryVerify(() => app.engine.windowTokens > 0);
        tryVerify(() => shown("windowSlider"));
        mode.chosen(0);
        tryCompare(app.engine, "windowTokens", 0);
    }

    function test_figures_follow_the_answer(): void {
        begin({});
        ask("table");
        tryVerify(() => app.telemetry.tokensPerSecond > 0);
        verify(item("tokensPerSecond").text !== "–");
        verify(item("verdict").text !== "");
        verify(item("latencyPlot").visible);
    }

    function test_hidden_it_costs_nothing(): void {
        begin({});
        ready();
        keyClick(Qt.Key_T, Qt.ControlModifier);
        tryVerify(() => !shown("budget"));
        compare(app.telemetry.visible, false);
        compare(app.settings.panelVisible, false);
        keyClick(Qt.Key_T, Qt.ControlModifier);
        tryVerify(() => shown("budget"));
        compare(app.telemetry.visible, true);
    }
}
