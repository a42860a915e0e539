// SPDX-License-Identifier: Apache-2.0
// What every test of the window shares: a window on a scene, and hands to work it with. A warning
// in the log (a binding loop, a null, a type error) fails the test.
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test

TestCase {
    id: root

    readonly property Scene scene: Scene {}
    property Main window
    property App.Application app

    when: windowShown

    function init(): void {
        failOnWarning(/.?/);
    }

    function cleanup(): void {
        end();
        scene.forget();
    }

    function begin(options: var): void {
        app = scene.start(options);
        window = mainWindow.createObject(null, { app: app, width: options.width ?? 1280,
                                                 height: options.height ?? 860 }) as Main;
        verify(window !== null);
        window.requestActivate();
        tryVerify(() => window.active);
    }

    function end(): void {
        if (window === null)
            return;
        window.destroy();
        window = null;
        wait(0);
        app = null;
        scene.stop();
    }

    // The first item of this name that is in sight, else null.
    function find(parent: Item, name: string): Item {
        if (!parent.visible)
            return null;
        if (parent.objectName === name)
            return parent;
        for (const child of parent.children) {
            const found = find(child, name);
            if (found !== null)
                return found;
        }
        return null;
    }

    function item(name: string): Item {
        tryVerify(() => shown(name), 5000, name + " is not in sight");
        return find(window.contentItem.parent, name);
    }

    function shown(name: string): bool {
        return find(window.contentItem.parent, name) !== null;
    }

    function click(name: string): void {
        tryVerify(() => shown(name), 5000, name + " is not in sight");
        waitForPolish(window);
        mouseClick(item(name));
    }

    function type(text: string): void {
        for (const letter of text)
            keyClick(letter);
    }

    function ready(): void {
        tryVerify(() => app.engine.modelOpen, 5000, "no model");
    }

    // Asks and waits for the whole answer.
    function ask(text: string): void {
        ready();
        write(text);
        keyClick(Qt.Key_Return);
        waitForAnswer();
    }

    function waitForAnswer(): void {
        tryVerify(() => app.chat.messages.count > 0 && !app.chat.busy
            && lastState() !== "streaming",
                  30000, "not answered");
    }

    function write(text: string): void {
        const box = item("prompt") as TextBox;
        box.area.forceActiveFocus();
        box.text = "";
        type(text);
        compare(box.text, text);
    }

    function lastText(): string {
        const messages = app.chat.messages;
        return messages.data(messages.index(messages.count - 1, 0),
            App.MessageListModel.PlainTextRole);
    }

    function lastState(): string {
        const messages = app.chat.messages;
        return messages.data(messages.index(messages.count - 1, 0), App.MessageListModel.StateRole);
    }

    Component {
        id: mainWindow

        Main {}
    }
}
