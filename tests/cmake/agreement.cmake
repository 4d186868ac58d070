# One scenario in both worlds, tests/agreement: the simulator, and as many processes of cicada-node.

find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

if(TARGET cicada-node AND TARGET cicada_net_sim AND CICADA_REPOSITORY_TESTS)
  add_executable(lookups_of agreement/lookups_of.cpp)
  target_link_libraries(lookups_of PRIVATE cicada_net_sim cicada_build_flags)
  add_test(NAME node.agreement COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/agreement/agreement_test.py)
  # It measures times.
  set_tests_properties(
    node.agreement
    PROPERTIES LABELS node TIMEOUT 600 RUN_SERIAL ON ENVIRONMENT
               "CICADA_NODE=$<TARGET_FILE:cicada-node>;CICADA_LOOKUPS_OF=$<TARGET_FILE:lookups_of>")
endif()
