# How everything of ours is compiled.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON) # libsidetone is shared
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(SIDETONE_BENCH "build the benchmarks" OFF)
option(SIDETONE_FUZZ "build the fuzz targets (clang)" OFF)
set(SIDETONE_SANITIZE "" CACHE STRING "comma list for -fsanitize=")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(sidetone_warnings INTERFACE)
target_compile_options(sidetone_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Werror
  -Wno-missing-field-initializers) # {.status = 180}: the rest has its defaults

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # libstdc++ 12's own stable_sort uses what the standard deprecates.
  target_compile_options(sidetone_warnings INTERFACE -Wno-deprecated-declarations)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
  # Since 13 it sees uninitialised members in every std::optional of a std::variant that is moved.
  target_compile_options(sidetone_warnings INTERFACE -Wno-maybe-uninitialized)
endif()

add_compile_options(-ffunction-sections -fdata-sections -fno-omit-frame-pointer)
add_link_options(-Wl,--as-needed -Wl,--gc-sections)

if(SIDETONE_SANITIZE)
  add_compile_options(-fsanitize=${SIDETONE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SIDETONE_SANITIZE})
endif()

find_program(SIDETONE_CCACHE ccache)
if(SIDETONE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness lets precompiled headers be cached; base_dir lets two checkouts share.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${SIDETONE_CCACHE})
endif()
find_program(SIDETONE_MOLD mold)
if(SIDETONE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
