# Documents that a program prints must be what it prints now.

if(TARGET cicada-sim)
  add_test(NAME documents.scenario_keys
           COMMAND ${CMAKE_COMMAND} -D SIMULATOR=$<TARGET_FILE:cicada-sim> -D DOCUMENT=${PROJECT_SOURCE_DIR}/scenarios/KEYS.md
                   -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/compare_keys.cmake)
  set_tests_properties(documents.scenario_keys PROPERTIES LABELS tidy TIMEOUT 60)
endif()
