# Modules that are loaded at run time are found by the run path of who loads them: in the build folder here, and
# beside the library when installed.
set(SIDETONE_MODULE_FOLDER ${CMAKE_BINARY_DIR}/loadable)
list(APPEND CMAKE_BUILD_RPATH ${SIDETONE_MODULE_FOLDER})
list(APPEND CMAKE_INSTALL_RPATH "$ORIGIN/sidetone" "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/sidetone")
