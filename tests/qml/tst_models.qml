// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test

Driver {
    id: root

    name: "models"

    function row(index: int): ModelDelegate {
        const list = item("models") as ListView;
        tryVerify(() => list.itemAtIndex(index) !== null);
        return list.itemAtIndex(index) as ModelDelegate;
    }

    function open(options: var): void {
        begin(options);
        keyClick(Qt.Key_M, Qt.ControlModifier);
        tryVerify(() => shown("models"));
    }

    function test_every_state_has_its_row(): void {
        open({ models: "all", stepMs: 100000 });
        tryVerify(() => item("models").count === 4);
        tryVerify(() => row(0).isOpen);
        verify(findChild(row(1), "cancelWork").visible);
        verify(findChild(row(2), "modelError").visible);
        verify(!findChild(row(2), "openModel").visible);
        verify(findChild(row(3), "removeModel").visible);
    }

    function test_import_moves_and_becomes_usable(): void {
        open({ models: "none" });
        app.models.importPath("file:///tmp/some-model.gguf");
        tryVerify(() => item("models").count === 1);
        verify(row(0).working);
        tryVerify(() => row(0).state === "ready", 10000);
    }

    function test_cancel(): void {
        open({ models: "starter", stepMs: 100000 });
        mouseClick(findChild(row(0), "cancelWork"));
        tryVerify(() => app.models.count === 0 || row(0).state !== "importing");
    }

    function test_verify_shows_progress(): void {
        open({});
        mouseClick(findChild(row(0), "verifyModel"));
        tryVerify(() => row(0).state === "verifying");
        tryVerify(() => row(0).state === "ready", 10000);
    }

    function test_remove_and_undo(): void {
        open({ models: "all", stepMs: 100000 });
        const name = row(3).name;
        mouseClick(findChild(row(3), "removeModel"));
        tryVerify(() => app.models.count === 3);
        tryVerify(() => shown("modelUndo"));
        click("modelUndoButton");
        tryVerify(() => app.models.count === 4);
        compare(row(3).name, name);
    }

    function test_speed_is_foretold_once_the_machine_is_known(): void {
        open({ probeMs: 100 });
        verify(!findChild(row(0), "modelForecast").visible);
        verify(shown("measureNote"));
        click("measureHere");
        tryVerify(() => app.machine.known);
        tryVerify(() => /^about [0-9.]+ tokens\/s at [0-9.]+ GiB$/.test(row(0).forecast));
        verify(findChild(row(0), "modelForecast").text.includes(row(0).forecast));
        tryVerify(() => !shown("measureHere"));
        const before = row(0).forecast;
        app.engine.budgetBytes = app.engine.budgetBytesMin;
        tryVerify(() => row(0).forecast !== before);
    }

    function test_a_model_that_never_fits_says_so(): void {
        open({ models: "large", machine: "known" });
        tryVerify(() => item("models").count === 2);
        verify(row(0).fits);
        verify(!row(1).fits);
        verify(findChild(row(1), "modelForecast").text.includes("at least 4096 GiB"));
    }

    function test_an_answer_stops_the_measuring(): void {
        begin({ machine: "resting", probeMs: 3600000, tokensPerSecond: 50 });
        app.machine.measure();
        tryVerify(() => app.machine.measuring, 10000);
        app.chat.send("long");
        tryVerify(() => app.engine.answering);
        tryVerify(() => !app.machine.measuring);
        verify(app.engine.answering);
    }

    function test_page_without_models_says_what_to_do(): void {
        open({ models: "none" });
        verify(shown("noModels"));
    }
}
