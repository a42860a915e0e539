// SPDX-License-Identifier: Apache-2.0
pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import QtQuick.Templates as T
import Glowworm
import Glowworm.App as App

Item {
    id: root

    required property App.Application app
    property bool sidebarHidden: false
    readonly property App.Settings settings: app.settings
    readonly property list<string> themes: ["system", "light", "dark"]

    signal sidebarRequested
    signal shortcutsRequested

    PageHeader {
        id: header

        width: parent.width
        title: qsTr("Settings")
        sidebarHidden: root.sidebarHidden
        onSidebarRequested: root.sidebarRequested()
    }

    Flickable {
        objectName: "settingsScroll"
        anchors.fill: parent
        anchors.topMargin: header.height
        contentWidth: width
        contentHeight: column.implicitHeight + 48
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {}

        ColumnLayout {
            id: column

            x: Math.round((parent.width - width) / 2)
            y: 24
            width: Math.min(720, parent.width - 48)
            spacing: 16

            InlineMessage {
                Layout.fillWidth: true
                visible: root.settings.restartNeeded
                kind: InlineMessage.Info
                closable: false
                text: qsTr("The data folder changes when Glowworm starts again.")
            }

            SettingGroup {
                Layout.fillWidth: true
                title: qsTr("Appearance")

                SettingRow {
                    Layout.fillWidth: true
                    name: qsTr("Theme")
                    help: qsTr("System follows the desktop")

                    SegmentedControl {
                        objectName: "theme"
                        name: qsTr("Theme")
                        options: [qsTr("System"), qsTr("Light"), qsTr("Dark")]
                        currentIndex: Math.max(0, root.themes.indexOf(root.settings.theme))
                        onChosen: index => root.settings.theme = root.themes[index]
                    }
                }
                SettingRow {
                    Layout.fillWidth: true
                    name: qsTr("Live panel")
                    help: qsTr("Memory, hit rate and latency beside the chat")

                    Switch {
                        objectName: "panelSwitch"
                        text: qsTr("Live panel")
                        checked: root.settings.panelVisible
                        onToggled: root.settings.panelVisible = checked
                    }
                }
            }

            SettingGroup {
                Layout.fillWidth: true
                title: qsTr("Engine")

                SettingRow {
                    Layout.fillWidth: true
                    name: qsTr("Memory for a model when it opens")
                    help: qsTr("In MiB; 0 lets Glowworm choose. The live panel changes it "
                        + "while a model runs.")

                    TextField {
                        objectName: "defaultBudget"
                        Layout.preferredWidth: 120
                        horizontalAlignment: TextInput.AlignRight
                        text: Math.round(root.settings.defaultBudgetBytes / 1048576)
                        validator: IntValidator {
                            bottom: 0
                            top: 16777216
                        }
                        Accessible.name: qsTr("Memory for a model in MiB")
                        onEditingFinished: root.settings.defaultBudgetBytes = Number(text) * 1048576
                    }
                }
                SettingRow {
                    Layout.fillWidth: true
                    name: qsTr("Longest conversation, in tokens")
                    help: qsTr("Memory for it is set aside when a model opens. Takes effect then.")

                    TextField {
                        objectName: "contextTokens"
                        Layout.preferredWidth: 120
                        horizontalAlignment: TextInput.AlignRight
                        text: root.settings.contextTokens
                        validator: IntValidator {
                            bottom: 128
                            top: 1048576
                        }
                        Accessible.name: qsTr("Longest conversation in tokens")
                        onEditingFinished: root.settings.contextTokens = Number(text)
                    }
                }
                SettingRow {
                    Layout.fillWidth: true
                    name: qsTr("Threads")
                    help: qsTr("0: one for each core. Takes effect when a model opens.")

                    TextField {
                        objectName: "threads"
                        Layout.preferredWidth: 120
                        horizontalAlignment: TextInput.AlignRight
                        text: root.settings.threads
                        validator: IntValidator {
                            bottom: 0
                            top: root.settings.threadsMax
                        }
                        Accessible.name: qsTr("Threads")
                        onEditingFinished: root.settings.threads = Number(text)
                    }
                }
            }

            MachineGroup {
                Layout.fillWidth: true
                machine: root.app.machine
            }

            SettingGroup {
                Layout.fillWidth: true
                title: qsTr("Data")

                SettingRow {
                    Layout.fillWidth: true
                    name: qsTr("Data folder")
                    help: root.settings.dataDir

                    Button {
                        text: qsTr("Choose")
                        onClicked: {
                            folder.active = true;
                            (folder.item as FolderDialog).open();
                        }
                    }
                }
            }

            SettingGroup {
                Layout.fillWidth: true
                title: qsTr("About")

                SettingRow {
                    Layout.fillWidth: true
                    name: qsTr("Glowworm %1").arg(root.app.version)
                    help: qsTr("Chats with language models larger than your memory. No "
                        + "account, no telemetry, no network.")

                    Button {
                        text: qsTr("Keyboard shortcuts")
                        icon.source: "qrc:/glowworm/icons/keyboard.svg"
                        onClicked: root.shortcutsRequested()
                    }
                }
            }
        }
    }

    Loader {
        id: folder

        active: false
        sourceComponent: FolderDialog {
            title: qsTr("Data folder")
            onAccepted: root.settings.dataDir = decodeURIComponent(
                selectedFolder.toString().replace(/^file:\/\//, ""))
        }
    }
}
