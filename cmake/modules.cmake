# Modules that are loaded at run time are found by the run path of who loads them: in the build folder here, and
# beside the library when installed.
set(SIDETONE_MODULE_FOLDER ${CMAKE_BINARY_DIR}/loadable)
list(APPEND CMAKE_BUILD_RPATH ${SIDETONE_MODULE_FOLDER})
list(APPEND CMAKE_INSTALL_RPATH "$ORIGIN/sidetone" "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/sidetone")
if(SIDETONE_SANITIZE)
  # The sanitizer's own dlopen() is the one that calls, and has no run path: the old kind counts for it, too.
  add_link_options(-Wl,--disable-new-dtags)
endif()
