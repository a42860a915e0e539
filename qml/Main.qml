// SPDX-License-Identifier: Apache-2.0
// The window: conversations at the left, the page in the middle, the live panel at the right.
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

T.ApplicationWindow {
    id: root

    required property App.Application app
    property int page: Pages.Chat
    readonly property bool roomy: width >= 1100
    readonly property bool panelShown: app.settings.panelVisible && page === Pages.Chat
    property bool sidebarWanted: true      // when there is room
    property bool sidebarOverlaid: false   // when there is none
    property rect geometry  // while neither maximized nor minimized
    property bool drawn: false

    width: 1280
    height: 860
    minimumWidth: 720
    minimumHeight: 520
    visible: false  // until it has the place and the size it had
    title: app.chat.title === "" ? "Glowworm" : app.chat.title + " · Glowworm"
    color: Theme.window
    font.family: Application.font.family
    font.pixelSize: Theme.bodySize

    function showPage(wanted: int): void {
        page = wanted;
        sidebarOverlaid = false;
        if (wanted === Pages.Chat)
            chatPage.focusPrompt();
    }

    function startConversation(): void {
        app.newChat();
        showPage(Pages.Chat);
    }

    function toggleSidebar(): void {
        if (roomy)
            sidebarWanted = !sidebarWanted;
        else
            sidebarOverlaid = !sidebarOverlaid;
    }

    function findConversation(): void {
        if (roomy)
            sidebarWanted = true;
        else
            sidebarOverlaid = true;
        sidebar.focusSearch();
    }

    // Escape: out of what lies over the chat, else it ends the answer.
    function goBack(): void {
        if (sidebarOverlaid)
            sidebarOverlaid = false;
        else if (page !== Pages.Chat)
            showPage(Pages.Chat);
        else
            app.chat.stop();
    }

    function copyLastAnswer(): void {
        chatPage.copyLastAnswer();
    }

    function toggleShortcuts(): void {
        shortcutSheet.active = true;
        const sheet = shortcutSheet.item as ShortcutSheet;
        if (sheet.opened)
            sheet.close();
        else
            sheet.open();
    }

    // Where it was, if that is still on a screen; else only as large as it was.
    function restoreGeometry(): void {
        const kept = app.settings.windowGeometry;
        if (kept.width < minimumWidth || kept.height < minimumHeight)
            return;
        const there = Application.screens.some(screen =>
            kept.x + kept.width > screen.virtualX + 80 && kept.y >= screen.virtualY
            && kept.x < screen.virtualX + screen.width - 80
            && kept.y < screen.virtualY + screen.height - 80);
        width = kept.width;
        height = kept.height;
        if (!there)
            return;
        x = kept.x;
        y = kept.y;
    }

    function noteGeometry(): void {
        if (visibility === Window.Windowed)
            geometry = Qt.rect(x, y, width, height);
    }

    function keepGeometry(): void {
        if (geometry.width > 0)
            app.settings.windowGeometry = geometry;
        app.settings.windowMaximized = visibility === Window.Maximized;
    }

    Component.onCompleted: {
        restoreGeometry();
        if (app.settings.windowMaximized)
            showMaximized();
        else
            show();
        chatPage.focusPrompt();
    }
    onXChanged: Qt.callLater(noteGeometry)
    onYChanged: Qt.callLater(noteGeometry)
    onWidthChanged: Qt.callLater(noteGeometry)
    onHeightChanged: Qt.callLater(noteGeometry)
    onClosing: keepGeometry()
    onFrameSwapped: if (!drawn) {
        drawn = true;
        app.windowShown();
    }

    Binding {
        target: Theme
        property: "scheme"
        value: root.app.settings.theme === "dark" ? Theme.Dark
            : root.app.settings.theme === "light" ? Theme.Light : Theme.System
    }
    Binding {
        target: root.app.chat
        property: "darkTheme"
        value: Theme.dark
    }
    Binding {
        target: root.app.telemetry
        property: "visible"
        value: root.panelShown && root.visibility !== Window.Minimized
    }

    ShortcutMap {
        onNewChat: root.startConversation()
        onSearch: root.findConversation()
        onCopyAnswer: root.copyLastAnswer()
        onPanelToggled: root.app.settings.panelVisible = !root.app.settings.panelVisible
        onSidebarToggled: root.toggleSidebar()
        onModels: root.showPage(root.page === Pages.Models ? Pages.Chat : Pages.Models)
        onPreferences: root.showPage(root.page === Pages.Settings ? Pages.Chat : Pages.Settings)
        onHelp: root.toggleShortcuts()
        onQuit: root.close()
        onEscaped: root.goBack()
    }

    NoticeBar {
        id: notice

        width: parent.width
        app: root.app
    }

    Item {
        id: middle

        anchors.fill: parent
        anchors.topMargin: notice.visible ? notice.height : 0
        anchors.leftMargin: root.roomy && root.sidebarWanted ? sidebar.width : 0
        anchors.rightMargin: panel.docked ? panel.width : 0

        ChatPage {
            id: chatPage

            anchors.fill: parent
            visible: root.page === Pages.Chat
            app: root.app
            sidebarHidden: !sidebar.visible
            panelShown: panel.visible
            onSidebarRequested: root.toggleSidebar()
            onPanelRequested: root.app.settings.panelVisible = !root.app.settings.panelVisible
            onModelsRequested: root.showPage(Pages.Models)
        }
        Loader {
            anchors.fill: parent
            active: root.page === Pages.Models
            sourceComponent: ModelsPage {
                app: root.app
                sidebarHidden: !sidebar.visible
                onSidebarRequested: root.toggleSidebar()
                onChatRequested: root.showPage(Pages.Chat)
            }
        }
        Loader {
            anchors.fill: parent
            active: root.page === Pages.Settings
            sourceComponent: SettingsPage {
                app: root.app
                sidebarHidden: !sidebar.visible
                onSidebarRequested: root.toggleSidebar()
                onShortcutsRequested: root.toggleShortcuts()
            }
        }
    }

    Loader {
        id: panel

        readonly property bool docked: active && root.width >= 900

        anchors.right: parent.right
        anchors.top: middle.top
        anchors.bottom: parent.bottom
        width: 328
        active: root.panelShown
        visible: active
        sourceComponent: LivePanel {
            app: root.app
            onCloseRequested: root.app.settings.panelVisible = false
        }
    }

    Rectangle {
        anchors.fill: parent
        visible: root.sidebarOverlaid && !root.roomy
        color: Theme.scrim

        TapHandler {
            onTapped: root.sidebarOverlaid = false
        }
    }
    Sidebar {
        id: sidebar

        anchors.top: middle.top
        anchors.bottom: parent.bottom
        width: Math.min(root.app.settings.sidebarWidth, root.width / 2)
        visible: root.roomy ? root.sidebarWanted : root.sidebarOverlaid
        app: root.app
        page: root.page
        onPageRequested: wanted => root.showPage(wanted)
        onConversationRequested: root.showPage(Pages.Chat)
        onNewRequested: root.startConversation()
        onHideRequested: root.toggleSidebar()
        onWidthRequested: wanted => root.app.settings.sidebarWidth = wanted
    }

    Loader {
        id: shortcutSheet

        active: false
        sourceComponent: ShortcutSheet {}
    }

    Toasts {
        anchors.top: middle.top
        anchors.topMargin: 64
        anchors.horizontalCenter: middle.horizontalCenter
        width: Math.min(560, middle.width - 48)
        app: root.app
    }

    ModelDrop {
        anchors.fill: parent
        models: root.app.models
        onImported: root.showPage(Pages.Models)
    }
}
