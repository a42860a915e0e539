# SPDX-License-Identifier: Apache-2.0
# What is installed, and the .deb: `cmake --install BUILD`, or `cpack -G DEB` in the build folder.
include(GNUInstallDirs)
set(id org.glowworm.Glowworm)
foreach(program glowworm glowworm-cli)
    if(TARGET ${program})
        install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
endforeach()
install(FILES packaging/desktop/${id}.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
install(FILES packaging/desktop/${id}.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
install(FILES resources/icons/glowworm.svg RENAME ${id}.svg
    DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/glowworm)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME glowworm)
set(CPACK_PACKAGE_CONTACT "The Glowworm developers <glowworm@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What no shared library names: QML modules, the SQLite driver, icons' format, a font.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "qml6-module-qtquick, qml6-module-qtquick-controls, \
qml6-module-qtquick-layouts, qml6-module-qtquick-dialogs, qml6-module-qtquick-templates, \
qml6-module-qtquick-window, qml6-module-qtquick-effects, qml6-module-qtquick-shapes, \
qml6-module-qtqml-workerscript, qml6-module-qtcore, qml6-module-qtqml, \
qml6-module-qt-labs-folderlistmodel, libqt6sql6-sqlite, qt6-svg-plugins, fonts-inter")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "qt6-wayland, fonts-noto-core")
include(CPack)
