# Libraries that others keep. Debian 12 has the lowest versions that we build with.
if(POLICY CMP0167)
  cmake_policy(SET CMP0167 NEW) # Boost brings its own package file
endif()
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(pugixml 1.13 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED) # the archive of `sidetone diagnostics`
find_package(tl-expected REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libpulse REQUIRED IMPORTED_TARGET libpulse>=14) # cubeb's own; we watch devices with it
pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares>=1.18)
pkg_check_modules(srtp REQUIRED IMPORTED_TARGET libsrtp2>=2.5)
pkg_check_modules(kissfft REQUIRED IMPORTED_TARGET kissfft-float) # the judge of speech

# Boost.Asio, for net and what stands on it. GCC warns that ThreadSanitizer does not model the fences in it.
add_library(asio_native INTERFACE)
target_link_libraries(asio_native INTERFACE Boost::headers Threads::Threads)
if(SIDETONE_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(asio_native INTERFACE -Wno-tsan)
endif()

find_library(SIDETONE_CUBEB_LIBRARY cubeb REQUIRED)
find_path(SIDETONE_CUBEB_INCLUDE cubeb/cubeb.h REQUIRED)
add_library(cubeb_native INTERFACE)
target_include_directories(cubeb_native SYSTEM INTERFACE ${SIDETONE_CUBEB_INCLUDE})
target_link_libraries(cubeb_native INTERFACE ${SIDETONE_CUBEB_LIBRARY})

# The only way to Google's WebRTC native code. The packaged library was compiled with its debug
# checks on, and they change the layout of classes: who includes its headers must not define NDEBUG.
# Its imported target names some eighty shared libraries; --as-needed keeps the few that are used.
find_package(tg_owt REQUIRED)
add_library(webrtc_native INTERFACE)
target_link_libraries(webrtc_native INTERFACE tg_owt::tg_owt)
target_compile_options(webrtc_native INTERFACE -UNDEBUG -Wno-deprecated-declarations)
target_link_options(webrtc_native INTERFACE -Wl,--as-needed)
include(webrtc_absl)
