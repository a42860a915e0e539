// SPDX-License-Identifier: Apache-2.0
// Pictures of every page on the fake engine, for looking at and for the README. Not a test:
//   SHOTS=/tmp/shots xvfb-run -a -s "-screen 0 2600x1500x24" qml_test -input tests/qml/screenshots/shots.qml
// SHOTS_ONLY=chat,models makes only these. Files are NAME-THEME-WIDTHxHEIGHT.png.
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test
import ".."

Driver {
    id: root

    readonly property string folder: scene.environment("SHOTS")
    readonly property string only: scene.environment("SHOTS_ONLY")
    readonly property list<string> names: ["chat", "long", "welcome", "starter", "nomodel",
        "failed",
        "models", "forecasts", "unmeasured", "settings", "machine", "measuring", "shortcuts", "options", "undo"]

    name: "shots"

    function test_scenes_data(): list<var> {
        const rows = [];
        for (const name of names) {
            if (only !== "" && !only.split(",").includes(name))
                continue;
            for (const theme of ["light", "dark"])
                for (const size of [[1024, 700], [1280, 900], [2560, 1440]])
                    rows.push({ tag: `${name}-${theme}-${size[0]}x${size[1]}`, name: name,
                                theme: theme, width: size[0], height: size[1] });
        }
        return rows;
    }

    function test_scenes(row: var): void {
        if (folder === "")
            skip("SHOTS names no folder");
        const models = row.name === "starter" ? "starter" : row.name === "nomodel" ? "none"
            : row.name === "failed" ? "broken" : row.name === "models" ? "all"
            : row.name === "forecasts" ? "large" : "usual";
        if (row.name === "undo")
            scene.fill(9, 2, 60);
        const unknown = row.name === "unmeasured" || row.name === "measuring";
        begin({ models: models, machine: unknown ? "" : "known", probeMs: 4000,
                theme: row.theme, width: row.width, height: row.height,
                stepMs: models === "starter" || models === "all" ? 600 : 20 });
        play(row.name);
        wait(400);
        grabImage(window.contentItem).save(`${folder}/${row.tag}.png`);
    }

    function play(name: string): void {
        switch (name) {
        case "chat":
            ask("table code");
            app.engine.budgetBytes = app.engine.budgetBytes * 1.3;
            app.chat.send("a list, please");
            waitForAnswer();
            break;
        case "long":
            ask("words arabic html");
            break;
        case "starter":
            wait(1500);
            write("What is a glow-worm");
            break;
        case "failed":
            tryVerify(() => app.engine.state === App.EngineController.Failed);
            break;
        case "models":
        case "forecasts":
        case "unmeasured":
            window.showPage(Pages.Models);
            break;
        case "machine":
            window.showPage(Pages.Settings);
            waitForPolish(window);
            const scroll = item("settingsScroll") as Flickable;
            scroll.contentY = scroll.contentHeight - scroll.height;
            break;
        case "measuring":
            window.showPage(Pages.Models);
            app.machine.measure();
            wait(1500);
            break;
        case "settings":
            window.showPage(Pages.Settings);
            break;
        case "shortcuts":
            window.toggleShortcuts();
            break;
        case "options":
            click("chatOptions");
            break;
        case "undo":
            tryVerify(() => app.conversations.count > 0);
            app.conversations.remove("conversation-4");
            break;
        default:
            wait(1200);
        }
    }
}
