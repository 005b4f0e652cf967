# sidetone_fuzz(NAME DEPENDS target...)
#
# Builds fuzz/NAME_fuzz.cpp, a libFuzzer target, as fuzz_NAME. Seeds lie in fuzz/corpus/NAME/. As a test (label
# "fuzz") it reads each seed once and then mutates them for a few seconds; for a longer run:
#   fuzz_NAME -max_total_time=600 <own corpus folder> fuzz/corpus/NAME
# The rooms themselves are instrumented by the preset "fuzz" (fuzzer-no-link in SIDETONE_SANITIZE).
function(sidetone_fuzz name)
  cmake_parse_arguments(FUZZ "" "" "DEPENDS;PRIVATE" ${ARGN})
  set(target fuzz_${name})
  add_executable(${target} ${CMAKE_CURRENT_SOURCE_DIR}/${name}_fuzz.cpp)
  target_link_libraries(${target} PRIVATE sidetone_warnings ${FUZZ_DEPENDS} ${FUZZ_PRIVATE})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  # The first folder takes what the run finds; the seeds stay as they are.
  set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${name})
  file(MAKE_DIRECTORY ${found})
  add_test(NAME ${target} COMMAND ${target} -max_total_time=10 -max_len=8192 -timeout=5 -verbosity=0
           ${found} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  set_tests_properties(${target} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()
