// SPDX-License-Identifier: Apache-2.0
// Frame intervals while a 100-token-a-second answer streams into a conversation of 100,000 tokens,
// beside those of an animation in the idle window. Needs a real renderer:
//   xvfb-run -a -s "-screen 0 1280x900x24" qml_test -input tests/qml/bench
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test
import ".."

Driver {
    id: root

    name: "frames"

    function measured(what: string, seconds: int): real {
        meter.start();
        wait(1000 * seconds);
        const within = share => meter.withinMs(share).toFixed(1);
        console.info(`${what}: ${meter.frames()} frames, 50 % within ${within(0.5)} ms, `
            + `99 % within ${within(0.99)} ms, all within ${within(1)} ms`);
        return meter.withinMs(0.99);
    }

    function test_streaming_into_a_long_conversation(): void {
        failOnWarning(/^$/);
        scene.fill(1, 250, 780);
        begin({ tokensPerSecond: 100, promptTokensPerSecond: 1e7, contextTokens: 1000000,
                width: 1280, height: 900 });
        ready();
        const spinner = ticker.createObject(window.contentItem) as Item;
        meter.window = window;
        tryVerify(() => app.conversations.count === 1);
        app.conversations.select("conversation-0");
        tryVerify(() => app.chat.messages.count > 0);
        wait(2000);
        const idle = measured("idle", 5);
        app.chat.send("long");
        tryVerify(() => app.chat.busy && lastText().length > 200, 20000);
        const streaming = measured("streaming", 10);
        verify(app.chat.busy);
        spinner.destroy();
        verify(streaming < Math.max(16, 1.1 * idle), `${streaming} ms, idle ${idle} ms`);
    }

    FrameMeter {
        id: meter
    }
    Component {
        id: ticker

        Rectangle {
            width: 4
            height: 4
            color: Theme.accent

            NumberAnimation on rotation {
                from: 0
                to: 360
                duration: 2000
                loops: Animation.Infinite
            }
        }
    }
}
