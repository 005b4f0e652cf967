# Seconds until a test is ended. Sanitizers get more: ThreadSanitizer costs up to fifteen times.
function(sidetone_time_limit name seconds)
  if(SIDETONE_SANITIZE)
    math(EXPR seconds "${seconds} * 8")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${seconds})
endfunction()

# Sanitizers stand between a program and dlopen: the loader then searches by their run path, not by the program's, and
# does not find our loadable modules.
set(SIDETONE_TEST_ENVIRONMENT "")
if(SIDETONE_SANITIZE)
  set(SIDETONE_TEST_ENVIRONMENT LD_LIBRARY_PATH=${CMAKE_BINARY_DIR}/loadable)
endif()
if(SIDETONE_SANITIZE MATCHES thread)
  list(APPEND SIDETONE_TEST_ENVIRONMENT TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan.supp)
endif()

# Under sanitizers a case that waits elsewhere computes: fewer of a file run at a time (tests/loopback/side_by_side.py).
if(SIDETONE_SANITIZE MATCHES thread)
  list(APPEND SIDETONE_TEST_ENVIRONMENT SIDETONE_TEST_CASES=1)
elseif(SIDETONE_SANITIZE)
  list(APPEND SIDETONE_TEST_ENVIRONMENT SIDETONE_TEST_CASES=2)
endif()

# What a test weighs, in half cores (tools/run-tests takes whole ones): tests of phones and peers wait most of their time.
set(SIDETONE_COMPUTES 2)
set(SIDETONE_WAITS 1)
if(SIDETONE_SANITIZE)
  set(SIDETONE_WAITS 2)
endif()

# sidetone_test(NAME LABEL label DEPENDS target... [SOURCES file...] [TIMEOUT seconds] [SIDE_BY_SIDE])
# Without SOURCES every .cpp of the current folder is taken. SIDE_BY_SIDE: its cases wait for timers, and need not do so
# one after the other.
find_package(GTest 1.12 REQUIRED)

function(sidetone_test name)
  cmake_parse_arguments(TEST "SIDE_BY_SIDE" "LABEL;TIMEOUT" "DEPENDS;SOURCES;ARGS" ${ARGN})
  if(NOT TEST_SOURCES)
    file(GLOB TEST_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  if(NOT TEST_SOURCES)
    return()
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE sidetone_warnings ${TEST_DEPENDS} GTest::gmock GTest::gtest_main)
  target_compile_options(${name} PRIVATE -Wno-dangling-else) # EXPECT_* inside an unbraced if
  if(TEST_SIDE_BY_SIDE)
    add_test(NAME ${name}
      COMMAND python3 ${CMAKE_SOURCE_DIR}/tests/loopback/gtest_cases.py $<TARGET_FILE:${name}>)
  else()
    add_test(NAME ${name} COMMAND ${name} ${TEST_ARGS})
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${TEST_LABEL} ENVIRONMENT "${SIDETONE_TEST_ENVIRONMENT}")
  sidetone_time_limit(${name} ${TEST_TIMEOUT})
  set(weight ${SIDETONE_COMPUTES})
  if(TEST_SIDE_BY_SIDE OR TEST_LABEL STREQUAL loopback)
    set(weight ${SIDETONE_WAITS})
  endif()
  set_tests_properties(${name} PROPERTIES PROCESSORS ${weight})
endfunction()
