# sidetone_fuzz(NAME DEPENDS target... [PRIVATE library...])
#
# Builds NAME.cpp of the current folder as a libFuzzer target; its seeds lie in corpus/NAME/. As a test (label
# "fuzz") it mutates them for ten seconds. A longer run:
#   NAME -max_total_time=600 <folder for what it finds> fuzz/corpus/NAME
# The rooms themselves are instrumented by the preset "fuzz" (fuzzer-no-link in SIDETONE_SANITIZE).
function(sidetone_fuzz name)
  cmake_parse_arguments(FUZZ "" "" "DEPENDS;PRIVATE" ${ARGN})
  add_executable(${name} ${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE sidetone_warnings ${FUZZ_DEPENDS} ${FUZZ_PRIVATE})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  # The first folder takes what the run finds; the seeds stay as they are.
  set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${name})
  file(MAKE_DIRECTORY ${found})
  add_test(NAME ${name} COMMAND ${name} -max_total_time=10 -max_len=8192 -timeout=5 -verbosity=0
           ${found} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()
