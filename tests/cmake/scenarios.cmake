# Scenarios as tests: every one must be valid, those listed in tests/scenarios.txt are run, and those in tests/sweeps.txt
# are swept; their `expect` and `sweep.expect` decide.

if(TARGET cicada-sim)
  file(GLOB_RECURSE scenarios CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/scenarios/*.yaml)
  foreach(scenario IN LISTS scenarios)
    add_test(NAME check:${scenario} COMMAND cicada-sim check ${scenario} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(check:${scenario} PROPERTIES LABELS scenario TIMEOUT 60)
  endforeach()

  foreach(mode run sweep)
    if(mode STREQUAL run)
      set(list scenarios.txt)
    else()
      set(list sweeps.txt)
    endif()
    file(STRINGS ${list} listed REGEX "^[^#]")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
    foreach(scenario IN LISTS listed)
      string(MAKE_C_IDENTIFIER ${scenario} folder)
      add_test(NAME ${mode}:${scenario}
               COMMAND cicada-sim ${mode} ${scenario} --out ${CMAKE_CURRENT_BINARY_DIR}/scenario-output/${mode}-${folder}
               WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
      set_tests_properties(${mode}:${scenario} PROPERTIES LABELS scenario TIMEOUT 600)
    endforeach()
  endforeach()
endif()
