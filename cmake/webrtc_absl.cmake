# Debian marks Abseil's names with an inline namespace per release (absl::debian7). Debian 13's libtg_owt.a was
# compiled with an older Abseil than the release ships: its names are absl::debian5, and nothing defines them.
# Where the two differ, what includes WebRTC's headers is compiled with the archive's mark, and the few
# functions that the archive calls are defined by src/absl_of_webrtc. docs/decisions/0007 tells more.
get_target_property(archive tg_owt::tg_owt IMPORTED_LOCATION_NONE)
if(NOT archive)
  get_target_property(archive tg_owt::tg_owt IMPORTED_LOCATION)
endif()
if(NOT archive)
  find_file(archive libtg_owt.a PATH_SUFFIXES lib lib/${CMAKE_LIBRARY_ARCHITECTURE} PATHS /usr REQUIRED)
endif()
find_file(absl_options absl/base/options.h PATHS /usr/include REQUIRED)

execute_process(COMMAND sh -c "nm '${archive}' 2>/dev/null | grep -m 1 -oE '4absl(7debian[0-9]|8debian[0-9][0-9])'"
                OUTPUT_VARIABLE archive_mark OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REGEX REPLACE "^4absl[78]" "" archive_mark "${archive_mark}") # mangled: each name behind its length
file(READ ${absl_options} options)
string(REGEX MATCH "define ABSL_OPTION_INLINE_NAMESPACE_NAME +([A-Za-z0-9_]+)" line "${options}")
set(installed_mark "${CMAKE_MATCH_1}")

if(archive_mark AND installed_mark AND NOT archive_mark STREQUAL installed_mark)
  message(STATUS "WebRTC was compiled with absl::${archive_mark}, installed is absl::${installed_mark}: bridged")
  set(shadow ${CMAKE_BINARY_DIR}/absl_of_webrtc)
  string(REPLACE "define ABSL_OPTION_INLINE_NAMESPACE_NAME ${installed_mark}"
                 "define ABSL_OPTION_INLINE_NAMESPACE_NAME ${archive_mark}" options "${options}")
  file(WRITE ${shadow}/absl/base/options.h.new "${options}")
  file(COPY_FILE ${shadow}/absl/base/options.h.new ${shadow}/absl/base/options.h ONLY_IF_DIFFERENT)
  add_library(absl_of_webrtc STATIC ${CMAKE_SOURCE_DIR}/src/absl_of_webrtc/called_functions.cpp)
  target_include_directories(absl_of_webrtc BEFORE PUBLIC ${shadow})
  target_include_directories(webrtc_native BEFORE INTERFACE ${shadow})
  target_link_libraries(webrtc_native INTERFACE absl_of_webrtc)
endif()
