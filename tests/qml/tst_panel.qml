// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Templates as T
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

    // The curve in sight, its slider returned.
    function curveInSight(): T.Slider {
        const slider = item("budgetCurve") as T.Slider;
        const scroll = item("panelScroll") as Flickable;
        waitForPolish(window);
        const top = slider.mapToItem(scroll.contentItem, 0, 0).y;
        scroll.contentY = Math.max(0, Math.min(top - 40, scroll.contentHeight - scroll.height));
        waitForPolish(window);
        return slider;
    }

    function test_curve_appears_with_the_first_answer(): void {
        begin({});
        ready();
        tryVerify(() => shown("budgetAdvice"));
        verify(!shown("budgetCurve"));
        verify(item("budgetAdvice").text.includes("first answer"));
        ask("table");
        tryVerify(() => shown("budgetCurve"));
        verify(app.telemetry.curve.hasCurve);
        verify(item("budgetAdvice").text.includes("ms a token"));
        const slider = item("budgetCurve");
        verify(slider.Accessible.description.includes(item("budgetAdvice").text));
    }

    function test_foretold_stands_beside_measured_and_can_be_taken_along(): void {
        begin({});
        ask("table");
        tryVerify(() => shown("budgetHere"));
        tryVerify(() => /foretold .* measured [0-9.]+ ms/.test(item("budgetHere").text));
        curveInSight();
        const copy = item("copyCurve") as IconButton;
        copy.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Space);
        tryVerify(() => scene.clipboard().startsWith("kind,budget_bytes,ms_per_token"));
        verify(scene.clipboard().includes("\nmeasured,"));
    }

    function test_curve_dragged_sets_the_budget(): void {
        begin({ tokensPerSecond: 100 });
        ready();
        write("long");
        keyClick(Qt.Key_Return);
        tryVerify(() => shown("budgetCurve"), 10000);
        const slider = curveInSight();
        const plot = slider.background as App.BudgetPlot;
        const before = app.engine.budgetBytes;
        const speed = app.telemetry.curve.msAt(before);
        mousePress(slider, plot.dotX, plot.dotY);
        for (let step = 1; step <= 5; ++step)
            mouseMove(slider, plot.dotX + 8, plot.dotY, 10);
        const x = plot.areaLeft + 0.9 * (plot.areaRight - plot.areaLeft);
        mouseMove(slider, x, plot.dotY, 10);
        mouseRelease(slider, x, plot.dotY);
        verify(app.chat.busy);
        verify(app.engine.budgetBytes > before);
        fuzzyCompare(plot.dotX, x, 2);
        tryVerify(() => app.telemetry.budgetBytes > before, 3000);
        compare(slider.value, app.engine.budgetBytes);
        compare((item("budget") as BudgetSlider).value, app.engine.budgetBytes);
        verify(app.telemetry.curve.msAt(app.engine.budgetBytes) < speed);

        mousePress(slider, plot.dotX, plot.dotY);
        mouseMove(slider, plot.dotX - 30, plot.dotY, 10);
        mouseMove(slider, -50, plot.dotY, 10);
        mouseRelease(slider, -50, plot.dotY);
        compare(app.engine.budgetBytes, app.engine.budgetBytesMin);
        fuzzyCompare(plot.dotX, plot.areaLeft, 1);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !app.chat.busy);
    }

    function test_curve_by_keyboard(): void {
        begin({});
        ask("table");
        tryVerify(() => shown("budgetCurve"));
        const slider = curveInSight();
        slider.forceActiveFocus(Qt.TabFocusReason);
        const before = app.engine.budgetBytes;
        keyClick(Qt.Key_Right);
        tryVerify(() => app.engine.budgetBytes > before);
        keyClick(Qt.Key_Left);
        keyClick(Qt.Key_Left);
        tryVerify(() => app.engine.budgetBytes < before);
        app.engine.budgetBytes = app.engine.budgetBytesMax;
        tryVerify(() => item("budgetAdvice").text.includes("whole model"));
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

    function test_without_figures_it_says_what_will_be_there(): void {
        begin({});
        tryVerify(() => shown("budget"));
        verify(shown("latencyEmpty"));
        verify(!shown("latencyPlot"));
        ask("short");
        tryVerify(() => shown("latencyPlot") && !shown("latencyEmpty"));
    }

    function test_the_machines_memory_is_kept_current(): void {
        begin({});
        tryVerify(() => shown("budget"));
        verify(app.engine.machineBytes > 0);
        changes.clear();
        tryVerify(() => changes.count > 0, 10000);
    }

    SignalSpy {
        id: changes

        target: root.app?.engine ?? null
        signalName: "machineChanged"
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
