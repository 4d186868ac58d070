# Scenarios as tests: every one must be valid, and those listed in tests/scenarios.txt are run; their `expect` decides.

if(TARGET cicada-sim)
  file(GLOB_RECURSE scenarios CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/scenarios/*.yaml)
  foreach(scenario IN LISTS scenarios)
    add_test(NAME check:${scenario} COMMAND cicada-sim check ${scenario} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(check:${scenario} PROPERTIES LABELS scenario TIMEOUT 60)
  endforeach()

  file(STRINGS scenarios.txt listed REGEX "^[^#]")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS scenarios.txt)
  foreach(scenario IN LISTS listed)
    string(MAKE_C_IDENTIFIER ${scenario} folder)
    add_test(NAME run:${scenario}
             COMMAND cicada-sim run ${scenario} --out ${CMAKE_CURRENT_BINARY_DIR}/scenario-output/${folder}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(run:${scenario} PROPERTIES LABELS scenario TIMEOUT 600)
  endforeach()
endif()
