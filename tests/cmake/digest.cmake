# Equal seed, equal digest: one test for each scenario in tests/digest, over this build of cicada-sim and those that
# tools/test names in the environment.

find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
set(digest_test ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/digest/digest_test.py)

add_test(NAME digest.self_test COMMAND ${digest_test} --self-test)
set_tests_properties(digest.self_test PROPERTIES LABELS digest TIMEOUT 60)

if(TARGET cicada-sim)
  file(GLOB scenarios CONFIGURE_DEPENDS digest/*.yaml)
  if(NOT scenarios)
    # The program fails on the empty list: a digest test that compares nothing must not pass.
    set(scenarios none)
  endif()
  foreach(scenario IN LISTS scenarios)
    get_filename_component(name ${scenario} NAME_WE)
    if(scenario STREQUAL "none")
      unset(scenario)
    endif()
    add_test(NAME digest.${name} COMMAND ${digest_test} --simulator this=$<TARGET_FILE:cicada-sim>
                                         --scenarios ${scenario})
    set_tests_properties(digest.${name} PROPERTIES LABELS digest TIMEOUT 900)
  endforeach()
endif()
