// SPDX-License-Identifier: Apache-2.0
// The window itself: its place and size, the list's width, what is dropped on it.
import QtQuick
import QtTest
import Glowworm
import Glowworm.App as App
import Glowworm.Test

Driver {
    id: root

    name: "window"

    function closeWindow(): void {
        window.close();
        tryVerify(() => !window.visible);
        end();
    }

    function test_place_and_size_are_there_after_a_restart(): void {
        begin({});
        window.x = 40;
        window.y = 30;
        window.width = 1111;
        window.height = 707;
        tryVerify(() => window.geometry.width === 1111 && window.geometry.height === 707
            && window.geometry.x === window.x && window.geometry.y === window.y);
        const x = window.geometry.x;
        const y = window.geometry.y;
        closeWindow();
        begin({});
        tryCompare(window, "width", 1111);
        tryCompare(window, "height", 707);
        tryCompare(window, "x", x);
        tryCompare(window, "y", y);
    }

    function test_a_place_that_is_gone_is_not_taken(): void {
        begin({});
        app.settings.windowGeometry = Qt.rect(9000, 9000, 1000, 700);
        end();
        begin({});
        tryCompare(window, "width", 1000);
        verify(window.x < 9000);
        verify(window.y < 9000);
    }

    function test_a_maximized_window_is_so_again_and_keeps_its_size(): void {
        begin({});
        tryVerify(() => window.geometry.width === 1280);
        window.showMaximized();
        tryVerify(() => window.visibility === Window.Maximized);
        closeWindow();
        begin({});
        tryVerify(() => window.visibility === Window.Maximized);
        compare(app.settings.windowMaximized, true);
        compare(app.settings.windowGeometry.width, 1280);
    }

    function test_the_lists_edge_is_dragged_and_stays_where_it_is(): void {
        begin({});
        const edge = item("sidebarEdge");
        const before = app.settings.sidebarWidth;
        mousePress(edge, 3, 300);
        for (let step = 1; step <= 8; ++step)
            mouseMove(edge, 13, 300, 10);
        mouseRelease(edge, 3, 300);
        tryVerify(() => app.settings.sidebarWidth > before + 40);
        const wide = app.settings.sidebarWidth;
        compare(edge.parent.width, wide);
        end();
        begin({});
        compare(item("sidebarEdge").parent.width, wide);
        mouseDoubleClickSequence(item("sidebarEdge"), 3, 300);
        tryCompare(app.settings, "sidebarWidth", before);
    }

    function test_a_dropped_file_is_imported(): void {
        begin({});
        ready();
        scene.drop(window, "file:///tmp/dropped-model.gguf");
        tryVerify(() => shown("models"));
        tryVerify(() => app.models.count === 2);
    }

    function test_a_dropped_text_is_not(): void {
        begin({});
        ready();
        scene.drop(window, "");
        wait(50);
        compare(app.models.count, 1);
        verify(!shown("models"));
    }
}
